"""Every setting once: name, default, unit, doc. Read by `app.py` and `cli.py` only; everybody else gets plain arguments.

A setting is the upper case of a field below: an environment variable, a line of a `.env` file, or a flag where one is named.
Flags win over the environment, the environment over `.env`; an empty value counts as unset (design part 9).
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self

from duologue import environment as env
from duologue.core.ports import Limit

# Never more than so many a minute (design part 9, C-30): per user, or as said.
RATE_LIMITS: Mapping[str, Limit] = MappingProxyType(
    {
        name: Limit(name, count, 60.0)
        for name, count in {
            "send_message": 30,  # dialect A, REST and socket together
            "send_message_b": 10,  # dialect B, both
            "create_conversation": 10,
            "mark_read": 60,
            "list_conversations": 60,
            "list_messages": 120,
            "download": 100,
            "upload": 30,
            "search_users": 30,
            "events": 120,
            "login": 10,  # per address and name
            "frames": 600,  # per connection: every frame that comes in
        }.items()
    }
)

# Names that stay, of features that this version does not have: a value for one must not be ignored in silence.
LATER: Mapping[str, str] = MappingProxyType(
    {
        "REDIS_URL": "it runs as one node, without Redis",
    }
)

_KEYS = ("JWT_SECRET", "JWT_PUBLIC_KEY", "JWT_JWKS_URL")
_NEED_KEY = ("JWT_AUDIENCE", "JWT_ISSUER")


class Origin(StrEnum):
    """Where a value comes from."""

    FLAG = "flag"
    ENVIRONMENT = "environment"
    DOTENV = ".env"
    DEFAULT = "default"


_PLACES = {Origin.FLAG: "the flags", Origin.ENVIRONMENT: "the environment", Origin.DOTENV: ".env"}


class ConfigError(Exception):
    """The settings are not sound; `problems` are sentences, one for each setting to change, without any secret."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(problems))


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting as `duologue config` prints it; a secret's value is `(set)` or empty."""

    name: str
    value: str
    origin: Origin
    default: str
    unit: str
    doc: str


