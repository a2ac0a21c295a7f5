"""The settings: where they come from, what they accept, and the sentence that stops the start when they are not sound."""

from collections.abc import Mapping
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duologue.config import LATER, Config, ConfigError, Origin
from duologue.core.ports import Limit

SECRET = "canary-0123456789-0123456789-0123456789"

DEFAULTS = {
    "HOST": "127.0.0.1",
    "PORT": "8080",
    "DATA_DIR": "data",
    "DATABASE_URL": "",
    "DB_POOL": "25",
    "JWT_SECRET": "",
    "JWT_PUBLIC_KEY": "",
    "JWT_JWKS_URL": "",
    "JWT_AUDIENCE": "",
    "JWT_ISSUER": "",
    "ADMIN_TOKEN": "",
    "STORAGE_URL": "",
    "STORAGE_QUOTA": "",
    "USER_QUOTA": "",
    "CLAMAV_URL": "",
    "FILE_FINDINGS": "refuse",
    "MEDIA_WORKERS": "2",
    "UPLOAD_TTL": "1d",
    "LINK_TTL": "1h",
    "CORS_ORIGINS": "",
    "AVATAR_ORIGINS": "",
    "WEB_CLIENT": "on",
    "TRUSTED_PROXIES": "",
    "RATE_LIMITS": "send_message=30/min,send_message_b=10/min,create_conversation=10/min,mark_read=60/min,"
    "list_conversations=60/min,list_messages=120/min,download=100/min,upload=30/min,search_users=30/min,"
    "events=120/min,login=10/min,frames=600/min",
    "LOG_LEVEL": "info",
    "PING_INTERVAL": "30s",
    "PONG_TIMEOUT": "30s",
    "AUTH_TIMEOUT": "10s",
    "TYPING_TTL": "6s",
    "PRESENCE_TTL": "1m",
    "EVENT_RETENTION": "7d",
    "MAX_CONNECTIONS": "10000",
    "MAX_CONNECTIONS_PER_USER": "10",
    "MAX_FRAME": "256KiB",
}


def load(environ: Mapping[str, str] | None = None, dotenv: Path | None = None, **flags: str) -> Config:
    """Load from the given sources alone."""
    return Config.load(environ or {}, dotenv, flags)


def problems(environ: Mapping[str, str], dotenv: Path | None = None, **flags: str) -> tuple[str, ...]:
    """Every sentence that stops this start."""
    with pytest.raises(ConfigError) as stopped:
        load(environ, dotenv, **flags)
    return stopped.value.problems


def problem(environ: Mapping[str, str], dotenv: Path | None = None, **flags: str) -> str:
    """The only sentence that stops this start."""
    (only,) = problems(environ, dotenv, **flags)
    return only


@pytest.fixture
def dotenv(tmp_path: Path) -> Path:
    """Where a test may write its `.env` file."""
    return tmp_path / ".env"


# -- names, defaults and origins


def test_without_anything_set_every_setting_has_the_default_of_the_design() -> None:
    """The names and figures of design part 9."""
    assert {setting.name: setting.value for setting in load().describe()} == DEFAULTS
    assert {setting.origin for setting in load().describe()} == {Origin.DEFAULT}
    assert load() == Config()


def test_every_setting_is_described_by_a_sentence_a_unit_and_a_default_that_can_be_set() -> None:
    """What `duologue config` prints; a default, written back, gives the same settings."""
    described = load().describe()
    assert all(setting.doc.endswith(".") and setting.unit for setting in described)
    assert load({setting.name: setting.default for setting in described}) == load()
    assert load({setting.name: setting.value for setting in described}) == load()


def test_flags_win_over_the_environment_and_the_environment_over_the_file(dotenv: Path) -> None:
    """Each value also says where it comes from."""
    dotenv.write_text("HOST=from-file\nPORT=1\nDB_POOL=5\n")
    config = load({"HOST": "from-environment", "PORT": "2"}, dotenv, PORT="3")
    assert (config.host, config.port, config.db_pool) == ("from-environment", 3, 5)
    origins = {setting.name: setting.origin for setting in config.describe()}
    assert [origins[name] for name in ("PORT", "HOST", "DB_POOL", "MAX_FRAME")] == [
        Origin.FLAG,
        Origin.ENVIRONMENT,
        Origin.DOTENV,
        Origin.DEFAULT,
    ]


