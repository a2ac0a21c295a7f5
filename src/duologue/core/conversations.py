"""Conversations: open or get, list, totals."""

from uuid import UUID

from duologue.core.answers import Answering
from duologue.core.errors import NotFound
from duologue.core.events import Origin
from duologue.core.items import ConversationGone, DeleteConversation, Open, Opened
from duologue.core.limits import charge, refund
from duologue.core.model import Caller, Conversation, Cursor, Inbox, Page, Unread
from duologue.core.ports import ConversationStore, Ids, Limiter, Pipeline, Presence, UserStore
from duologue.core.presence import fill
from duologue.core.rules import YOURSELF, check_not_self

NO_USER = "User not found"


class Conversations:
    """The use cases of conversations. Profiles come out with their presence filled in."""

    def __init__(
        self,
        *,
        pipeline: Pipeline,
        store: ConversationStore,
        users: UserStore,
        limiter: Limiter,
        presence: Presence,
        ids: Ids,
    ) -> None:
        self._pipeline = pipeline
        self._store = store
        self._users = users
        self._limiter = limiter
        self._presence = presence
        self._ids = ids

    async def page(self, caller: Caller, cursor: Cursor | None, limit: int) -> Page[Conversation]:
        """The caller's list, newest first (RA-01, RA-08)."""
        page = await self._store.page(caller.user, cursor, limit)
        await fill(self._presence, [item.other for item in page.items])
        return page

    async def inbox(self, caller: Caller, *, page: int, limit: int, unread_only: bool) -> Inbox:
        """The same list by numbers, with totals (RB-05 to RB-12); beyond its end a page is empty (G-23, G-24)."""
        inbox = await self._store.numbered(caller.user, offset=(page - 1) * limit, limit=limit, unread_only=unread_only)
        await fill(self._presence, [item.other for item in inbox.items])
        return inbox

    async def get(self, caller: Caller, conversation_id: UUID) -> Conversation:
        """One conversation, listed or not (RB-13); `NotFound`, `NotParticipant`."""
        conversation = await self._store.get(caller.user, conversation_id)
        await fill(self._presence, [conversation.other])
        return conversation

    async def unread(self, caller: Caller) -> Unread:
        """The caller's totals (RA-15)."""
        return await self._store.unread(caller.id)

    async def with_username(self, caller: Caller, username: str) -> tuple[Conversation, bool]:
        """The conversation with a user, made if need be; True when this call made it (RA-12, T-010 to T-014)."""
        other = await self._users.by_username(username)
        if other is None:
            raise NotFound(NO_USER)
        return await self._open(caller, other.id, is_known=True)

    async def open(self, caller: Caller, other_id: UUID) -> tuple[Conversation, bool]:
        """As `with_username`, by id (RB-01)."""
        return await self._open(caller, other_id, is_known=False)

    async def delete(self, caller: Caller, conversation_id: UUID, *, origin: Origin | None = None) -> ConversationGone:
        """Take a conversation out of the caller's list, with its history so far (RB-15, G-20); again changes nothing."""
        answering = Answering[ConversationGone]()
        item = DeleteConversation(
            user_id=caller.id, done=answering.done, origin=origin, conversation_id=conversation_id
        )
        await self._pipeline.enter(item)
        return await answering.result()

    async def _open(self, caller: Caller, other_id: UUID, *, is_known: bool) -> tuple[Conversation, bool]:
        """Only a creation is charged (C-49); an existing one is answered whatever stands."""
        check_not_self(caller.id, other_id, YOURSELF)
        existing = await self._store.of_pair(caller.user, other_id)
        if existing is None:
            if not is_known and await self._users.get(other_id) is None:
                raise NotFound(NO_USER)
            opened = await self._create(caller, other_id)
            if opened.created and opened.conversation is not None:
                return opened.conversation, True
            existing = await self._store.get(caller.user, opened.conversation_id)
        await fill(self._presence, [existing.other])
        return existing, False

    async def _create(self, caller: Caller, other_id: UUID) -> Opened:
        charged = await charge(self._limiter, "create_conversation", caller)
        answering = Answering[Opened]()
        item = Open(
            user_id=caller.id,
            other_id=other_id,
            conversation_id=self._ids(),
            done=answering.done,
            online=frozenset(await self._presence.online((caller.id, other_id))),
        )
        created = False
        try:
            await self._pipeline.enter(item)
            opened = await answering.result()
            created = opened.created
        finally:
            if not created:
                await refund(self._limiter, "create_conversation", caller, charged)
        return opened
