// Written by scripts/wire.py from the structs of the server: change those, not this.

/** A UUID, in lower case. */
export type Id = string;
/** RFC 3339 in UTC with six fractional digits: sorts as text. */
export type Time = string;

/** The stable codes of what goes wrong over HTTP. */
export type ErrorCode = 'VALIDATION_ERROR' | 'UNAUTHORIZED' | 'FORBIDDEN' | 'BLOCKED' | 'NOT_FOUND' | 'METHOD_NOT_ALLOWED' | 'CONFLICT' | 'PRECONDITION_FAILED' | 'PAYLOAD_TOO_LARGE' | 'UNSUPPORTED_MEDIA_TYPE' | 'RANGE_NOT_SATISFIABLE' | 'UPGRADE_REQUIRED' | 'RATE_LIMITED' | 'CHECKSUM_MISMATCH' | 'INTERNAL_ERROR' | 'UNAVAILABLE' | 'STORAGE_FULL';

/**
 * `auth_failed`: a close follows.
 */
export interface AuthFailed {
  message: string;
}

/**
 * A token: the first one, or a fresh one for the same user.
 */
export interface AuthPayload {
  token: string;
}

/**
 * A block, for the blocker.
 */
export interface Block {
  id: Id;
  blockedUser: User;
  createdAt: Time;
}

/**
 * `data` of the block list.
 */
export interface BlockList {
  blocks: Block[];
  meta: CursorMeta;
}

/**
 * Whom to block or unblock.
 */
export interface BlockPayload {
  username: string;
}

/**
 * Both directions between two users.
 */
export interface BlockStatus {
  isBlocked: boolean;
  isBlockedBy: boolean;
  canSendMessage: boolean;
}

/**
 * A message with its neighbours, newest first, and where to go on in either direction.
 */
export interface Context {
  messages: Message[];
  targetMessageId: Id;
  hasMoreBefore: boolean;
  hasMoreAfter: boolean;
  beforeCursor?: string;
  afterCursor?: string;
}

/**
 * A conversation as the viewer's list shows it.
 */
export interface Conversation {
  id: Id;
  otherUser: User;
  lastMessage: MessagePreview | null;
  unreadCount: number;
  updatedAt: Time;
  isBlocked: boolean;
}

/**
 * `conversation.deleted`, to its owner's devices: out of the list, with its history so far.
 */
export interface ConversationDeleted {
  conversationId: Id;
  unreadCount: number;
  totalUnread: number;
}

/**
 * `data` of the conversation list.
 */
export interface ConversationList {
  conversations: Conversation[];
  meta: CursorMeta;
}

/**
 * `conversation.updated` after a message: the same for both users.
 */
export interface ConversationPreview {
  conversationId: Id;
  lastMessage: MessagePreview;
}

/**
 * `conversation.updated` as a first frame: opened, changed by a block of the other user, or that user shows otherwise now.
 */
export interface ConversationUpdated {
  conversationId: Id;
  unreadCount: number;
  totalUnread: number;
  lastMessage?: MessagePreview | null;
  isBlocked?: boolean;
  hidden?: boolean;
  conversation?: Conversation;
  otherUser?: User;
}

/**
 * Where a list goes on; no `nextCursor` on the last page.
 */
export interface CursorMeta {
  hasMore: boolean;
  nextCursor?: string;
}

/**
 * A conversation that is out of the caller's list.
 */
export interface DeletedConversation {
  conversationId: Id;
}

/**
 * A message that is gone.
 */
export interface DeletedMessage {
  conversationId: Id;
  messageId: Id;
  deletedAt: Time;
}

/**
 * `message.delivered`, to the sender: all up to this message reached the partner.
 */
export interface Delivered {
  conversationId: Id;
  upTo: Id;
  deliveredAt: Time;
}

/**
 * `error`: a command was refused, or what came in is none. `retryAfter` in whole seconds.
 */
export interface CommandError {
  code: ErrorCode | 'INVALID_MESSAGE' | 'UNKNOWN_EVENT';
  message: string;
  tempId?: string;
  details?: Record<string, unknown>;
  retryAfter?: number;
}

