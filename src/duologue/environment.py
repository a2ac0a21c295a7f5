"""How the texts of the environment become values, and back: one `Kind` per sort of value, and the reader of `.env` files.

Which settings exist stands in `config.py`. A `Kind` refuses with a ValueError whose sentence says what to give instead and
never quotes the text, which may be a secret.
"""

import io
import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Generic, TypeVar
from urllib.parse import SplitResult, urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from dotenv.parser import parse_stream

from duologue.core.ports import Limit

T = TypeVar("T")
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_DURATIONS = {"d": 86_400.0, "h": 3_600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_SIZES = {"GiB": 1 << 30, "MiB": 1 << 20, "KiB": 1 << 10, "GB": 10**9, "MB": 10**6, "KB": 10**3, "B": 1}
_WINDOWS = {"s": 1.0, "min": 60.0, "h": 3_600.0}
_AMOUNT = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,9})?)\s*([A-Za-z]+)")
_ORIGIN = re.compile(r"([a-z][a-z0-9+.-]*)://(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?")
_STANDARD_PORTS = {"http": ":80", "https": ":443"}


@dataclass(frozen=True, slots=True)
class Kind(Generic[T]):
    """A sort of value: its unit as printed, how a text is read, how a value is shown, and what unset means."""

    unit: str
    read: Callable[[str], T]
    show: Callable[[T], str]
    unset: T | None = None


def whole(low: int, high: int) -> Kind[int]:
    """A whole number from `low` to `high`."""

    def read(text: str) -> int:
        if not re.fullmatch(r"-?[0-9]{1,18}", text) or not low <= int(text) <= high:
            raise ValueError(f"give a whole number from {low} to {high}")
        return int(text)

    return Kind("number", read, str)


def duration(low: str, high: str) -> Kind[float]:
    """Seconds, written as a number and one of ms, s, m, h, d; a number alone is refused, its unit would be a guess."""
    return _measured("duration", _DURATIONS, low, high, float)


def size(low: str, high: str) -> Kind[int]:
    """Bytes, written as a number and one of B, KiB, MiB, GiB, KB, MB, GB."""
    return _measured("size", _SIZES, low, high, int)


def word(*choices: str) -> Kind[str]:
    """One of `choices`, in any case."""

    def read(text: str) -> str:
        if text.lower() not in choices:
            raise ValueError(f"give one of {', '.join(choices)}")
        return text.lower()

    return Kind("word", read, str)


def address() -> Kind[str]:
    """What a socket can be bound to: an IP address without brackets, or a host name."""

    def read(text: str) -> str:
        if not re.fullmatch(r"[A-Za-z0-9._:%-]+", text):
            raise ValueError("give an IP address without brackets, or a host name, such as 127.0.0.1 or ::")
        return text

    return Kind("address", read, str)


def folder() -> Kind[Path]:
    """A folder, relative to the current one unless absolute; `~` is the home folder."""

    def read(text: str) -> Path:
        try:
            return Path(text).expanduser()
        except RuntimeError:
            raise ValueError("this home folder is unknown; give the whole path") from None

    return Kind("path", read, str)


def database_url() -> Kind[str]:
    """Where PostgreSQL is, as libpq writes it; the host may be left to a query parameter, as for a UNIX socket."""

    def read(text: str) -> str:
        if _url(text, "postgres", "postgresql") is None:
            raise ValueError(
                "give a URL such as postgresql://user:password@host:5432/duologue, "
                "special characters of the password percent-encoded"
            )
        return text

    return Kind("URL", read, str)


def web_url(*, example: str) -> Kind[str]:
    """A URL of the web with a host, without user and password, since it is printed as it is."""

    def read(text: str) -> str:
        parts = _url(text, "http", "https")
        if parts is None or not parts.hostname or "@" in parts.netloc:
            raise ValueError(f"give a URL without user and password, such as {example}")
        return text

    return Kind("URL", read, str)


