"""REST of dialect A: one short method per endpoint (RA, RM, RK): decode, one call to the core, encode. No rule, no SQL.

Paths are in routes.py, bodies in bodies.py, parameters in parameters.py, errors in errors.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from litestar.params import FromPath, JSONBody
from msgspec import Raw

from duologue.api.answers import REPLAYED, Answer, Envelope, NoContent, ok, snapshot
from duologue.api.bearer import Call
from duologue.api.bodies import is_form
from duologue.api.camel.bodies import (
    BlockBody,
    BlockList,
    ContextDTO,
    ConversationList,
    DeletedConversationDTO,
    DeletedMessageDTO,
    EventList,
    EventReset,
    FileLinkDTO,
    FileLinkList,
    FileList,
    GalleryItemDTO,
    LinkDTO,
    LinkList,
    MediaList,
    MessageList,
    ReadBody,
    ReadDTO,
    SendBody,
    UnreadDTO,
    UploadDTO,
    meta_of,
)
from duologue.api.camel.forms import UPLOADED, Forms
from duologue.api.camel.parameters import (
    DEFAULT_LIMIT,
    MOST,
    MOST_MESSAGES,
    AfterText,
    ConversationId,
    CursorText,
    LimitText,
    MessageId,
    MessagesLimitText,
    NeighboursText,
    UploadId,
    limit_of,
)
from duologue.api.camel.wire import (
    TEMP_ID,
    BlockDTO,
    BlockStatusDTO,
    ConversationDTO,
    MessageDTO,
)
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
from duologue.api.tus import Tus, options
from duologue.api.wire import named_files, send_key
from duologue.core.blocks import Blocks
from duologue.core.conversations import Conversations
from duologue.core.errors import ValidationFailed
from duologue.core.files import FileRules
from duologue.core.limits import charge
from duologue.core.messages import Messages
from duologue.core.model import Caller, Cursor, Message, MessageType
from duologue.core.ports import Limiter
from duologue.core.receipts import Receipts
from duologue.core.resumable import Resumable
from duologue.core.sends import Draft, Sends
from duologue.core.uploads import Uploads
from duologue.realtime.codec import Codec
from duologue.realtime.polls import Polls
from duologue.realtime.resume import parse_since

BOTH_WAYS = "cursor and after cannot be used together"


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What the endpoints call."""

    conversations: Conversations
    messages: Messages
    sends: Sends
    receipts: Receipts
    blocks: Blocks
    uploads: Uploads
    resumable: Resumable
    serving: FileServing
    polls: Polls
    limiter: Limiter
    codec: Codec


