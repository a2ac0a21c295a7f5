"""Uploads: files in a form, before a message carries them (RN-22). Reading forms is multipart.py's."""

from collections.abc import Mapping, Sequence

from duologue.api.bearer import Call
from duologue.api.multipart import form_schema, read_form
from duologue.api.wire import kind_of
from duologue.core.errors import ValidationFailed
from duologue.core.files import FileRules, UploadBatch
from duologue.core.model import Attachment, MessageType
from duologue.core.uploads import Uploads, sent_as

FILES = ("files", "file", "files[]")
TYPES = (MessageType.IMAGE, MessageType.FILE)
BAD_TYPE = "type must be image or file"
NO_FILES = "files are required"

UPLOAD_FORM = form_schema(
    "files", {"type": {"type": "string", "enum": [kind.value for kind in TYPES]}}, needed=("files",)
)


class Forms:
    """Takes in what a form holds."""

    def __init__(self, uploads: Uploads) -> None:
        self._uploads = uploads

    async def upload(self, request: Call) -> Sequence[Attachment]:
        """The files, stored and recorded; one that is refused leaves none of them."""
        async with self._uploads.taking(request.user, FileRules.SNAKE) as taking:

            async def begin(texts: Mapping[str, str]) -> UploadBatch:
                return await taking.begin(_type(texts))

            form = await read_form(request, files=FILES, begin=begin)
            if not form.files:
                raise ValidationFailed(NO_FILES, details={"field": "files"})
            sent_as(_type(form.texts), form.files)
            await taking.keep(form.files)
        return [file.attachment for file in form.files]


def _type(texts: Mapping[str, str]) -> MessageType | None:
    """What they are to be sent as; missing, as they come (G-29)."""
    return kind_of(texts.get("type"), TYPES, BAD_TYPE)
