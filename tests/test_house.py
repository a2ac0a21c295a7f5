"""The rules of the house that no linter knows: sizes, names, where SQL stands, migrations in pairs, the map, the lock.

Who may import whom stands in pyproject.toml (import-linter) and is checked by `make lint`.
"""

import ast
import io
import json
import re
import sys
import tokenize
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
HOUSE = ROOT / "src" / "duologue"
WEB = ROOT / "web"
MIGRATIONS = HOUSE / "storage" / "migrations"
SOURCES = sorted(HOUSE.rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))

FILE_LINES = 400
FUNCTION_LINES = 40
POLLING_PAUSE = 0.05  # seconds
NAMES_THAT_SAY_NOTHING = {"common", "helper", "helpers", "misc", "util", "utils"}
LAYOUT = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
SQL = re.compile(
    r"\s*(select\s.*\sfrom\s|select\s+\w+\(|insert\s+into\s|update\s+\w+\s+set\s|delete\s+from\s|with\s+\w+\s+as\s*\()",
    re.IGNORECASE | re.DOTALL,
)

Function = ast.FunctionDef | ast.AsyncFunctionDef
Documented = Function | ast.ClassDef | ast.Module


def functions(tree: ast.Module) -> Iterator[Function]:
    """Return every function of a module, nested ones and methods too."""
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def docstrings(tree: ast.Module) -> Iterator[ast.Constant]:
    """Return the docstrings themselves, as nodes."""
    for node in ast.walk(tree):
        if isinstance(node, Documented) and ast.get_docstring(node) is not None:
            first = node.body[0]
            assert isinstance(first, ast.Expr)
            assert isinstance(first.value, ast.Constant)
            yield first.value


def code_lines(source: str) -> set[int]:
    """Return the numbers of the lines that hold code: no blank line, comment or docstring."""
    documentation = {
        line for text in docstrings(ast.parse(source)) for line in range(text.lineno, (text.end_lineno or 0) + 1)
    }
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    code = {line for token in tokens if token.type not in LAYOUT for line in range(token.start[0], token.end[0] + 1)}
    return code - documentation


def long_files(source: str) -> Iterator[str]:
    """Find a file over the budget."""
    if (lines := source.count("\n")) > FILE_LINES:
        yield f"1: {lines} lines, at most {FILE_LINES}"


def long_functions(source: str) -> Iterator[str]:
    """Find functions over the budget, counted in lines of code."""
    code = code_lines(source)
    for function in functions(ast.parse(source)):
        lines = sum(1 for line in code if function.lineno <= line <= (function.end_lineno or 0))
        if lines > FUNCTION_LINES:
            yield f"{function.lineno}: {function.name} has {lines} lines of code, at most {FUNCTION_LINES}"


def no_module_docstring(source: str) -> Iterator[str]:
    """Find a file that does not say what it is for."""
    if not ast.get_docstring(ast.parse(source)):
        yield "1: no docstring says what lives here"


def sql_in_strings(source: str) -> Iterator[str]:
    """Find strings that begin as a statement does."""
    tree = ast.parse(source)
    documentation = set(docstrings(tree))
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or node in documentation:
            continue
        if isinstance(node.value, str) and SQL.match(node.value):
            yield f"{node.lineno}: SQL outside storage"


def imports_inside_functions(source: str) -> Iterator[str]:
    """Find imports that hide what a module depends on."""
    for function in functions(ast.parse(source)):
        for node in ast.walk(function):
            if isinstance(node, ast.Import | ast.ImportFrom):
                yield f"{node.lineno}: import inside {function.name}"


