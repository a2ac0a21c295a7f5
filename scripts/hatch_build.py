"""What hatchling asks before it makes a wheel: is the web client there? An editable install has no need of it yet."""

import os
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class WheelHook(BuildHookInterface):  # type: ignore[type-arg]
    """Refuses to make a wheel without the client, unless DUOLOGUE_API_ALONE is set."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002  hatchling's signature
        """Look before anything is packed.

        Raises:
            RuntimeError: the client is not built.
        """
        built = Path(self.root) / "src" / "duologue" / "web" / "index.html"
        if version != "editable" and not built.is_file() and not os.environ.get("DUOLOGUE_API_ALONE"):
            raise RuntimeError("The web client is not built: `make web` builds it; DUOLOGUE_API_ALONE=1 does without.")