/**
 * What went wrong, for programs. `retryAfter` in whole seconds.
 */
export interface ErrorInfo {
  code: ErrorCode;
  message: string;
  requestId: string;
  details?: Record<string, unknown>;
  retryAfter?: number;
}

/**
 * Facts as whole socket frames, and where to go on.
 */
export interface EventList {
  events: Frame[];
  position: number;
  epoch: string;
  hasMore: boolean;
}

/**
 * In place of events when catching up is not possible: take a snapshot, go on from `position`.
 */
export interface EventReset {
  reset: true;
  reason: 'ahead' | 'epoch' | 'expired' | 'too_far';
  position: number;
  epoch: string;
}

/**
 * A file's address without a token, for the caller alone until `expiresAt`; `thumbnailUrl` if it has one.
 */
export interface FileLink {
  id: Id;
  url: string;
  expiresAt: Time;
  thumbnailUrl?: string;
}

/**
 * `data` of signed links: of what the caller may not see there is none.
 */
export interface FileLinkList {
  links: FileLink[];
}

/**
 * `data` of the files gallery.
 */
export interface FileList {
  files: GalleryItem[];
  meta: CursorMeta;
}

/**
 * A file to send, by the `id` or the `url` that its upload was answered with; what else is said of it is not believed.
 */
export interface FileRef {
  id?: Id | null;
  url?: string | null;
}

/**
 * A file of a gallery, and the message that carries it.
 */
export interface GalleryItem {
  id: Id;
  type: 'image' | 'video' | 'audio' | 'file';
  url: string;
  filename: string;
  originalFilename: string;
  size: number;
  mimeType: string;
  uploadedAt: Time;
  thumbnailUrl?: string;
  width?: number;
  height?: number;
  duration?: number;
  waveform?: number[];
  placeholder?: string;
  messageId: Id;
  senderId: Id;
  createdAt: Time;
}

/**
 * `auth_success`, `connection.success`: everything up to `position` was sent on this connection.
 */
export interface Hello {
  userId: Id;
  connectionId: Id;
  connectedAt: Time;
  position: number;
  epoch: string;
}

/**
 * A URL of a conversation.
 */
export interface Link {
  url: string;
  messageId: Id;
  senderId: Id;
  createdAt: Time;
}

/**
 * `data` of the links gallery.
 */
export interface LinkList {
  links: Link[];
  meta: CursorMeta;
}

/**
 * The caller's own profile and settings: the body of `/users/me` and of `settings.updated`.
 */
export interface Me {
  id: Id;
  username: string;
  displayName: string;
  avatar: string;
  whoCanMessage: 'everyone' | 'followers' | 'none';
  sendReadReceipts: boolean;
  showLastSeen: boolean;
}

/**
 * A file of a message. Both names are the cleaned original; URLs want a token, or a signed link.
 */
export interface Media {
  id: Id;
  type: 'image' | 'video' | 'audio' | 'file';
  url: string;
  filename: string;
  originalFilename: string;
  size: number;
  mimeType: string;
  uploadedAt: Time;
  thumbnailUrl?: string;
  width?: number;
  height?: number;
  duration?: number;
  waveform?: number[];
  placeholder?: string;
}

/**
 * `data` of the media gallery: images and videos.
 */
export interface MediaList {
  media: GalleryItem[];
  meta: CursorMeta;
}

/**
 * A message. `media` is empty for text; `tempId` goes to its sender alone.
 *
 * `content` is empty of a deleted one, which a key may still name.
 */
export interface Message {
  id: Id;
  conversationId: Id;
  senderId: Id;
  receiverId: Id;
  type: 'text' | 'image' | 'video' | 'file';
  content: string | null;
  media: Media[];
  status: 'delivered' | 'read' | 'sent';
  isRead: boolean;
  createdAt: Time;
  updatedAt: Time;
  sender?: User;
  tempId?: string;
  readAt?: Time;
  deletedAt?: Time;
}

/**
 * `message.deleted`: gone for both.
 */
export interface MessageDeleted {
  conversationId: Id;
  messageId: Id;
  deletedAt: Time;
  unreadCount: number;
  totalUnread: number;
}