def foreign_imports(source: str) -> Iterator[str]:
    """Find imports that are neither of the standard library nor of the core."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""] if node.level == 0 else []
        else:
            continue
        for name in names:
            if name.partition(".")[0] not in sys.stdlib_module_names and not f"{name}.".startswith("duologue.core."):
                yield f"{node.lineno}: imports {name}"


def sleeps(source: str) -> Iterator[str]:
    """Find sleeps for a fixed time, also in a browser. None are `sleep(0)`, and the short pause of a `while` that polls a condition."""
    tree = ast.parse(source)
    polling = {node for loop in ast.walk(tree) if isinstance(loop, ast.While) for node in ast.walk(loop)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        seconds = node.args[0].value if isinstance(node.args[0], ast.Constant) else 0
        longest = POLLING_PAUSE if node in polling else 0
        if name == "wait_for_timeout" or (name == "sleep" and isinstance(seconds, int | float) and seconds > longest):
            yield f"{node.lineno}: sleeps for a fixed time; wait for what is expected"


def offenders(files: list[Path], rule: Callable[[str], Iterator[str]]) -> list[str]:
    """Return `file:line: what` for each break of a rule."""
    assert files
    return [f"{file.relative_to(ROOT)}:{found}" for file in files for found in rule(file.read_text())]


@pytest.mark.parametrize("rule", [long_files, long_functions, no_module_docstring, imports_inside_functions])
def test_every_file_of_the_house_keeps(rule: Callable[[str], Iterator[str]]) -> None:
    """Files and functions stay short, a docstring says what lives in each, imports stand at the top."""
    assert offenders(SOURCES, rule) == []


def test_sql_stands_in_storage_alone() -> None:
    """No string outside storage is a statement."""
    assert offenders([file for file in SOURCES if HOUSE / "storage" not in file.parents], sql_in_strings) == []


def test_the_core_imports_the_standard_library_only() -> None:
    """What the product means depends on no library."""
    assert offenders(sorted((HOUSE / "core").rglob("*.py")), foreign_imports) == []


def test_no_test_sleeps() -> None:
    """Tests wait for what they expect, with a timeout."""
    assert offenders(TESTS, sleeps) == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    """A module is named after a noun of the domain."""
    named = [part.relative_to(ROOT) for part in [*HOUSE.rglob("*"), *(ROOT / "tests").rglob("*")]]
    assert [str(path) for path in named if path.stem in NAMES_THAT_SAY_NOTHING] == []


def test_migrations_come_in_pairs_without_gaps() -> None:
    """Each step up has its step down, and the numbers are 1, 2, 3 ..."""
    up, down = (
        {file.name.removesuffix(end) for file in MIGRATIONS.glob(f"*{end}")} for end in (".up.sql", ".down.sql")
    )
    assert up
    assert up == down
    assert sorted(int(name.partition("_")[0]) for name in up) == list(range(1, len(up) + 1))


def test_the_map_names_what_exists() -> None:
    """Every path in backticks exists, from the root, the package or a workspace of web/, and every room of each is on the map."""
    text = (ROOT / "docs" / "map.md").read_text()
    paths = {name for name in re.findall(r"`([\w./-]+)`", text) if "/" in name or name.endswith((".py", ".md", ".ts"))}
    floors = (HOUSE, *(WEB / name / "src" for name in ("app", "packages/react", "packages/client")))
    assert [name for name in sorted(paths) if not any((base / name).exists() for base in (ROOT, *floors))] == []
    files = {path.name for path in HOUSE.glob("[!_]*.py")}
    rooms = files | {f"{path.name}/" for floor in floors for path in floor.glob("[!_]*/") if is_room(path)}
    prefixes = tuple(f"{floor.relative_to(ROOT)}/" for floor in floors)
    named = {name.removeprefix(next(filter(name.startswith, prefixes), "")) for name in paths}
    assert {room for room in rooms if not any(name == room or name.startswith(room) for name in named)} == set()


def is_room(folder: Path) -> bool:
    """Say whether there is code in a folder; in that of the built client there is none."""
    return any(folder.glob("*.py")) or any(folder.rglob("*.ts*"))


def locked() -> dict[str, str]:
    """Return name -> version of everything in the lock."""
    pins = re.findall(r"^([\w.-]+)==([^\s;]+)", (ROOT / "requirements.lock").read_text(), re.MULTILINE)
    return {canonicalize_name(name): version for name, version in pins}


def test_the_lock_holds_what_pyproject_asks_for() -> None:
    """A dependency added or raised without `make lock` is found here, not by the next clone."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = project["dependency-groups"]
    asked = [
        *project["project"]["dependencies"],
        *project["build-system"]["requires"],
        *groups["dev"],
        *groups["build"],
    ]
    pins = locked()
    stale = [
        text
        for text in asked
        if (need := Requirement(text)) and not need.specifier.contains(pins.get(canonicalize_name(need.name), ""))
    ]
    assert stale == [], "run `make lock`"


@pytest.mark.parametrize("lock", ["requirements.lock", "scripts/bootstrap.lock"])
def test_a_lock_pins_hashes_and_names_no_host(lock: str) -> None:
    """Nothing unverified is installed, and every reader uses the registry of their own configuration."""
    text = (ROOT / lock).read_text()
    entries = re.split(r"^(?=[\w.-]+==)", text, flags=re.MULTILINE)[1:]
    assert entries
    assert [entry.partition(" ")[0] for entry in entries if "--hash=sha256:" not in entry] == []
    assert "://" not in text


def test_the_lock_of_azurite_pins_hashes_and_names_no_host() -> None:
    """As the others; what stands in for packages that nothing calls lies beside it."""
    folder = ROOT / "tests" / "blobs" / "azurite"
    lock = json.loads((folder / "package-lock.json").read_text())["packages"]
    asked = json.loads((folder / "package.json").read_text())
    assert lock.pop("")["dependencies"] == asked["dependencies"]
    assert lock.pop("nothing")["version"] == "1.0.0"
    links = {name for name, package in lock.items() if package.get("link")}
    assert links == {f"node_modules/{name}" for name in asked["overrides"]}
    fetched = [package for name, package in lock.items() if name not in links]
    assert fetched
    assert all(package["integrity"].startswith("sha512-") and "resolved" not in package for package in fetched)
