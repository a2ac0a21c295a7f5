"""Paths and addresses. No I/O."""

from urllib.parse import quote, urlencode, urlsplit, urlunsplit

CHAT = "/api/v1/chat"
CONVERSATIONS = f"{CHAT}/conversations"


def segment(name: str) -> str:
    """A name as one path segment; `.` and `..`, which are user names too, must not be read as folders (RFC 3986, 5.2.4)."""
    return quote(name, safe="") if name.strip(".") else name.replace(".", "%2E")


def socket_url(base_url: str) -> str:
    """Where socket A lives on a server, from its HTTP address."""
    parts = urlsplit(base_url)
    scheme = {"http": "ws", "https": "wss"}.get(parts.scheme, parts.scheme)
    return urlunsplit((scheme, parts.netloc, f"{parts.path.rstrip('/')}{CHAT}/ws", "", ""))


def with_query(url: str, **params: str | int | None) -> str:
    """`url` with a query of the parameters that are not None."""
    query = urlencode({name: value for name, value in params.items() if value is not None})
    return f"{url}{'&' if '?' in url else '?'}{query}" if query else url
