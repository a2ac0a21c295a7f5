"""JSON schemas of structs for both documents, by msgspec: as the bytes are read and written, so they are described.

What a type alone does not say stands beside it: bounds and formats in the `Meta` of a field, and in a struct's `NEEDED` the fields
of which its rules ask for one at least, though it can be read without them.
"""

import re
from collections.abc import Iterable, Mapping
from inspect import cleandoc
from typing import Any

import msgspec

JsonSchema = Mapping[str, Any]

_REF = "#/components/schemas/{name}"
_SOURCES = re.compile(r" ?\((?:[A-Z]+-\d+|design)[^)]*\)")  # requirement ids: for readers of the code
_GENERIC = re.compile(r"^([A-Za-z]+)_([A-Za-z]+)_$")  # Envelope_BlockList_


def schemas_of(types: Iterable[Any]) -> tuple[Mapping[Any, JsonSchema], Mapping[str, JsonSchema]]:
    """The schema of each type, mostly a reference, and the components that they refer to, by name."""
    known = list(dict.fromkeys(types))
    found, components = msgspec.json.schema_components(known, ref_template=_REF, schema_hook=_anything)
    for kind, schema in zip(known, found, strict=True):
        if needed := getattr(kind, "NEEDED", ()):
            components[schema["$ref"].rpartition("/")[2]]["anyOf"] = [_needed(field) for field in needed]
    plain = {_plain_name(name): _readable(schema) for name, schema in components.items()}
    return {kind: _readable(schema) for kind, schema in zip(known, found, strict=True)}, plain


def without_sources(text: str) -> str:
    """A docstring for readers of the documents."""
    return _SOURCES.sub("", cleandoc(text))


def _anything(kind: type) -> dict[str, Any]:
    """`object` in a struct is any JSON value."""
    if kind is object:
        return {"description": "Any JSON value"}
    raise NotImplementedError


def _needed(field: str) -> dict[str, Any]:
    """A field is there, and is not null."""
    return {"required": [field], "properties": {field: {"not": {"type": "null"}}}}


def _readable(node: Any) -> Any:
    if isinstance(node, list):
        return [_readable(each) for each in node]
    if not isinstance(node, dict):
        return node
    copy = {key: _readable(value) for key, value in node.items()}
    if isinstance(node.get("description"), str):
        copy["description"] = without_sources(node["description"])
    if isinstance(node.get("title"), str):
        copy["title"] = _plain_name(re.sub(r"\W", "_", node["title"]))
    if isinstance(node.get("$ref"), str):
        folder, _, name = node["$ref"].rpartition("/")
        copy["$ref"] = f"{folder}/{_plain_name(name)}"
    return copy


def _plain_name(name: str) -> str:
    """A generic struct of another: `EnvelopeOfBlockList`."""
    found = _GENERIC.match(name)
    return f"{found.group(1)}Of{found.group(2).replace('NoneType', 'Null')}" if found else name