def service_url(*schemes: str, example: str) -> Kind[str]:
    """A URL of another service, by one of `schemes`; it may hold a key, and what else it must hold is the service's."""

    def read(text: str) -> str:
        if _url(text, *schemes) is None:
            raise ValueError(
                f"give a URL that begins with {', '.join(f'{name}://' for name in schemes)}, such as {example}"
            )
        return text

    return Kind("URL", read, str)


def bearer() -> Kind[str]:
    """A token as the header `Authorization` can carry it (RFC 6750, 2.1)."""

    def read(text: str) -> str:
        if not re.fullmatch(r"[A-Za-z0-9._~+/-]+=*", text):
            raise ValueError("give letters, digits and . _ ~ + / - alone, best 32 random bytes in hexadecimal")
        return text

    return Kind("token", read, str)


def any_text() -> Kind[str]:
    """Any text."""
    return Kind("text", str, str)


def any_texts() -> Kind[tuple[str, ...]]:
    """Texts, separated by commas."""
    return Kind("list", _items, ",".join, ())


def secrets(*, least: int) -> Kind[tuple[str, ...]]:
    """Secrets of at least `least` bytes each, separated by commas."""

    def read(text: str) -> tuple[str, ...]:
        found = _items(text)
        if any(len(secret.encode()) < least for secret in found):
            raise ValueError(
                f"each secret needs at least {least} bytes, and a comma separates the new one from the old; "
                "draw one with: openssl rand -base64 48"
            )
        return found

    return Kind("list", read, ",".join, ())


def origins(*, schemes: frozenset[str] | None = None, any_origin: bool = False) -> Kind[tuple[str, ...]]:
    """Web origins as browsers write them: lower case, no standard port; `*` only if `any_origin`."""

    def read(text: str) -> tuple[str, ...]:
        return tuple(one(item.lower()) for item in _items(text))

    def one(item: str) -> str:
        if any_origin and item == "*":
            return item
        match = _ORIGIN.fullmatch(item)
        if match is None or (schemes is not None and match[1] not in schemes):
            raise ValueError("give origins such as https://chat.example.com, without a path or a final slash")
        return item.removesuffix(_STANDARD_PORTS.get(match[1], " "))

    return Kind("list", read, ",".join, ())


def networks() -> Kind[tuple[Network, ...]]:
    """IP addresses and networks, separated by commas."""

    def read(text: str) -> tuple[Network, ...]:
        try:
            return tuple(ipaddress.ip_network(item) for item in _items(text))
        except ValueError:
            raise ValueError("give IP addresses or networks without host bits, such as 10.0.0.0/8,::1") from None

    return Kind("list", read, lambda found: ",".join(map(str, found)), ())


def public_key() -> Kind[str]:
    """A public key as PEM text (backslash n counts as a line break) or the path of a file that holds it; the text."""

    def read(text: str) -> str:
        try:
            pem = text.replace("\\n", "\n") if "-----BEGIN" in text else Path(text).read_text("ascii")
            usable = _usable(load_pem_public_key(pem.encode("ascii")))
        except (OSError, ValueError, UnsupportedAlgorithm):
            raise ValueError(
                'give a public key as PEM ("-----BEGIN PUBLIC KEY-----"), or the path of a readable file that holds one; '
                "from a private key or a certificate openssl makes it with: openssl pkey -pubout, openssl x509 -pubkey"
            ) from None
        if not usable:
            raise ValueError(
                "give an RSA key of at least 2048 bits (RS256), a P-256 key (ES256) or an Ed25519 key (EdDSA)"
            )
        return pem

    return Kind("PEM", read, str)


def limits(known: Mapping[str, Limit]) -> Kind[Mapping[str, Limit]]:
    """Rate limits: `on` for the `known`, `off` for none, or overrides of single ones. A limit that is off is absent."""

    def read(text: str) -> Mapping[str, Limit]:
        if text.lower() in {"on", "off"}:
            return MappingProxyType(dict(known) if text.lower() == "on" else {})
        found = dict(known)
        for item in _items(text):
            name, _, figure = (part.strip() for part in item.partition("="))
            if name not in known:
                raise ValueError(f"it names an unknown limit; known are {', '.join(known)}")
            limit = _limit(name, figure)
            found.pop(name) if limit is None else found.update({name: limit})
        return MappingProxyType(found)

    return Kind("limits", read, lambda found: _show_limits(known, found))


