"""REST of dialect B: one short method per endpoint (RB, RN): decode, one call to the core, encode. No rule, no SQL.

Paths are in routes.py, bodies in bodies.py, parameters in parameters.py, errors in errors.py.
"""

from dataclasses import dataclass

from litestar.params import JSONBody
from msgspec import Raw

from duologue.api.answers import REPLAYED, Answer, Envelope, FileAnswer, NoContent, ok, snapshot
from duologue.api.bearer import Call
from duologue.api.cursors import decode_cursor
from duologue.api.files import FileServing, LinksBody
from duologue.api.parameters import (
    DEFAULT_EVENTS,
    MOST_EVENTS,
    MOST_WAIT,
    EpochText,
    EventsLimitText,
    KeyText,
    SinceText,
    WaitText,
    key_of,
    number,
)
from duologue.api.snake.bodies import (
    BlockedUserListResponse,
    BlockUserRequest,
    CanMessageResponse,
    ConversationListResponse,
    CreateConversationRequest,
    DeletedConversationResponse,
    DeletedMessageResponse,
    EventListResponse,
    EventResetResponse,
    FileLinkResponse,
    FileLinksResponse,
    MarkReadResponse,
    MessageListResponse,
    SendMessageRequest,
    UnreadCountResponse,
    UploadResponse,
)
from duologue.api.snake.forms import TYPES, Forms
from duologue.api.snake.parameters import (
    DEFAULT_BLOCKED,
    DEFAULT_CONVERSATIONS,
    DEFAULT_MESSAGES,
    MOST_BLOCKED,
    MOST_CONVERSATIONS,
    MOST_MESSAGES,
    AfterText,
    BeforeText,
    BlockedLimitText,
    ConversationId,
    ConversationsLimitText,
    CursorText,
    FileId,
    FilterText,
    MessageId,
    MessagesLimitText,
    PageText,
    UnreadOnlyText,
    UploadId,
    UserId,
    boolean_of,
    filter_of,
    id_of,
    page_of,
)
from duologue.api.snake.wire import (
    SEND_LIMIT,
    TEMP_ID,
    BlockedUserResponse,
    ConversationResponse,
    MessageResponse,
    files_of,
)
from duologue.api.tus import Tus, options
from duologue.api.wire import send_key
from duologue.core.blocks import Blocks
from duologue.core.conversations import Conversations
from duologue.core.files import FileRules
from duologue.core.history import History, Where
from duologue.core.limits import charge
from duologue.core.messages import Messages
from duologue.core.model import MessageType
from duologue.core.ports import Limiter
from duologue.core.receipts import Receipts
from duologue.core.resumable import Resumable
from duologue.core.sends import Draft, Sends
from duologue.core.uploads import Uploads
from duologue.core.users import Users
from duologue.realtime.codec import Codec
from duologue.realtime.polls import Polls
from duologue.realtime.resume import parse_since


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What the endpoints call."""

    conversations: Conversations
    history: History
    messages: Messages
    sends: Sends
    receipts: Receipts
    blocks: Blocks
    users: Users
    uploads: Uploads
    resumable: Resumable
    serving: FileServing
    polls: Polls
    limiter: Limiter
    codec: Codec


class Rest:
    """The endpoints of dialect B."""

    def __init__(self, services: Services) -> None:
        self._conversations = services.conversations
        self._history = services.history
        self._messages = services.messages
        self._sends = services.sends
        self._receipts = services.receipts
        self._blocks = services.blocks
        self._users = services.users
        self._forms = Forms(services.uploads)
        self._tus = Tus(services.resumable, FileRules.SNAKE, TYPES)
        self._serving = services.serving
        self._polls = services.polls
        self._limiter = services.limiter
        self._codec = services.codec

    # -- conversations ----------------------------------------------------------------------------------------------------

    async def create_conversation(
        self, request: Call, data: JSONBody[CreateConversationRequest]
    ) -> Answer[Envelope[ConversationResponse]]:
        """The conversation with a user: made, 201, or as it is, 200 (RB-01)."""
        conversation, created = await self._conversations.open(request.user, data.recipient_id)
        body = ConversationResponse.of(conversation, request.user.id)
        if created:
            return ok("Conversation created successfully", body, status=201)
        return ok("Conversation retrieved successfully", body)

    async def list_conversations(
        self,
        request: Call,
        page: PageText = "",
        limit: ConversationsLimitText = "",
        unread_only: UnreadOnlyText = "",
    ) -> Answer[Envelope[ConversationListResponse]]:
        """The caller's inbox, the last message's first, by pages (RB-05)."""
        caller, which = request.user, page_of(page)
        most = number(limit, DEFAULT_CONVERSATIONS, MOST_CONVERSATIONS)
        await charge(self._limiter, "list_conversations", caller)
        inbox = await self._conversations.inbox(caller, page=which, limit=most, unread_only=boolean_of(unread_only))
        data = ConversationListResponse.of(inbox, caller, which, most)
        return snapshot("Conversations retrieved successfully", data, caller)

    async def count_unread(self, request: Call) -> Answer[Envelope[UnreadCountResponse]]:
        """The caller's unread messages, and how many conversations hold them (RN-17)."""
        unread = await self._conversations.unread(request.user)
        return snapshot("Unread count retrieved successfully", UnreadCountResponse.of(unread), request.user)

    async def get_conversation(
        self, request: Call, conversation_id: ConversationId
    ) -> Answer[Envelope[ConversationResponse]]:
        """One conversation (RB-13)."""
        conversation = await self._conversations.get(request.user, conversation_id)
        data = ConversationResponse.of(conversation, request.user.id)
        return ok("Conversation retrieved successfully", data)

    async def delete_conversation(
        self, request: Call, conversation_id: ConversationId
    ) -> Answer[Envelope[DeletedConversationResponse]]:
        """Take a conversation out of the caller's inbox, with its history so far (RB-15); again changes nothing."""
        gone = await self._conversations.delete(request.user, conversation_id)
        return ok("Conversation deleted successfully", DeletedConversationResponse.of(gone))

    # -- messages ---------------------------------------------------------------------------------------------------------

    async def list_messages(
        self,
        request: Call,
        conversation_id: ConversationId,
        page: PageText = "",
        limit: MessagesLimitText = "",
        before_id: BeforeText = "",
        after_id: AfterText = "",
        only: FilterText = "",
    ) -> Answer[Envelope[MessageListResponse]]:
        """A conversation's messages, newest first; those that are returned are read thereby, unless `filter` chose them."""
        caller, most = request.user, number(limit, DEFAULT_MESSAGES, MOST_MESSAGES)
        before, after = id_of(before_id, "before_id"), id_of(after_id, "after_id")
        where = Where(page=page_of(page), before_id=before, after_id=after, only=filter_of(only))
        await charge(self._limiter, "list_messages", caller)
        found = await self._history.page(caller, conversation_id, where, most)
        data = MessageListResponse.of(found, caller, where.page, most)
        return snapshot("Messages retrieved successfully", data, caller)

    async def send_message(
        self, request: Call, conversation_id: ConversationId, data: JSONBody[SendMessageRequest], key: KeyText = None
    ) -> Answer[Envelope[MessageResponse]]:
        """Send a message (RN-01). A repeat with the same key is answered 200 with `Idempotent-Replayed: true`."""
        named = key_of(key) or send_key(data.temp_id, TEMP_ID)
        kind, files = MessageType(data.message_type), files_of(data.attachments)
        draft = Draft(data.content, kind, data.temp_id, named, files)
        sent = await self._sends.send(request.user, conversation_id, draft, limit_name=SEND_LIMIT)
        body = Envelope(True, "Message sent successfully", MessageResponse.of(sent.message, request.user.id))
        return Answer(body, status_code=200, headers=REPLAYED) if sent.replayed else Answer(body, status_code=201)

    async def upload_files(self, request: Call) -> Answer[Envelope[UploadResponse]]:
        """Upload files, to be sent by their ids (RN-22, RN-23); until then they are the caller's alone (G-31)."""
        files = await self._forms.upload(request)
        return ok("Files uploaded successfully", UploadResponse.of(files))

    async def delete_message(self, request: Call, message_id: MessageId) -> Answer[Envelope[DeletedMessageResponse]]:
        """Delete one's own message, for both (RN-14, B-28)."""
        gone = await self._messages.delete(request.user, message_id)
        return ok("Message deleted successfully", DeletedMessageResponse.of(gone))

    # -- files ------------------------------------------------------------------------------------------------------------

    async def fetch_file(self, request: Call, file_id: FileId) -> FileAnswer:
        """A file by its id, to be saved (RN-24)."""
        return await self._serving.fetch(request, file_id)

    async def sign_links(self, request: Call, data: JSONBody[LinksBody]) -> Answer[Envelope[FileLinksResponse]]:
        """Addresses of files and their thumbnails that want no token, for images and videos of a page (FST-26)."""
        links = await self._serving.links(request.user, data.ids)
        return ok("Links signed successfully", FileLinksResponse([FileLinkResponse.of(link) for link in links]))

    # -- resumable uploads ------------------------------------------------------------------------------------------------

    async def describe_uploads(self) -> NoContent:
        """What of tus is spoken here."""
        return options()

    async def begin_upload(self, request: Call) -> Answer[Envelope[UploadResponse]]:
        """Begin an upload that can be resumed (tus 1.0), perhaps with its first bytes; it may be sent when the last byte is here."""
        told = await self._tus.begin(request)
        return told.answer("Upload created successfully", UploadResponse.of(told.attachments), status=201)

    async def get_upload(self, request: Call, upload_id: UploadId) -> Answer[Envelope[UploadResponse]]:
        """How far an upload is; as soon as it is finished, the attachment that it has become."""
        told = await self._tus.standing(request, upload_id)
        return told.answer("Upload retrieved successfully", UploadResponse.of(told.attachments))

    async def continue_upload(self, request: Call, upload_id: UploadId) -> NoContent:
        """The next bytes of an upload. With the last one it is checked and stored like any other, or refused and gone."""
        return await self._tus.go_on(request, upload_id)

    async def end_upload(self, request: Call, upload_id: UploadId) -> NoContent:
        """Give up an upload, finished or not, that is part of no message."""
        return await self._tus.end(request, upload_id)

    # -- receipts ---------------------------------------------------------------------------------------------------------

    async def read_conversation(
        self, request: Call, conversation_id: ConversationId
    ) -> Answer[Envelope[MarkReadResponse]]:
        """Mark all received messages of a conversation as read (RN-15)."""
        marked = await self._receipts.read(request.user, conversation_id)
        return ok("Conversation marked as read", MarkReadResponse.of(marked.count, marked.read_at))

    async def read_message(self, request: Call, message_id: MessageId) -> Answer[Envelope[MarkReadResponse]]:
        """Mark exactly one received message as read (RN-16, C-28)."""
        marked = await self._receipts.read_one(request.user, message_id)
        return ok("Message marked as read", MarkReadResponse.of(marked.count, marked.read_at))

    # -- blocks and privacy -----------------------------------------------------------------------------------------------

    async def block_user(
        self, request: Call, user_id: UserId, data: JSONBody[BlockUserRequest]
    ) -> Answer[Envelope[BlockedUserResponse]]:
        """Block a user (RN-18); again answers the same block (G-13)."""
        put = await self._blocks.put(request.user, user_id, reason=data.reason)
        return ok("User blocked successfully", BlockedUserResponse.of(put.block))

    async def unblock_user(self, request: Call, user_id: UserId) -> Answer[Envelope[BlockedUserResponse]]:
        """Take a block away (RN-19); 404 if there is none (G-13)."""
        gone = await self._blocks.remove(request.user, user_id)
        return ok("User unblocked successfully", BlockedUserResponse.of(gone.block))

    async def list_blocked_users(
        self, request: Call, cursor: CursorText = "", limit: BlockedLimitText = ""
    ) -> Answer[Envelope[BlockedUserListResponse]]:
        """Whom the caller blocks, the last one first (RN-20)."""
        most = number(limit, DEFAULT_BLOCKED, MOST_BLOCKED)
        found = await self._blocks.page(request.user, decode_cursor(cursor, "created_at"), most)
        data = BlockedUserListResponse.of(found, most)
        return snapshot("Blocked users retrieved successfully", data, request.user)

    async def can_message(self, request: Call, user_id: UserId) -> Answer[Envelope[CanMessageResponse]]:
        """Whether the caller can write to a user, and if not, why (RN-21)."""
        reason = await self._users.can_message(request.user, user_id)
        return ok("Messaging permission checked successfully", CanMessageResponse(reason is None, reason))

    # -- events -----------------------------------------------------------------------------------------------------------

    async def list_events(
        self,
        request: Call,
        since: SinceText = "",
        epoch: EpochText = "",
        limit: EventsLimitText = "",
        wait: WaitText = "",
    ) -> Answer[Envelope[EventListResponse | EventResetResponse]]:
        """Facts after a position, as socket frames: the way without a socket (design part 4)."""
        await charge(self._limiter, "events", request.user)
        polled = await self._polls.events(
            request.user,
            self._codec,
            since=parse_since(since) if since else None,
            epoch=epoch or None,
            limit=number(limit, DEFAULT_EVENTS, MOST_EVENTS),
            wait=number(wait, 0, MOST_WAIT, least=0),
        )
        if polled.reset is not None:
            reset = EventResetResponse(True, polled.reset.value, polled.position, polled.epoch)
            return ok("Events cannot be retrieved", reset)
        frames = [Raw(frame) for frame in polled.frames]
        data = EventListResponse(frames, polled.position, polled.epoch, polled.has_more)
        return ok("Events retrieved successfully", data)
