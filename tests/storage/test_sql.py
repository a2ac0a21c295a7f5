"""The reader of statements, and every statement of the product against the schema."""

from pathlib import Path

import asyncpg
import pytest

from duologue.storage import sql
from duologue.storage.sql import QueryError, load

QUERIES = Path(sql.__file__).with_name("queries")
MODULES = QUERIES.parent.rglob("*.py")


def write(folder: Path, text: str) -> None:
    """Write a file of queries for the noun `things`."""
    (folder / "things.sql").write_text(text)


def test_a_statement_is_found_by_name_and_names_itself(tmp_path: Path) -> None:
    """The header is no part of it, the closing semicolon is cut, fragments are filled in."""
    write(
        tmp_path,
        "-- About things.\n\n-- name: one\n-- The first.\nSELECT {columns}\nFROM things; -- all\n\n"
        "-- name: two\n-- The second.\nSELECT 2;\n\n-- fragment: columns\n-- What they are made of.\nid, name\n",
    )
    assert dict(load("things", tmp_path)) == {
        "one": "/* things.one */ SELECT id, name\nFROM things; -- all",
        "two": "/* things.two */ SELECT 2",
    }


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("-- name: one\n-- It.\nSELECT 1;\n-- name: one\n-- Again.\nSELECT 2;\n", "one stands there twice"),
        ("-- name: one\n-- It.\nSELECT 1;\n-- fragment: one\n-- Again.\nid\n", "one stands there twice"),
        ("-- name:\n-- It.\nSELECT 1;\n", "'' is no name"),
        ("-- name: Two words\n-- It.\nSELECT 1;\n", "'Two words' is no name"),
        ("-- name: one\nSELECT 1;\n", "one needs a line of purpose and a statement"),
        ("-- name: one\n-- It.\n\n-- name: two\n-- It.\nSELECT 1;\n", "one needs a line of purpose and a statement"),
        ("-- name: one\n-- It.\nSELECT {columns};\n", "there is no fragment columns"),
    ],
)
def test_a_faulty_file_is_refused(tmp_path: Path, text: str, complaint: str) -> None:
    """Doubled and empty names, missing purposes, statements and fragments stop the start."""
    write(tmp_path, text)
    with pytest.raises(QueryError, match=complaint):
        load("things", tmp_path)


@pytest.mark.parametrize("noun", sorted(path.stem for path in QUERIES.glob("*.sql")))
async def test_every_statement_fits_the_schema(database: str, noun: str) -> None:
    """PostgreSQL accepts each statement as it stands, all its tables and columns included."""
    connection = await asyncpg.connect(database)
    statements = load(noun)
    assert statements
    for name, statement in statements.items():
        if not {"begin", "lock_timeout"} & {name}:  # SET and BEGIN cannot be prepared
            await connection.prepare(statement)
    await connection.close()


def test_every_statement_is_used() -> None:
    """No statement outlives its caller."""
    code = "".join(path.read_text().replace("'", '"') for path in MODULES)
    unused = {
        f"{path.stem}.{name}" for path in QUERIES.glob("*.sql") for name in load(path.stem) if f'"{name}"' not in code
    }
    assert unused == set()