def _setting(default: str, kind: env.Kind[Any], doc: str, *, secret: bool = False, flag: str = "") -> Any:
    metadata = {"default": default, "kind": kind, "doc": doc, "secret": secret, "flag": flag}
    value = kind.read(default) if default else kind.unset
    return dataclasses.field(default_factory=lambda: value, metadata=metadata, repr=not secret)


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The settings as values: durations in seconds, sizes in bytes. Built by `load`, or by hand in tests."""

    host: str = _setting(
        "127.0.0.1", env.address(), "Where the server listens; 0.0.0.0 or :: for everywhere.", flag="--host"
    )
    port: int = _setting("8080", env.whole(0, 65535), "TCP port of the server; 0 takes a free one.", flag="--port")
    data_dir: Path = _setting(  # noqa: RUF009  a field, like the others
        "data",
        env.folder(),
        "Folder of what the server keeps itself, such as the embedded PostgreSQL; relative to the current one.",
        flag="--data",
    )
    database_url: str | None = _setting(
        "",
        env.database_url(),
        "PostgreSQL 15 or later; unset: an embedded PostgreSQL in DATA_DIR.",
        secret=True,
    )
    db_pool: int = _setting("25", env.whole(2, 1000), "Connections to PostgreSQL at most.")
    jwt_secret: tuple[str, ...] = _setting(
        "",
        env.secrets(least=32),
        "Verifies the platform's HS256 tokens, at least 32 bytes (RFC 7518, 3.2); `new,old` while rotating.",
        secret=True,
    )
    jwt_public_key: str | None = _setting(
        "",
        env.public_key(),
        "Verifies the platform's RS256, ES256 or EdDSA tokens: a public key as PEM text, or the path of its file.",
        secret=True,
    )
    jwt_jwks_url: str | None = _setting(
        "",
        env.web_url(example="https://id.example.com/.well-known/jwks.json"),
        "Where the platform publishes its keys (JWKS, RFC 7517).",
    )
    jwt_audience: tuple[str, ...] = _setting(
        "", env.any_texts(), "Tokens must name one of these in `aud`; unset: unchecked."
    )
    jwt_issuer: str | None = _setting("", env.any_text(), "Tokens must name this in `iss`; unset: unchecked.")
    admin_token: str | None = _setting(
        "",
        env.bearer(),
        "Opens the admin API to the platform's own server, e.g. from `openssl rand -hex 32`; unset: there is none.",
        secret=True,
    )
    storage_url: str | None = _setting(
        "",
        env.service_url("file", "s3", "gs", "az", "bunny", example="s3://bucket/folder?region=eu-west-1"),
        "Where files lie: a folder, S3, GCS, Azure or Bunny (docs/files.md); unset: the folder `files` in DATA_DIR.",
        secret=True,
    )
    storage_quota: int | None = _setting(
        "", env.size("1MiB", "9000000GiB"), "Bytes of all files; unset: what the store takes."
    )
    user_quota: int | None = _setting("", env.size("1MiB", "9000000GiB"), "Bytes of one user's files; unset: no bound.")
    clamav_url: str | None = _setting(
        "",
        env.service_url("tcp", "unix", example="tcp://127.0.0.1:3310"),
        "A ClamAV daemon that every file is shown to; unset: nobody is asked.",
    )
    file_findings: str = _setting(
        "refuse", env.word("refuse", "flag"), "What becomes of macros in Office files and active content in PDF."
    )
    media_workers: int = _setting("2", env.whole(1, 64), "Processes at most that look into files and work on pictures.")
    upload_ttl: float = _setting(
        "24h", env.duration("1m", "365d"), "After this, a file that was never sent is removed."
    )
    link_ttl: float = _setting("1h", env.duration("1s", "7d"), "How long a signed link to a file is good.")
    cors_origins: tuple[str, ...] = _setting(
        "", env.origins(any_origin=True), "Web origins that may call the API from a browser; `*` for all."
    )
    avatar_origins: tuple[str, ...] = _setting(
        "", env.origins(schemes=frozenset({"http", "https"})), "Web origins that the web client may load avatars from."
    )
    web_client: str = _setting("on", env.word("on", "off"), "Whether `/` is the web client; off: the API alone.")
    trusted_proxies: tuple[env.Network, ...] = _setting(
        "", env.networks(), "Addresses or networks whose X-Forwarded-For and X-Forwarded-Proto are believed."
    )
    rate_limits: Mapping[str, Limit] = _setting(
        "on",
        env.limits(RATE_LIMITS),
        "`on`, `off`, or overrides such as send_message=120/min,login=off (per s, min, h).",
    )
    log_level: str = _setting(
        "info", env.word("debug", "info", "warning", "error", "critical"), "What is logged at least."
    )
    ping_interval: float = _setting("30s", env.duration("1ms", "1h"), "How often a socket is pinged.")
    pong_timeout: float = _setting(
        "30s", env.duration("1ms", "1h"), "How late a pong may be before its socket is aborted."
    )
    auth_timeout: float = _setting("10s", env.duration("1ms", "10m"), "How long a socket may stay without a token.")
    typing_ttl: float = _setting("6s", env.duration("1ms", "5m"), "After this, typing stops by itself.")
    presence_ttl: float = _setting("60s", env.duration("1ms", "1h"), "Lease of a connection's presence.")
    event_retention: float = _setting("7d", env.duration("1ms", "3650d"), "How long a client may be away and catch up.")
    max_connections: int = _setting("10000", env.whole(1, 1_000_000), "Open sockets at most, in this process.")
    max_connections_per_user: int = _setting("10", env.whole(1, 10_000), "Open sockets of one user at most.")
    max_frame: int = _setting(
        # 10,000 characters escaped as surrogate pairs are 120,000 bytes: less would break VAL-01.
        "256KiB",
        env.size("128KiB", "16MiB"),
        "The largest frame a socket may send.",
    )
    sources: Mapping[str, Origin] = dataclasses.field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def load(cls, environ: Mapping[str, str], env_file: Path | None, flags: Mapping[str, str]) -> Self:
        """Settings from flags (by setting name), environment and `.env` file, in this order of authority.

        Raises ConfigError with all problems at once. Unknown names are refused in flags and file; the environment is
        full of other programs' names.
        """
        dotenv, problems = env.read_env_file(env_file)
        fields = _fields()
        problems += _unknown(dotenv, f"{env_file}") + _unknown(flags, "the flags")
        given: dict[str, tuple[str, Origin]] = {}
        for origin, texts in ((Origin.DOTENV, dotenv), (Origin.ENVIRONMENT, environ), (Origin.FLAG, flags)):
            given |= {name: (texts[name].strip(), origin) for name in (*fields, *LATER) if texts.get(name, "").strip()}
        problems += [_later(name, given[name][1]) for name in LATER if name in given]
        problems += _clashes(given)
        values: dict[str, Any] = {}
        for name, field in fields.items():
            if name in given:
                try:
                    values[field.name] = _read(field, given[name][0])
                except ValueError as error:
                    problems.append(f"{_called(name, *given[name])}: {error}.")
        if problems:
            raise ConfigError(problems)
        return cls(**values, sources=MappingProxyType({name: origin for name, (_, origin) in given.items()}))

    def describe(self) -> list[Setting]:
        """Every setting with its value, origin, default, unit and doc, in the order of this file."""
        return [self._describe(name, field) for name, field in _fields().items()]

    def _describe(self, name: str, field: dataclasses.Field[Any]) -> Setting:
        value = getattr(self, field.name)
        kind: env.Kind[Any] = field.metadata["kind"]
        shown = "" if value == kind.unset else "(set)" if field.metadata["secret"] else kind.show(value)
        origin = self.sources.get(name, Origin.DEFAULT)
        return Setting(name, shown, origin, field.metadata["default"], kind.unit, field.metadata["doc"])


def _fields() -> dict[str, dataclasses.Field[Any]]:
    return {field.name.upper(): field for field in dataclasses.fields(Config) if field.metadata}


def _read(field: dataclasses.Field[Any], text: str) -> Any:
    # `surrogateescape` is how the operating system hands over bytes that are no UTF-8.
    if any((character < " " and character not in "\r\n\t") or "\ud800" <= character <= "\udfff" for character in text):
        raise ValueError("its text holds control characters or is not UTF-8; write it anew")
    return field.metadata["kind"].read(text)


def _called(name: str, text: str, origin: Origin) -> str:
    """How a problem names a setting: where it comes from and, unless it is secret, what it is."""
    metadata = _fields()[name].metadata
    label = metadata["flag"] or name if origin is Origin.FLAG else f"{name} from {_PLACES[origin]}"
    hushed = metadata["secret"] or "@" in text  # a URL may hold a password where none belongs
    return label if hushed else f"{label} is {text[:80]!r}"


def _unknown(names: Mapping[str, str], place: str) -> list[str]:
    known = [*_fields(), *LATER]
    problems = []
    for name in names:
        if name not in known:
            near = get_close_matches(name.upper(), known, 1)
            advice = f"did you mean {near[0]}?" if near else "remove it; `duologue config` lists the settings."
            problems.append(f"{name} in {place}: is no setting; {advice}")
    return problems


def _later(name: str, origin: Origin) -> str:
    return f"{name} from {_PLACES[origin]}: not supported by this version, {LATER[name]}; remove it."


def _clashes(given: Mapping[str, object]) -> list[str]:
    keys = [name for name in _KEYS if name in given]
    if len(keys) > 1:
        return [f"{' and '.join(keys)}: only one can verify the tokens; keep one of them."]
    if not keys:
        return [
            f"{name}: checks a platform's tokens, so it needs one of {', '.join(_KEYS)}; set one or remove it."
            for name in _NEED_KEY
            if name in given
        ]
    return []