/**
 * `message.error`: follows the `error` of a failed `message.send`.
 */
export interface MessageError {
  tempId: string | null;
  error: string;
  code: ErrorCode | 'INVALID_MESSAGE' | 'UNKNOWN_EVENT';
}

/**
 * `data` of a history.
 */
export interface MessageList {
  messages: Message[];
  meta: CursorMeta;
}

/**
 * `message.new`: absolute counts after it; `conversation` when it appears in this user's list with it.
 */
export interface MessageNew {
  message: Message;
  unreadCount: number;
  totalUnread: number;
  conversation?: Conversation;
}

/**
 * `message.sent`: the answer to `message.send`; `replayed` when its key already named the message, then without counts.
 */
export interface MessageSent {
  tempId: string | null;
  message: Message;
  unreadCount?: number;
  totalUnread?: number;
  conversation?: Conversation;
  replayed?: boolean;
}

/**
 * A message in a preview.
 */
export interface MessagePreview {
  id: Id;
  senderId: Id;
  type: 'text' | 'image' | 'video' | 'file';
  content: string | null;
  createdAt: Time;
  isRead: boolean;
}

/**
 * `notification.unread`; after a replay of no conversation.
 */
export interface NotificationUnread {
  conversationId: Id | null;
  totalUnread: number;
  unreadCount?: number;
}


/**
 * `pong`.
 */
export interface Pong {
  timestamp: Time;
  serverTime: Time;
  position: number;
}

/**
 * `message.read_ack`, to the reader. Nothing marked: 0 and null. `upTo`: all up to this message was read.
 *
 * Where single messages were read, the newest 100 of them stand in place of `upTo`.
 */
export interface ReadAck {
  conversationId: Id;
  markedCount: number;
  readAt: Time | null;
  unreadCount: number;
  totalUnread: number;
  upTo?: Id;
  messageIds?: Id[];
}

/**
 * What a read marked; nothing: 0 and null.
 */
export interface Read {
  markedCount: number;
  readAt: Time | null;
}

/**
 * What to mark as read: all, or all up to a message.
 */
export interface ReadPayload {
  conversationId: Id;
  messageId?: Id | null;
}

/**
 * `message.read_update`, to the sender: the newest 100 ids at most.
 */
export interface ReadUpdate {
  conversationId: Id;
  messageIds: Id[];
  count: number;
  readBy: Id;
  readAt: Time;
  upTo?: Id;
}

/**
 * `resume.done`: what was missed has been sent.
 */
export interface ResumeDone {
  position: number;
  epoch: string;
}

/**
 * From where to catch up.
 */
export interface ResumePayload {
  since: number | string;
  epoch?: string | null;
}

/**
 * `resume.reset`: take a snapshot; live goes on after `position`.
 */
export interface ResumeReset {
  position: number;
  epoch: string;
  reason: 'ahead' | 'epoch' | 'expired' | 'too_far';
}

/**
 * A message to send: 1 to 10,000 characters, which media may lack. A UUID as `tempId` names the send for ever.
 */
export interface SendBody {
  content?: string | null;
  type?: 'file' | 'image' | 'text' | 'video';
  media?: FileRef[] | null;
  tempId?: string | null;
}

/**
 * A message, or files that were uploaded before. `tempId` is echoed; a UUID names the send for ever.
 */
export interface SendPayload {
  conversationId: Id;
  content?: string | null;
  tempId?: string | null;
  type?: 'file' | 'image' | 'text' | 'video';
  media?: FileRef[] | null;
}

/**
 * Who signed in, and their tokens; `expiresIn` is seconds of the access token.
 */
export interface SignedIn {
  user: Me;
  accessToken: string;
  refreshToken: string;
  expiresIn: number;
}

/**
 * `status.bulk`: who of the 500 most recent partners is online.
 */
export interface StatusBulk {
  statuses: Record<string, boolean>;
}

/**
 * `typing.start`, `typing.stop`.
 */
export interface Typing {
  conversationId: Id;
  userId: Id;
}

/**
 * Where somebody types.
 */
export interface TypingPayload {
  conversationId: Id;
}

/**
 * The caller's total, under its three names.
 */
