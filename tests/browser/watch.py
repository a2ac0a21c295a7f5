"""Notes what a page must never do: errors on the console, exceptions that nobody caught, breaches of its own policy."""

import re

from playwright.async_api import BrowserContext, ConsoleMessage, Error, WebError

_BREACHES = """
addEventListener('securitypolicyviolation', (event) => {
  console.error(`policy breached: ${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`);
});
"""


class Watch:
    """Watches contexts. What a test provokes it names with `expect`; everything else is a fault. `noted`: all of it."""

    def __init__(self) -> None:
        self.noted: list[str] = []
        self._expected: list[re.Pattern[str]] = []

    async def over(self, context: BrowserContext) -> None:
        """Watch every page of a context, before any of them is opened."""
        await context.add_init_script(_BREACHES)
        context.on("console", self._said)
        context.on("weberror", self._raised)

    def expect(self, pattern: str) -> None:
        """Let errors pass that this finds."""
        self._expected.append(re.compile(pattern))

    @property
    def faults(self) -> list[str]:
        """What was noted and not expected."""
        return [text for text in self.noted if not any(each.search(text) for each in self._expected)]

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            place = message.location
            self.noted.append(f"{message.type}: {message.text} ({place['url']}:{place['lineNumber']})")

    def _raised(self, raised: WebError) -> None:
        error: Error = raised.error
        self.noted.append(f"uncaught: {error.message}\n{error.stack}")