class Rest:
    """The endpoints of dialect A."""

    def __init__(self, services: Services) -> None:
        self._conversations = services.conversations
        self._messages = services.messages
        self._sends = services.sends
        self._receipts = services.receipts
        self._blocks = services.blocks
        self._forms = Forms(services.uploads, services.conversations, services.sends)
        self._tus = Tus(services.resumable, FileRules.CAMEL, UPLOADED)
        self._serving = services.serving
        self._polls = services.polls
        self._limiter = services.limiter
        self._codec = services.codec

    # -- conversations ----------------------------------------------------------------------------------------------------

    async def list_conversations(
        self, request: Call, cursor: CursorText = "", limit: LimitText = ""
    ) -> Answer[Envelope[ConversationList]]:
        """The caller's conversations, the last message's first (RA-01)."""
        caller = request.user
        await charge(self._limiter, "list_conversations", caller)
        page = await self._conversations.page(caller, decode_cursor(cursor, "updated_at"), limit_of(limit))
        found = [ConversationDTO.of(conversation, caller.id) for conversation in page.items]
        return snapshot(
            "Conversations retrieved successfully", ConversationList(found, meta_of(page, "updated_at")), caller
        )

    async def open_conversation(self, request: Call, username: FromPath[str]) -> Answer[Envelope[ConversationDTO]]:
        """The conversation with a user, made if there is none (RA-12)."""
        conversation, _ = await self._conversations.with_username(request.user, username)
        return ok("Conversation retrieved successfully", ConversationDTO.of(conversation, request.user.id))

    async def delete_conversation(
        self, request: Call, conversation_id: ConversationId
    ) -> Answer[Envelope[DeletedConversationDTO]]:
        """Take a conversation out of the caller's list, with its history so far (G-20); again changes nothing."""
        gone = await self._conversations.delete(request.user, conversation_id)
        return ok("Conversation deleted successfully", DeletedConversationDTO.of(gone))

    async def count_unread(self, request: Call) -> Answer[Envelope[UnreadDTO]]:
        """The caller's unread messages in all conversations (RA-15)."""
        total = (await self._conversations.unread(request.user)).total
        return snapshot("Unread count retrieved successfully", UnreadDTO(total, total, total), request.user)

    # -- messages ---------------------------------------------------------------------------------------------------------

    async def list_messages(
        self,
        request: Call,
        conversation_id: ConversationId,
        cursor: CursorText = "",
        after: AfterText = "",
        limit: MessagesLimitText = "",
    ) -> Answer[Envelope[MessageList]]:
        """A conversation's messages, newest first (RM-01); reading them marks nothing (C-29)."""
        await charge(self._limiter, "list_messages", request.user)
        older, newer = _either(cursor, after)
        page = await self._messages.page(
            request.user, conversation_id, before=older, after=newer, limit=limit_of(limit, MOST_MESSAGES)
        )
        data = MessageList(_messages(page.items, request.user), meta_of(page, "created_at"))
        return snapshot("Messages retrieved successfully", data, request.user)

    async def send_message(
        self, request: Call, conversation_id: ConversationId, data: JSONBody[SendBody], key: KeyText = None
    ) -> Answer[Envelope[MessageDTO]]:
        """Send a message, or a form with files (RM-04, RM-07). A repeat with the same key: 200 with `Idempotent-Replayed: true`."""
        if is_form(request):
            sent = await self._forms.send(request, conversation_id, key_of(key))
        else:
            named = key_of(key) or send_key(data.temp_id, TEMP_ID)
            draft = Draft(data.content, MessageType(data.type), data.temp_id, named, named_files(data.media))
            sent = await self._sends.send(request.user, conversation_id, draft)
        body = Envelope(True, "Message sent successfully", MessageDTO.of(sent.message, request.user.id))
        return Answer(body, status_code=200, headers=REPLAYED) if sent.replayed else Answer(body, status_code=201)

    async def mark_read(
        self, request: Call, conversation_id: ConversationId, data: JSONBody[ReadBody]
    ) -> Answer[Envelope[ReadDTO]]:
        """Mark all received messages as read, or all up to `messageId` (RM-12, C-28)."""
        marked = await self._receipts.read(request.user, conversation_id, data.message_id)
        return ok("Messages marked as read", ReadDTO.of(marked.count, marked.read_at))

    async def delete_message(self, request: Call, message_id: MessageId) -> Answer[Envelope[DeletedMessageDTO]]:
        """Delete one's own message, for both (B-28)."""
        gone = await self._messages.delete(request.user, message_id)
        return ok("Message deleted successfully", DeletedMessageDTO.of(gone))

    async def get_message(self, request: Call, message_id: MessageId) -> Answer[Envelope[MessageDTO]]:
        """One message (RM-16)."""
        message = await self._messages.get(request.user, message_id)
        return ok("Message retrieved successfully", MessageDTO.of(message, request.user.id))

    async def get_context(
        self, request: Call, message_id: MessageId, before: NeighboursText = "", after: NeighboursText = ""
    ) -> Answer[Envelope[ContextDTO]]:
        """A message with its neighbours: jump to message (RM-17, G-10)."""
        older, newer = (number(text, DEFAULT_LIMIT, MOST, least=0) for text in (before, after))
        context = await self._messages.context(request.user, message_id, older, newer)
        return snapshot("Message context retrieved successfully", ContextDTO.of(context, request.user.id), request.user)

    async def sign_links(self, request: Call, data: JSONBody[LinksBody]) -> Answer[Envelope[FileLinkList]]:
        """Addresses of files and their thumbnails that want no token, for images and videos of a page (FST-26)."""
        links = await self._serving.links(request.user, data.ids)
        return ok("Links signed successfully", FileLinkList([FileLinkDTO.of(link) for link in links]))

    # -- resumable uploads ------------------------------------------------------------------------------------------------

    async def describe_uploads(self) -> NoContent:
        """What of tus is spoken here."""
        return options()

    async def begin_upload(self, request: Call) -> Answer[Envelope[UploadDTO]]:
        """Begin an upload that can be resumed (tus 1.0), perhaps with its first bytes; it may be sent when the last byte is here."""
        told = await self._tus.begin(request)
        return told.answer("Upload created successfully", UploadDTO.of(told.attachments), status=201)

    async def get_upload(self, request: Call, upload_id: UploadId) -> Answer[Envelope[UploadDTO]]:
        """How far an upload is; as soon as it is finished, the attachment that it has become."""
        told = await self._tus.standing(request, upload_id)
        return told.answer("Upload retrieved successfully", UploadDTO.of(told.attachments))

    async def continue_upload(self, request: Call, upload_id: UploadId) -> NoContent:
        """The next bytes of an upload. With the last one it is checked and stored like any other, or refused and gone."""
        return await self._tus.go_on(request, upload_id)

    async def end_upload(self, request: Call, upload_id: UploadId) -> NoContent:
        """Give up an upload, finished or not, that is part of no message."""
        return await self._tus.end(request, upload_id)

    # -- galleries --------------------------------------------------------------------------------------------------------

    async def list_media(
        self, request: Call, conversation_id: ConversationId, cursor: CursorText = "", limit: LimitText = ""
    ) -> Answer[Envelope[MediaList]]:
        """A conversation's images and videos (RM-18)."""
        place = decode_cursor(cursor, "created_at")
        page = await self._messages.media(request.user, conversation_id, place, limit_of(limit))
        data = MediaList([GalleryItemDTO.of_shared(item) for item in page.items], meta_of(page, "created_at"))
        return snapshot("Media retrieved successfully", data, request.user)

    async def list_files(
        self, request: Call, conversation_id: ConversationId, cursor: CursorText = "", limit: LimitText = ""
    ) -> Answer[Envelope[FileList]]:
        """A conversation's other attachments (RM-20)."""
        place = decode_cursor(cursor, "created_at")
        page = await self._messages.files(request.user, conversation_id, place, limit_of(limit))
        data = FileList([GalleryItemDTO.of_shared(item) for item in page.items], meta_of(page, "created_at"))
        return snapshot("Files retrieved successfully", data, request.user)

    async def list_links(
        self, request: Call, conversation_id: ConversationId, cursor: CursorText = "", limit: LimitText = ""
    ) -> Answer[Envelope[LinkList]]:
        """The URLs in a conversation's messages (RM-19)."""
        place = decode_cursor(cursor, "created_at")
        page = await self._messages.links(request.user, conversation_id, place, limit_of(limit))
        data = LinkList([LinkDTO.of(link) for link in page.items], meta_of(page, "created_at"))
        return snapshot("Links retrieved successfully", data, request.user)

    # -- blocks -----------------------------------------------------------------------------------------------------------

    async def list_blocks(
        self, request: Call, cursor: CursorText = "", limit: LimitText = ""
    ) -> Answer[Envelope[BlockList]]:
        """Whom the caller blocks, the last one first (RK-05)."""
        page = await self._blocks.page(request.user, decode_cursor(cursor, "created_at"), limit_of(limit))
        data = BlockList([BlockDTO.of(block) for block in page.items], meta_of(page, "created_at"))
        return snapshot("Blocked users retrieved successfully", data, request.user)

    async def block(self, request: Call, data: JSONBody[BlockBody]) -> Answer[Envelope[BlockDTO]]:
        """Block a user (RK-01); again is answered 200 with the same block (G-13)."""
        put = await self._blocks.put(request.user, data.username)
        return ok("User blocked successfully", BlockDTO.of(put.block), status=201 if put.changed else 200)

    async def unblock(self, request: Call, username: FromPath[str] = "status") -> Answer[Envelope[BlockDTO]]:
        """Take a block away (RK-04); 404 if there is none (G-13)."""
        gone = await self._blocks.remove(request.user, username)
        return ok("User unblocked successfully", BlockDTO.of(gone.block))

    async def get_block_status(self, request: Call, username: FromPath[str]) -> Answer[Envelope[BlockStatusDTO]]:
        """Blocks between the caller and a user, both ways (RK-06)."""
        status = await self._blocks.status(request.user, username)
        return ok("Block status retrieved successfully", BlockStatusDTO.of(status))

    # -- events -----------------------------------------------------------------------------------------------------------

    async def list_events(
        self,
        request: Call,
        since: SinceText = "",
        epoch: EpochText = "",
        limit: EventsLimitText = "",
        wait: WaitText = "",
    ) -> Answer[Envelope[EventList | EventReset]]:
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
            return ok("Events cannot be retrieved", EventReset(True, polled.reset.value, polled.position, polled.epoch))
        frames = [Raw(frame) for frame in polled.frames]
        return ok("Events retrieved successfully", EventList(frames, polled.position, polled.epoch, polled.has_more))


def _messages(messages: Sequence[Message], caller: Caller) -> list[MessageDTO]:
    viewer_id = caller.id
    return [MessageDTO.of(message, viewer_id) for message in messages]


def _either(cursor: str, after: str) -> tuple[Cursor | None, Cursor | None]:
    """The place to go on from, downwards or upwards (design part 5, Newer pages)."""
    if cursor and after:
        raise ValidationFailed(BOTH_WAYS)
    return decode_cursor(cursor, "created_at"), decode_cursor(after, "created_at")
