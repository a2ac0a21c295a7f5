"""Reads the statements of `queries/<noun>.sql`: named blocks, one comment line of purpose, then the statement.

    -- name: by_id
    -- One message with its sender.
    SELECT {columns} FROM messages m WHERE m.id = $1;

    -- fragment: columns
    -- What a message is made of.
    m.id, m.content

`{columns}` stands for a fragment of the same file. Each statement starts with a comment that names it, so that an operator
finds it again in `pg_stat_activity` and the server's log.
"""

import re
from collections.abc import Mapping
from pathlib import Path

_FOLDER = Path(__file__).with_name("queries")
_HEAD = re.compile(r"^-- (name|fragment): *(.*?) *$", re.MULTILINE)
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_PLACEHOLDER = re.compile(r"\{([a-z0-9_]+)\}")


class QueryError(Exception):
    """A file of queries is wrong: a defect of the build, found at start."""


def load(noun: str, folder: Path = _FOLDER) -> Mapping[str, str]:
    """The statements of a noun by name; `QueryError` for a name that is missing, doubled or without a statement."""
    blocks = _HEAD.split((folder / f"{noun}.sql").read_text(encoding="utf-8"))[1:]
    found: dict[str, dict[str, str]] = {"name": {}, "fragment": {}}
    for sort, name, body in zip(blocks[::3], blocks[1::3], blocks[2::3], strict=True):
        if not _NAME.fullmatch(name):
            raise QueryError(f"{noun}.sql: {name!r} is no name")
        if name in found["name"] or name in found["fragment"]:
            raise QueryError(f"{noun}.sql: {name} stands there twice")
        found[sort][name] = _statement(noun, name, body)
    return {name: f"/* {noun}.{name} */ {_fill(noun, text, found['fragment'])}" for name, text in found["name"].items()}


def _statement(noun: str, name: str, body: str) -> str:
    purpose, _, text = body.strip().partition("\n")
    statement = text.strip().rstrip(";")
    if not purpose.startswith("-- ") or not statement:
        raise QueryError(f"{noun}.sql: {name} needs a line of purpose and a statement")
    return statement


def _fill(noun: str, text: str, fragments: Mapping[str, str]) -> str:
    def fragment(match: re.Match[str]) -> str:
        if match[1] not in fragments:
            raise QueryError(f"{noun}.sql: there is no fragment {match[1]}")
        return _fill(noun, fragments[match[1]], fragments)

    return _PLACEHOLDER.sub(fragment, text)
