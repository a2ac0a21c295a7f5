"""Forms with files (RFC 7578), read as they come: each part in turn, never a file in memory. Parsing is the library's.

Which fields there are and what becomes of them is the dialects'.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from multipart import MultipartError, MultipartSegment, PushMultipartParser

from duologue.api.bearer import Call
from duologue.api.bodies import FORM_DATA, UnsupportedMediaType, chunks_of
from duologue.core.errors import PayloadTooLarge, ValidationFailed
from duologue.core.files import MAX_TOGETHER, TOO_MUCH, StoredFile, UploadBatch

NOT_A_FORM = "The body is not a valid form (multipart/form-data)"
NO_FORM = "The body must be a form: Content-Type: multipart/form-data"
NOT_TEXT = "{} is not valid UTF-8"
TOO_LONG = "{} is too long"
NO_FILE_HERE = "{} carries no files; send them as files"
MAX_PARTS: Final = 32
MAX_TEXT_PART: Final = 64 * 1024  # bytes of a part that is no file
MAX_HEADER: Final = 8 * 1024  # bytes of a line in a part's head: names of files may be long
# Bytes of a whole form. The files' own limits are met before; this one ends what belongs to no file and would never end.
MAX_FORM: Final = MAX_TOGETHER + MAX_PARTS * MAX_TEXT_PART

# Begins to take files in, knowing the texts that came before the first one.
Begin = Callable[[Mapping[str, str]], Awaitable[UploadBatch]]
_Part = tuple[MultipartSegment, AsyncIterator[bytes]]


@dataclass(slots=True)
class Form:
    """What a form held: texts by name, and the files, which are stored by now."""

    texts: dict[str, str] = field(default_factory=dict)
    files: list[StoredFile] = field(default_factory=list)


def form_schema(files: str, texts: Mapping[str, Any], *, needed: Sequence[str] = ()) -> Mapping[str, Any]:
    """How the document describes a form; `files` names the field that holds them."""
    binary = {"type": "string", "contentMediaType": "application/octet-stream"}
    properties = {files: {"type": "array", "items": binary}, **texts}
    return MappingProxyType({"type": "object", "properties": properties, "required": list(needed)})


async def read_form(request: Call, *, files: Sequence[str], begin: Begin) -> Form:
    """Read the whole form. A file in a field that is none of `files` is refused: nothing that was sent is dropped unsaid.

    Raises:
        ValidationFailed: it is no form, or a part is not what it should be.
        UnsupportedMediaType: it does not even say that it is one.
        PayloadTooLarge: it goes on and on beside its files.
        ChatError: what the intake refuses.
    """
    form = Form()
    batch: UploadBatch | None = None
    async for segment, chunks in _parts(request):
        name = segment.name or ""
        if segment.filename is None:
            form.texts[name] = await _text(name, chunks)
        elif segment.filename:  # an empty one stands for no file, as browsers send it
            if name not in files:
                raise ValidationFailed(NO_FILE_HERE.format(name[:64] or "This part"), details={"field": name[:64]})
            batch = batch or await begin(form.texts)
            async with batch.open(segment.filename, segment.content_type) as upload:
                async for chunk in chunks:
                    await upload.write(chunk)
                form.files.append(await upload.finish())
    return form


async def _parts(request: Call) -> AsyncIterator[_Part]:
    """Each part with its bytes, which are read to their end before the next part begins."""
    events = _events(request)
    async for event in events:
        if not isinstance(event, MultipartSegment):
            continue  # the rest of a part that nobody wanted
        yield event, _until_end(events)


async def _until_end(events: AsyncIterator[MultipartSegment | bytes | None]) -> AsyncIterator[bytes]:
    async for event in events:
        if not isinstance(event, bytes):
            return
        yield event


async def _events(request: Call) -> AsyncIterator[MultipartSegment | bytes | None]:
    """What the parser makes of the body."""
    kind, options = request.content_type
    if kind != FORM_DATA:
        raise UnsupportedMediaType(NO_FORM)
    try:
        size, limits = 0, {"max_segment_count": MAX_PARTS, "max_header_size": MAX_HEADER}
        with PushMultipartParser(options.get("boundary", ""), **limits) as parser:
            async for chunk in chunks_of(request):
                size += len(chunk)
                if size > MAX_FORM:
                    raise PayloadTooLarge(TOO_MUCH, details={"limit": MAX_TOGETHER})
                for event in parser.parse(chunk):
                    yield bytes(event) if isinstance(event, bytearray) else event
    except MultipartError as error:
        raise ValidationFailed(NOT_A_FORM) from error


async def _text(name: str, chunks: AsyncIterator[bytes]) -> str:
    """A part that is no file."""
    shown, found = name[:64] or "A part", bytearray()
    async for chunk in chunks:
        found += chunk
        if len(found) > MAX_TEXT_PART:
            raise ValidationFailed(TOO_LONG.format(shown), details={"field": shown})
    try:
        return found.decode()
    except UnicodeDecodeError as error:
        raise ValidationFailed(NOT_TEXT.format(shown), details={"field": shown}) from error