def read_env_file(path: Path | None) -> tuple[dict[str, str], list[str]]:
    """The names and values of a `.env` file, and what is wrong with it; no file is an empty one. Nothing is interpolated."""
    if path is None:
        return {}, []
    try:
        bindings = list(parse_stream(io.StringIO(path.read_text("utf-8"))))
    except FileNotFoundError:
        return {}, []
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        return {}, [f"{path}: cannot be read ({reason}); correct it or move it away."]
    values: dict[str, str] = {}
    problems: list[str] = []
    for binding in bindings:
        if binding.key is not None and binding.value is not None:
            values[binding.key] = binding.value
        elif binding.error or binding.key is not None:
            blank = len(binding.original.string) - len(binding.original.string.lstrip())
            line = binding.original.line + binding.original.string[:blank].count("\n")
            problems.append(f"{path}, line {line}: is no NAME=value; correct it or put # before it.")
    return values, problems


def _url(text: str, *schemes: str) -> SplitResult | None:
    try:
        parts = urlsplit(text)
        sound = parts.scheme in schemes and parts.port != 0 and not parts.fragment
    except ValueError:  # a port that is none, a bracket out of place
        return None
    return parts if sound and not re.search(r"\s", text) else None


def _usable(key: object) -> bool:
    """RFC 7518, 3.3 and 3.4; RFC 8037."""
    if isinstance(key, RSAPublicKey):
        return key.key_size >= 2048
    if isinstance(key, EllipticCurvePublicKey):
        return isinstance(key.curve, SECP256R1)
    return isinstance(key, Ed25519PublicKey)


def _items(text: str) -> tuple[str, ...]:
    items = tuple(item.strip() for item in text.split(","))
    if "" in items:
        raise ValueError("one of its items is empty; remove the comma too many")
    return items


def _amount(text: str, units: Mapping[str, float]) -> float | None:
    match = _AMOUNT.fullmatch(text)
    if match is None or match[2] not in units:
        return None
    return float(match[1]) * units[match[2]]


def _measured(unit: str, units: Mapping[str, float], low: str, high: str, number: Callable[[float], T]) -> Kind[T]:
    least, most = _amount(low, units), _amount(high, units)
    if least is None or most is None:
        raise ValueError(f"{low} and {high} must be written in {', '.join(units)}")

    def read(text: str) -> T:
        amount = _amount(text, units)
        if amount is None or not least <= amount <= most:
            raise ValueError(f"give a number and its unit ({', '.join(units)}) from {low} to {high}")
        return number(amount)

    return Kind(unit, read, lambda value: _show_amount(value, units))


def _show_amount(amount: Any, units: Mapping[str, float]) -> str:
    """In the largest unit that leaves a whole number, or in the smallest; floats are compared at a millionth of that."""
    sizes = {unit: round(factor / min(units.values())) for unit, factor in units.items()}
    count = round(amount / min(units.values()), 6)
    unit = next((unit for unit, size in sizes.items() if count % size == 0), list(units)[-1])
    return f"{count / sizes[unit]:.15g}{unit}"


def _limit(name: str, figure: str) -> Limit | None:
    if figure.lower() == "off":
        return None
    match = re.fullmatch(r"([0-9]{1,6})\s*/\s*(s|min|h)", figure)
    if match is None or int(match[1]) == 0:
        raise ValueError(f"write {name} as a positive number per s, min or h, such as {name}=120/min, or {name}=off")
    return Limit(name, int(match[1]), _WINDOWS[match[2]])


def _show_limits(known: Mapping[str, Limit], found: Mapping[str, Limit]) -> str:
    units = {window: unit for unit, window in _WINDOWS.items()}
    if not found:
        return "off"
    shown = ((name, found.get(name)) for name in known)
    return ",".join(f"{name}={limit.count}/{units[limit.window]}" if limit else f"{name}=off" for name, limit in shown)
