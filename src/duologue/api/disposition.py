"""`Content-Disposition` of files (RFC 6266, B-32): names of any script, and nothing in them that could end the header."""

import re
from urllib.parse import quote

_PLAIN = "!#$&+-.^_`|~"  # what stands unencoded in filename*, besides letters and digits (RFC 8187, 3.2.1)
_NOT_ASCII = re.compile(r"[^\x20-\x7e]")


def disposition(name: str, *, inline: bool) -> str:
    """To be shown in place, or to be saved, under this name: in ASCII for old clients, and whole in UTF-8."""
    ascii_name = _NOT_ASCII.sub("_", name).replace("\\", "\\\\").replace('"', '\\"')
    whole = quote(name.encode(errors="replace"), safe=_PLAIN)
    return f"{'inline' if inline else 'attachment'}; filename=\"{ascii_name}\"; filename*=UTF-8''{whole}"