def test_an_empty_value_counts_as_unset_wherever_it_stands(dotenv: Path) -> None:
    """So an empty flag or variable does not hide a value of lower authority."""
    dotenv.write_text("PORT=1\nHOST=\nREDIS_URL=\n")
    config = load({"PORT": " ", "HOST": "", "ADMIN_TOKEN": ""}, dotenv, PORT="")
    assert (config.port, config.host) == (1, "127.0.0.1")


def test_the_environment_may_hold_names_of_other_programs() -> None:
    """Only the file and the flags are ours alone."""
    assert load({"PATH": "/bin", "PORTS": "x"}) == load()


def test_settings_cannot_be_changed_afterwards() -> None:
    """Neither a field nor the limits within one."""
    with pytest.raises(FrozenInstanceError):
        load().port = 1  # type: ignore[misc]
    for text in ("on", "off", "login=off"):
        with pytest.raises(TypeError):
            load({"RATE_LIMITS": text}).rate_limits["login"] = Limit("login", 1, 1.0)  # type: ignore[index]


# -- the file


def test_the_file_has_quotes_comments_export_and_no_interpolation(dotenv: Path) -> None:
    """What is written is what is used, so a dollar sign in a password stays one."""
    dotenv.write_text(
        f"# a comment\n\nexport HOST='0.0.0.0' # why\nJWT_SECRET=\"{SECRET}$HOME${{PORT}}\"\nLOG_LEVEL = debug\n"
    )
    config = load({"HOME": "/root"}, dotenv)
    assert (config.host, config.log_level) == ("0.0.0.0", "debug")  # noqa: S104  read, not bound
    assert config.jwt_secret == (SECRET + "$HOME${PORT}",)


def test_the_file_may_begin_with_a_byte_order_mark(dotenv: Path) -> None:
    """As some editors write it."""
    dotenv.write_bytes(b"\xef\xbb\xbfPORT=1\n")
    assert load({}, dotenv).port == 1


def test_no_file_is_an_empty_file(dotenv: Path) -> None:
    """A start without `.env` is the ordinary one."""
    assert load({}, dotenv) == load()


def test_an_unknown_name_in_the_file_stops_the_start_and_names_the_nearest(dotenv: Path) -> None:
    """A misspelt setting must not be ignored; also when it is empty."""
    dotenv.write_text("MAX_FRAMES=1MiB\nqqq=\n")
    near, far = problems({}, dotenv)
    assert near == f"MAX_FRAMES in {dotenv}: is no setting; did you mean MAX_FRAME?"
    assert far == f"qqq in {dotenv}: is no setting; remove it; `duologue config` lists the settings."


def test_an_unknown_flag_is_refused() -> None:
    """Flags go by the names of the settings."""
    assert problem({}, None, DATA="x") == "DATA in the flags: is no setting; did you mean DATA_DIR?"


@pytest.mark.parametrize("line", [SECRET, "='x'", f"JWT_SECRET='{SECRET}"])
def test_a_line_that_is_no_assignment_is_named_by_its_number_alone(dotenv: Path, line: str) -> None:
    """Its text may be a secret."""
    dotenv.write_text(f"# one\nPORT=1\n\n{line}\n")
    assert problem({}, dotenv) == f"{dotenv}, line 4: is no NAME=value; correct it or put # before it."


def test_a_file_that_cannot_be_read_stops_the_start(tmp_path: Path, dotenv: Path) -> None:
    """A folder in its place, or bytes that are no text."""
    dotenv.write_bytes(b"HOST=\xff\n")
    assert problem({}, dotenv) == f"{dotenv}: cannot be read (it is not UTF-8 text); correct it or move it away."
    assert problem({}, tmp_path).startswith(f"{tmp_path}: cannot be read (Is a directory)")


# -- sentences


def test_all_problems_are_told_at_once_with_what_to_change(dotenv: Path) -> None:
    """One start, one list: each sentence names the setting, its origin and the remedy."""
    dotenv.write_text("PING_INTERVAL=30\nNONSENSE=1\n")
    told = problems({"DB_POOL": "1", "REDIS_URL": "redis://x"}, dotenv, PORT="http")
    assert set(told) == {
        f"NONSENSE in {dotenv}: is no setting; remove it; `duologue config` lists the settings.",
        "REDIS_URL from the environment: not supported by this version, it runs as one node, without Redis; remove it.",
        "--port is 'http': give a whole number from 0 to 65535.",
        "DB_POOL from the environment is '1': give a whole number from 2 to 1000.",
        "PING_INTERVAL from .env is '30': give a number and its unit (d, h, m, s, ms) from 1ms to 1h.",
    }
    with pytest.raises(ConfigError, match=r"(?s)NONSENSE.*\n.*--port"):
        load({}, dotenv, PORT="http")