export interface Unread {
  unreadCount: number;
  count: number;
  totalUnread: number;
}

/**
 * What to change; what is left out stays. `avatar` may be called `avatarUrl`; "" is none.
 *
 * A username cannot be changed. Unknown fields are refused: a misspelt setting must not pass for one that was set.
 */
export interface SettingsChange {
  displayName?: string | null;
  avatar?: string | null;
  avatarUrl?: string | null;
  whoCanMessage?: 'everyone' | 'followers' | 'none';
  sendReadReceipts?: boolean;
  showLastSeen?: boolean;
}

/**
 * What a resumable upload has become; nothing as long as it is not finished.
 */
export interface Upload {
  media: Media[];
}

/**
 * `data` of a search.
 */
export interface UserList {
  users: User[];
  meta: CursorMeta;
}

/**
 * `user.offline`; `lastSeen` where it may be known.
 */
export interface UserOffline {
  userId: Id;
  offlineAt: Time;
  lastSeen?: Time;
}

/**
 * `user.online`.
 */
export interface UserOnline {
  userId: Id;
  onlineAt: Time;
}

/**
 * Another user. Without a display name the username, without an avatar "".
 */
export interface User {
  id: Id;
  username: string;
  displayName: string;
  avatar: string;
  isOnline: boolean;
  lastSeen?: Time;
}

/** What the server sends. `position`: a durable fact's place in this user's log; `id`: of the command that it answers. */
export type Frame =
  | { type: 'auth_success'; payload: Hello; id?: string | number }
  | { type: 'connection.success'; payload: Hello }
  | { type: 'auth_failed'; payload: AuthFailed; id?: string | number }
  | { type: 'status.bulk'; payload: StatusBulk }
  | { type: 'pong'; payload: Pong; id?: string | number }
  | { type: 'resume.done'; payload: ResumeDone; id?: string | number }
  | { type: 'resume.reset'; payload: ResumeReset; id?: string | number }
  | { type: 'error'; payload: CommandError; id?: string | number }
  | { type: 'message.error'; payload: MessageError; id?: string | number }
  | { type: 'message.new'; payload: MessageNew; position?: number }
  | { type: 'message.sent'; payload: MessageSent; position?: number; id?: string | number }
  | { type: 'message.read_ack'; payload: ReadAck; position?: number; id?: string | number }
  | { type: 'message.read_update'; payload: ReadUpdate; position?: number }
  | { type: 'message.delivered'; payload: Delivered; position?: number }
  | { type: 'message.deleted'; payload: MessageDeleted; position?: number }
  | { type: 'conversation.deleted'; payload: ConversationDeleted; position?: number }
  | { type: 'conversation.updated'; payload: ConversationPreview }
  | { type: 'conversation.updated'; payload: ConversationUpdated; position?: number }
  | { type: 'notification.unread'; payload: NotificationUnread }
  | { type: 'block.added'; payload: Block; position?: number; id?: string | number }
  | { type: 'block.removed'; payload: Block; position?: number; id?: string | number }
  | { type: 'settings.updated'; payload: Me; position?: number }
  | { type: 'typing.start'; payload: Typing }
  | { type: 'typing.stop'; payload: Typing }
  | { type: 'user.online'; payload: UserOnline }
  | { type: 'user.offline'; payload: UserOffline };

/** What a client sends; `id` comes back with the answer. */
export type Command =
  | { type: 'auth'; payload: AuthPayload; id?: string | number }
  | { type: 'ping'; id?: string | number }
  | { type: 'message.send'; payload: SendPayload; id?: string | number }
  | { type: 'message.read'; payload: ReadPayload; id?: string | number }
  | { type: 'typing.start'; payload: TypingPayload; id?: string | number }
  | { type: 'typing.stop'; payload: TypingPayload; id?: string | number }
  | { type: 'block.add'; payload: BlockPayload; id?: string | number }
  | { type: 'block.remove'; payload: BlockPayload; id?: string | number }
  | { type: 'resume'; payload: ResumePayload; id?: string | number };

export type FrameType = Frame['type'];
export type FrameOf<T extends FrameType> = Extract<Frame, { type: T }>;
