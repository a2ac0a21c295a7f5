"""A message with files in one request: a form (RM-07, G-12). Reading forms is multipart.py's."""

from collections.abc import Mapping
from uuid import UUID

from duologue.api.bearer import Call
from duologue.api.camel.commands import BAD_TYPE
from duologue.api.camel.wire import TEMP_ID
from duologue.api.multipart import Form, form_schema, read_form
from duologue.api.wire import kind_of, send_key
from duologue.core.conversations import Conversations
from duologue.core.errors import ChatError
from duologue.core.files import FileRules, UploadBatch
from duologue.core.items import Sent
from duologue.core.model import Caller, MessageType
from duologue.core.rules import MAX_TEMP_ID, MAX_TEXT
from duologue.core.sends import Draft, Sends
from duologue.core.uploads import Uploads, sent_as, sources_of

FILES = ("files", "file", "media", "files[]")
UPLOADED = (MessageType.IMAGE, MessageType.VIDEO, MessageType.FILE)  # as what files are sent

SEND_FORM = form_schema(
    "files",
    {
        "type": {"type": "string", "enum": [kind.value for kind in MessageType]},
        "content": {"type": "string", "maxLength": MAX_TEXT},
        TEMP_ID: {"type": "string", "maxLength": MAX_TEMP_ID},
    },
)


class Forms:
    """Sends what a form holds."""

    def __init__(self, uploads: Uploads, conversations: Conversations, sends: Sends) -> None:
        self._uploads = uploads
        self._conversations = conversations
        self._sends = sends

    async def send(self, request: Call, conversation_id: UUID, key: UUID | None) -> Sent:
        """Take the files in and send them as one message; what is refused, or was sent before, leaves none behind.

        Whose conversation it is not is told so before the first byte of a file.
        """
        caller = request.user
        await self._conversations.get(caller, conversation_id)
        form = await self._keep(request, caller)
        try:
            sent = await self._sends.send(caller, conversation_id, _draft(form, key))
        except ChatError:
            await self._uploads.withdraw(caller, form.files)
            raise
        if sent.replayed:
            await self._uploads.withdraw(caller, form.files)
        return sent

    async def _keep(self, request: Call, caller: Caller) -> Form:
        """The form, its files recorded."""
        async with self._uploads.taking(caller, FileRules.CAMEL) as taking:

            async def begin(texts: Mapping[str, str]) -> UploadBatch:
                return await taking.begin(_type(texts))

            form = await read_form(request, files=FILES, begin=begin)
            await taking.keep(form.files)
        return form


def _draft(form: Form, key: UUID | None) -> Draft:
    """The message that a form means: without a type, what its files are (G-29)."""
    texts, kind = form.texts, _type(form.texts)
    temp_id = texts.get(TEMP_ID)
    named = key or send_key(temp_id, TEMP_ID)
    if not form.files:
        return Draft(texts.get("content"), kind or MessageType.TEXT, temp_id, named)
    ids = tuple(file.id for file in form.files)
    return Draft(texts.get("content"), sent_as(kind, form.files), temp_id, named, ids, sources_of(form.files))


def _type(texts: Mapping[str, str]) -> MessageType | None:
    return kind_of(texts.get("type"), MessageType, BAD_TYPE)
