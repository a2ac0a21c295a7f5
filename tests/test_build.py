"""How the web client comes into the package: built from its sources when they changed, carried by the wheel, fetched as the lock says."""

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import node
import web

ROOT = Path(__file__).resolve().parent.parent
LOCK = {
    "name": "small",
    "lockfileVersion": 3,
    "requires": True,
    "packages": {"": {"name": "small", "workspaces": ["app"]}, "app": {"name": "@duologue/app"}},
}
LOCK["packages"]["node_modules/@duologue/app"] = {"resolved": "app", "link": True}  # type: ignore[index]
COPY = "node -e \"fs.mkdirSync('dist');fs.copyFileSync('page.html','dist/index.html')\""


class Checkout:
    """A small project with the real scripts, a page, and a build that copies it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.page = root / "web" / "app" / "page.html"
        self.built = root / "src" / "duologue" / "web" / "index.html"
        self.page.parent.mkdir(parents=True)
        self.built.parent.parent.mkdir(parents=True)
        (root / "scripts").mkdir()
        for name in ("web.py", "node.py"):
            shutil.copy(ROOT / "scripts" / name, root / "scripts")
        (root / ".venv").symlink_to(Path(sys.prefix))
        self.page.write_text("one")
        self.write("package.json", {"name": "small", "workspaces": ["app"]})
        self.write("package-lock.json", LOCK)
        self.script(COPY)

    def write(self, name: str, content: object) -> None:
        """Write a file below web/ as JSON."""
        (self.root / "web" / name).write_text(json.dumps(content))

    def script(self, build: str) -> None:
        """Say what builds."""
        self.write("app/package.json", {"name": "@duologue/app", "scripts": {"build": build}})

    def build(self, *options: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """Run the script that builds."""
        command = [sys.executable, "scripts/web.py", "build", *options]
        environment = {**os.environ, **environ, "npm_config_cache": str(self.root / "cache")}
        return subprocess.run(command, cwd=self.root, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """Give a project to build."""
    return Checkout(tmp_path)


def test_the_client_is_built_when_its_sources_changed(checkout: Checkout) -> None:
    """And says with which Node; when nothing changed, nothing is said or done, whatever happens to tests."""
    first = checkout.build()
    assert first.returncode == 0, first.stderr
    assert re.search(r"Building the web client with Node \d+\.\d+ of (this machine|\.venv)", first.stderr)
    assert checkout.built.read_text() == "one"
    tests = checkout.page.parent / "tests"
    tests.mkdir()
    (tests / "page.test.ts").write_text("")
    again = checkout.build()
    assert (again.returncode, again.stderr) == (0, "")
    checkout.page.write_text("two")
    assert "Building" in checkout.build().stderr
    assert checkout.built.read_text() == "two"


def test_a_failed_build_leaves_the_one_before(checkout: Checkout) -> None:
    """As an error for whoever wants to build, as a sentence for whoever wants to serve."""
    checkout.build()
    checkout.script("node -e 'process.exit(3)'")
    refused, served = checkout.build(), checkout.build("--or-not")
    assert (refused.returncode, served.returncode) == (1, 0)
    assert "The web client was not built, the one built before stays." in served.stderr
    assert checkout.built.read_text() == "one"


def test_what_is_built_of_other_sources_is_not_current(checkout: Checkout) -> None:
    """Tests in browsers ask, so that none passes on the client of yesterday."""
    current = [sys.executable, "scripts/web.py", "current"]
    before = subprocess.run(current, cwd=checkout.root, check=False).returncode
    checkout.build()
    after = subprocess.run(current, cwd=checkout.root, check=False).returncode
    checkout.page.write_text("two")
    changed = subprocess.run(current, cwd=checkout.root, check=False).returncode
    assert (before, after, changed) == (1, 0, 1)


def test_without_a_registry_the_server_goes_without_a_client(checkout: Checkout) -> None:
    """And says so, in a sentence; nothing is left behind."""
    package = {"version": "1.0.0", "integrity": f"sha512-{'A' * 86}=="}
    checkout.write("package-lock.json", {**LOCK, "packages": {**LOCK["packages"], "node_modules/some": package}})  # type: ignore[dict-item]
    checkout.write("package.json", {"name": "small", "workspaces": ["app"], "dependencies": {"some": "1.0.0"}})
    nowhere = {"npm_config_registry": "http://127.0.0.1:9/", "npm_config_fetch_retries": "0"}
    said = checkout.build("--or-not", **nowhere)
    assert said.returncode == 0
    assert "there is none: the server is an API alone. The registry of npm cannot be reached from here." in said.stderr
    assert list(checkout.built.parent.parent.iterdir()) == []


def lay_out(folder: Path) -> None:
    """Copy what a wheel is made by."""
    (folder / "scripts").mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE", ".gitignore", "scripts/hatch_build.py"):
        shutil.copy(ROOT / name, folder / name)


def test_the_wheel_carries_the_built_client(tmp_path: Path) -> None:
    """Although git does not know it."""
    lay_out(tmp_path)
    house, client = tmp_path / "src" / "duologue", tmp_path / "src" / "duologue" / "web"
    (client / "assets").mkdir(parents=True)
    (house / "__init__.py").touch()
    (house / "nothing.pyc").touch()
    for name in ("index.html", "sw.js", "assets/main-1a2b3c.js"):
        (client / name).touch()
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path / "dist")]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {f"duologue/web/{name}" for name in ("index.html", "sw.js", "assets/main-1a2b3c.js")} <= names
    assert "duologue/nothing.pyc" not in names


def test_no_wheel_is_made_without_the_client(tmp_path: Path) -> None:
    """Who wants an API alone says so."""
    lay_out(tmp_path)
    (tmp_path / "src" / "duologue").mkdir(parents=True)
    (tmp_path / "src" / "duologue" / "__init__.py").touch()
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel"]
    refused = subprocess.run(command, cwd=tmp_path, check=False, capture_output=True, text=True)
    assert refused.returncode != 0
    assert "The web client is not built: `make web` builds it" in refused.stderr
    subprocess.run(
        command, cwd=tmp_path, check=True, capture_output=True, env={**os.environ, "DUOLOGUE_API_ALONE": "1"}
    )


@pytest.fixture
def packages() -> None:
    """Skip what needs the packages of web/."""
    if not web.is_installed():
        pytest.skip("the packages of web/ are not installed; `make lint` installs them")


@pytest.mark.usefixtures("packages")
def test_the_sdk_can_be_installed_and_imported(tmp_path: Path) -> None:
    """As it is packed: built anew, types and licence included, needing nothing that it does not name."""
    found, checkout, site = node.find(), tmp_path / "checkout", tmp_path / "site"
    source = checkout / "web" / "packages" / "client"
    unwanted = shutil.ignore_patterns("dist", "*.tsbuildinfo", "tests", "node_modules")
    shutil.copytree(ROOT / "web" / "packages" / "client", source, ignore=unwanted)
    for name in ("LICENSE", "web/package.json", "web/tsconfig.base.json"):
        shutil.copy(ROOT / name, checkout / name)
    (checkout / "web" / "node_modules").symlink_to(ROOT / "web" / "node_modules")
    site.mkdir()

    def npm(folder: Path, *arguments: str) -> None:
        command = [*found.npm, *arguments, "--silent"]
        subprocess.run(command, cwd=folder, env=found.environment(), check=True, capture_output=True)

    npm(source, "pack", "--pack-destination", str(tmp_path))
    (packed,) = tmp_path.glob("*.tgz")
    npm(site, "install", "--offline", *node.QUIET, str(packed))
    sdk = site / "node_modules" / "@duologue" / "client"
    assert {"LICENSE", "README.md"} <= {file.name for file in sdk.iterdir()}
    exported = json.loads((sdk / "package.json").read_text())["exports"]
    assert [path for entry in exported.values() for path in entry.values() if not (sdk / path).is_file()] == []
    program = """import { createClient } from '@duologue/client'; import { memory } from '@duologue/client/memory';
        const client = createClient({ url: 'http://127.0.0.1:9', user: 'ann', platform: memory(), getToken: async () => null });
        console.log(client.connection.status.get().state);"""
    run = [str(found.folder / "node"), "--input-type=module", "--eval", program]
    said = subprocess.run(run, cwd=site, env=found.environment(), check=False, capture_output=True, text=True)
    assert (said.stdout.strip(), said.stderr) == ("idle", "")


def test_the_lock_of_the_typescript_side_pins_hashes_and_names_no_host() -> None:
    """Every reader uses the registry of their own configuration."""
    lock = json.loads((ROOT / "web" / "package-lock.json").read_text())["packages"]
    fetched = {name: package for name, package in lock.items() if "node_modules/" in name and not package.get("link")}
    assert fetched
    assert [name for name, package in fetched.items() if not package.get("integrity", "").startswith("sha512-")] == []
    assert [name for name, package in fetched.items() if "resolved" in package] == []


def test_the_lock_of_the_typescript_side_holds_every_platform() -> None:
    """`npm ci` refuses a lock without packages that others want optionally, wherever it runs."""
    lock = json.loads((ROOT / "web" / "package-lock.json").read_text())["packages"]
    wanted = {name for package in lock.values() for name in package.get("optionalDependencies", {})}
    assert wanted
    assert {name for name in wanted if not any(path.endswith(f"node_modules/{name}") for path in lock)} == set()


def test_node_is_asked_for_alike_everywhere() -> None:
    """The scripts refuse what npm would refuse."""
    oldest = re.search(r"OLDEST = \((\d+), (\d+)\)", (ROOT / "scripts" / "node.py").read_text())
    assert oldest is not None
    engines = json.loads((ROOT / "web" / "package.json").read_text())["engines"]
    assert engines["node"] == f">={oldest[1]}.{oldest[2]}"
