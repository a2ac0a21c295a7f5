"""The documents say what is: behaviours, close codes, settings and commands are held against the code."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from duologue.cli import main
from duologue.client.codes import CLOSE_CODES, reconnects
from duologue.realtime.closing import CloseCode

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted(
    page
    for page in (
        *ROOT.glob("*.md"),
        *ROOT.glob("docs/**/*.md"),
        *ROOT.glob("bench/*.md"),
        *ROOT.glob("web/**/README.md"),
    )
    if "node_modules" not in page.parts
)

# Section 3 of the requirements, as far as this landing goes: text and files in both dialects, privacy and deletion.
PROMISED = {*range(1, 97), *range(98, 173)}


def test_the_page_of_behaviours_is_what_the_tests_say() -> None:
    """`make behaviours` writes it; here it must be up to date."""
    outcome = subprocess.run([sys.executable, ROOT / "scripts" / "behaviours.py", "--check"], check=False)

    assert outcome.returncode == 0, "run `make behaviours`"


def test_every_promised_behaviour_has_a_test() -> None:
    """None of the numbers may get lost."""
    page = (ROOT / "docs" / "behaviours.md").read_text(encoding="utf-8")
    held = {int(number) for number in re.findall(r"^\| T-(\d{3}) ", page, re.MULTILINE)}

    assert held >= PROMISED, sorted(PROMISED - held)


def test_close_codes_are_the_same_in_server_client_and_page() -> None:
    """A client knows from the code alone whether to come back."""
    page = (ROOT / "docs" / "protocol" / "close-codes.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d{4}) \| (\w+) \| .* \| (reconnect|stop) \|$", page, re.MULTILINE)

    assert {int(code): (name, verdict == "reconnect") for code, name, verdict in rows} == {
        code: (row.name, row.reconnect) for code, row in CLOSE_CODES.items()
    }
    assert {int(code) for code in CloseCode} <= set(CLOSE_CODES)
    assert all(row.reconnect == reconnects(code) for code, row in CLOSE_CODES.items())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_of_documents_lead_somewhere(page: Path) -> None:
    """Those that stay in the repository: to a file, or to a folder that says what it is."""
    links = re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []
    folders = [page.parent / link for link in links if (page.parent / link).is_dir()]
    assert [folder for folder in folders if not any(folder.glob("*.md"))] == []


def test_the_command_knows_every_verb_of_the_readme() -> None:
    """`duologue VERB --help` works for each."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    line = next(line for line in readme.splitlines() if line.startswith("    duologue serve"))
    verbs = re.findall(r"\w+", line.strip().partition("        ")[0].replace("duologue", "", 1))

    assert {"serve", "migrate", "seed", "user", "token", "check", "config"} <= set(verbs)
    for verb in verbs:
        with pytest.raises(SystemExit) as end:
            main([verb, "--help"])
        assert end.value.code == 0
