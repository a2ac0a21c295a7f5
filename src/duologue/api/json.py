"""JSON in and out: the one way to write a body or a frame, and the one strict way to read. No framework, no status."""

import re
from typing import TypeVar

import msgspec

from duologue.core.errors import ValidationFailed

T = TypeVar("T")

NOT_JSON = "The body is not valid JSON"
NOT_UTF8 = "The body is not valid UTF-8"
TOO_DEEP = "The body is nested too deeply"

_encoder = msgspec.json.Encoder()
_PLACE = re.compile(r" - at `\$\.?([^`]*)`$")
_MISSING = re.compile(r"^Object missing required field `([^`]+)`")


def encode(body: object) -> bytes:
    r"""JSON, with every `<` as `\u003c`: no live markup stands in the bytes (C-58, T-045). It can only occur inside strings."""
    return _encoder.encode(body).replace(b"<", b"\\u003c")


def decode(decoder: msgspec.json.Decoder[T], data: bytes) -> T:
    """A value from JSON (RFC 8259): strict UTF-8, no lone surrogates, no byte order mark.

    Raises `ValidationFailed` with a sentence; where a field is at fault, the sentence and `details.field` name it.
    """
    try:
        if not data.isascii():
            data.decode()  # msgspec does not look into what it skips
        return decoder.decode(data)
    except msgspec.ValidationError as error:
        raise _at_fault(str(error)) from error
    except UnicodeDecodeError as error:
        raise ValidationFailed(NOT_UTF8) from error
    except msgspec.DecodeError as error:
        raise ValidationFailed(NOT_JSON) from error
    except RecursionError as error:
        raise ValidationFailed(TOO_DEEP) from error


def _at_fault(reason: str) -> ValidationFailed:
    """Say it for people; msgspec names the place at the end: "Expected `str`, got `int` - at `$.content`"."""
    place = _PLACE.search(reason)
    path = place.group(1) if place else ""
    missing = _MISSING.match(reason)
    if missing:
        field = f"{path}.{missing.group(1)}" if path else missing.group(1)
        return ValidationFailed(f"{field} is required", details={"field": field})
    what = reason[: place.start()] if place else reason
    sentence = what[:1].lower() + what[1:].replace("`", "")
    if not path:
        return ValidationFailed(f"The body is wrong: {sentence}")
    return ValidationFailed(f"{path}: {sentence}", details={"field": path})