@pytest.mark.parametrize("name", LATER)
def test_a_value_for_a_feature_of_a_later_version_stops_the_start(name: str, dotenv: Path) -> None:
    """It would be ignored in silence otherwise; its value is not repeated."""
    dotenv.write_text(f"{name}={SECRET}\n")
    for told in (problem({name: SECRET}), problem({}, dotenv)):
        assert told.startswith(name)
        assert "not supported by this version" in told
        assert SECRET not in told


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("JWT_SECRET", "canary"),
        ("JWT_SECRET", f"{SECRET},canary"),
        ("JWT_PUBLIC_KEY", "canary"),
        ("JWT_PUBLIC_KEY", "-----BEGIN PRIVATE KEY-----canary"),
        ("DATABASE_URL", "mysql://u:canary@h"),
        ("DATABASE_URL", "postgresql://u:canary#@h/d"),
        ("JWT_JWKS_URL", "https://u:canary@h/jwks"),
        ("STORAGE_URL", "ftp://u:canary@h/d"),
        ("CLAMAV_URL", "http://u:canary@h"),
    ],
)
def test_no_secret_stands_in_a_refusal(name: str, text: str) -> None:
    """Not even a wrong one."""
    told = problem({name: text})
    assert told.startswith(f"{name} from the environment: ")
    assert "canary" not in told


def test_no_secret_is_shown_by_description_or_repr() -> None:
    """`(set)` is all that is printed."""
    config = load({"JWT_SECRET": SECRET, "DATABASE_URL": "postgresql://u:canary@h/d"})
    shown = {setting.name: setting.value for setting in config.describe()}
    assert (shown["JWT_SECRET"], shown["DATABASE_URL"]) == ("(set)", "(set)")
    assert "canary" not in repr(config)


@given(st.dictionaries(st.sampled_from([*DEFAULTS, *LATER]), st.text(), max_size=3))
def test_whatever_stands_in_the_environment_the_answer_is_settings_or_sentences(environ: dict[str, str]) -> None:
    """No input is a traceback."""
    try:
        load(environ)
    except ConfigError as error:
        assert all(line.endswith((".", "?")) for line in error.problems)  # noqa: PT017  both outcomes are right


def test_only_one_kind_of_key_verifies_tokens() -> None:
    """Two would be two owners of the same users."""
    told = problem({"JWT_SECRET": SECRET, "JWT_JWKS_URL": "https://id.example.com/jwks"})
    assert told == "JWT_SECRET and JWT_JWKS_URL: only one can verify the tokens; keep one of them."


@pytest.mark.parametrize("name", ["JWT_AUDIENCE", "JWT_ISSUER"])
def test_what_is_checked_in_tokens_needs_a_key_to_check_them(name: str) -> None:
    """Stand-alone, it would be ignored in silence."""
    assert problem({name: "x"}).startswith(f"{name}: checks a platform's tokens, so it needs one of JWT_SECRET")


def test_changed_rate_limits_are_described_in_full() -> None:
    """The operator sees what holds, not what was typed."""
    shown = {setting.name: setting.value for setting in load({"RATE_LIMITS": "upload=off,login=5/h"}).describe()}
    assert "upload=off" in shown["RATE_LIMITS"]
    assert "login=5/h" in shown["RATE_LIMITS"]
    assert {s.name: s.value for s in load({"RATE_LIMITS": "off"}).describe()}["RATE_LIMITS"] == "off"


def test_control_characters_and_bytes_that_are_no_text_are_refused() -> None:
    """The operating system hands such bytes over as lone surrogates."""
    for text in ("a\0b", "a\udcffb"):
        assert "control characters or is not UTF-8" in problem({"JWT_ISSUER": text, "JWT_SECRET": SECRET})


def test_the_admin_token_is_a_secret_that_a_header_can_carry() -> None:
    """It is never printed, and what no `Authorization` can say is refused."""
    config = load({"ADMIN_TOKEN": "0123abcd-._~+/=="})
    assert config.admin_token == "0123abcd-._~+/=="
    assert [setting.value for setting in config.describe() if setting.name == "ADMIN_TOKEN"] == ["(set)"]
    for text in ("two words", "Bearer:x", "schlüssel", "=="):
        told = problem({"ADMIN_TOKEN": text})
        assert "letters, digits" in told
        assert text not in told
