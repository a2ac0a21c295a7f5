"""Writes docs/behaviours.md: each behaviour that a test holds, in the words of that test. `--check` only compares.

A test that holds behaviour T-032 is called `test_t032_...`, one that holds two `test_t032_t033_...`; the first line of its docstring
is the sentence.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "behaviours.md"
_NAMED = re.compile(r"test((?:_t\d{3})+)_")
_HEAD = """# Behaviours

Each behaviour that the tests hold, by the numbers of the requirements, and the tests that hold it. Written by `make behaviours`
from the tests themselves; a test fails when this page is not what they say.

| behaviour | what is true | test |
|---|---|---|
"""


def found() -> Iterator[tuple[str, str, str]]:
    """(number, sentence, test) of every test that holds a behaviour."""
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (match := _NAMED.match(node.name)):
                sentence = (ast.get_docstring(node) or "").partition("\n")[0]
                for number in match[1].split("_t")[1:]:
                    yield number, sentence, f"{path.relative_to(ROOT).as_posix()}::{node.name}"


def page() -> str:
    """The page as the tests say."""
    rows = [
        f"| T-{number} | {sentence.replace('|', chr(92) + '|')} | `{test}` |"
        for number, sentence, test in sorted(found())
    ]
    return _HEAD + "\n".join(rows) + "\n"


def main() -> int:
    """Write the page, or compare it."""
    text = page()
    if "--check" in sys.argv:
        return 0 if PAGE.read_text(encoding="utf-8") == text else 1
    PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
