"""JSON in and out: the one way to write a body or a frame, and the one strict way to read. No framework, no status."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, TypeVar

import msgspec
from msgspec import inspect

from duologue.core.errors import ValidationFailed

T = TypeVar("T")

NOT_JSON = "The body is not valid JSON"
NOT_UTF8 = "The body is not valid UTF-8"
TOO_DEEP = "The body is nested too deeply"

_encoder = msgspec.json.Encoder()
_PLACE = re.compile(r" - at `\$\.?([^`]*)`$")
_MISSING = re.compile(r"^Object missing required field `([^`]+)`")
_UNKNOWN = re.compile(r"^Object contains unknown field `([^`]+)`")
_STEP = re.compile(r"[^.\[\]]+|\[[^\]]*\]")

WORDS = "words"  # of a field, in the `extra` of its Meta: what it must be, where its type alone does not say it
_WORDS: Mapping[type[inspect.Type], str] = MappingProxyType(
    {
        inspect.StrType: "a string",
        inspect.UUIDType: "a UUID",
        inspect.BoolType: "true or false",
        inspect.IntType: "a whole number",
        inspect.FloatType: "a number",
        inspect.ListType: "an array",
        inspect.CollectionType: "an array",
        inspect.DictType: "an object",
        inspect.StructType: "an object",
    }
)


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
        raise _at_fault(str(error), decoder.type) from error
    except UnicodeDecodeError as error:
        raise ValidationFailed(NOT_UTF8) from error
    except msgspec.DecodeError as error:
        raise ValidationFailed(NOT_JSON) from error
    except RecursionError as error:
        raise ValidationFailed(TOO_DEEP) from error


def _at_fault(reason: str, kind: Any) -> ValidationFailed:
    """Say it for people; msgspec names the place at the end: "Expected `str`, got `int` - at `$.content`"."""
    place = _PLACE.search(reason)
    path = place.group(1) if place else ""
    for pattern, what in ((_MISSING, "is required"), (_UNKNOWN, "is not known here")):
        named = pattern.match(reason)
        if named:
            field = f"{path}.{named.group(1)}" if path else named.group(1)
            return ValidationFailed(f"{field} {what}", details={"field": field})
    words = _words(_type_at(inspect.type_info(kind), path))
    if not path:
        return ValidationFailed(f"The body must be {words}" if words else "The body is not valid")
    return ValidationFailed(f"{path} must be {words}" if words else f"{path} is not valid", details={"field": path})


def _type_at(kind: inspect.Type, path: str) -> inspect.Type | None:
    """What stands at a place such as `items[0].name`; None where a union leaves it open."""
    found: inspect.Type | None = kind
    for step in _STEP.findall(path):
        found = _without_null(found)
        while isinstance(found, inspect.Metadata):
            found = found.type
        if isinstance(found, inspect.StructType):
            found = next((field.type for field in found.fields if field.encode_name == step), None)
        elif isinstance(found, inspect.DictType):
            found = found.value_type
        else:
            found = getattr(found, "item_type", None)
    return found


def _without_null(kind: inspect.Type | None) -> inspect.Type | None:
    """The one thing that may stand there besides null."""
    if not isinstance(kind, inspect.UnionType):
        return kind
    rest = [each for each in kind.types if not isinstance(each, inspect.NoneType)]
    return rest[0] if len(rest) == 1 else None


def _words(kind: inspect.Type | None) -> str:
    kind = _without_null(kind)
    if isinstance(kind, inspect.Metadata):
        words: str = (kind.extra or {}).get(WORDS, "")
        return words or _words(kind.type)
    if isinstance(kind, inspect.LiteralType):
        *others, last = map(str, kind.values)
        return f"{', '.join(others)} or {last}" if others else last
    return "" if kind is None else _WORDS.get(type(kind), "")
