"""What each sort of setting accepts, the value it gives, and the sentence with which it refuses."""

import ipaddress
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes, PublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from duologue.config import Config, ConfigError
from duologue.core.ports import Limit

SECRET = "canary-0123456789-0123456789-0123456789"


def value(name: str, text: str) -> Any:
    """What the setting `name` becomes when the environment holds `text`."""
    return getattr(Config.load({name: text}, None, {}), name.lower())


def refusal(name: str, text: str) -> str:
    """The one sentence with which `text` is refused for the setting `name`."""
    with pytest.raises(ConfigError) as stopped:
        Config.load({name: text}, None, {})
    (only,) = stopped.value.problems
    return only


# -- numbers, words and lists


@pytest.mark.parametrize(
    ("text", "seconds"), [("250ms", 0.25), ("1.5s", 1.5), ("2m", 120.0), ("1 h", 3600.0), ("1ms", 0.001)]
)
def test_durations_take_a_number_and_a_unit(text: str, seconds: float) -> None:
    """In seconds, whatever they were written in."""
    assert value("PING_INTERVAL", text) == pytest.approx(seconds)
    assert value("EVENT_RETENTION", "90d") == 90 * 86_400


@pytest.mark.parametrize("text", ["30", "0s", "-1s", "1e3s", "61m", "30 sec", "s", "1m30s", "٣s", "9" * 400 + "s"])
def test_a_duration_without_unit_or_out_of_range_is_refused(text: str) -> None:
    """A number alone would leave its unit to a guess."""
    assert "give a number and its unit" in refusal("PING_INTERVAL", text)


@given(st.integers(1000, 3_600_000_000))
def test_a_duration_is_shown_as_it_can_be_written(microseconds: int) -> None:
    """Reading what is shown gives the same time."""
    config = Config.load({"PING_INTERVAL": f"{microseconds / 1000}ms"}, None, {})
    (shown,) = (setting.value for setting in config.describe() if setting.name == "PING_INTERVAL")
    assert value("PING_INTERVAL", shown) == pytest.approx(microseconds / 1_000_000, rel=1e-12)


@pytest.mark.parametrize(
    ("text", "size"), [("300000B", 300_000), ("200KB", 200_000), ("1MiB", 1 << 20), ("1.5MB", 1_500_000)]
)
def test_sizes_take_a_number_and_a_unit(text: str, size: int) -> None:
    """In bytes; KiB and KB are different things."""
    assert value("MAX_FRAME", text) == size


@pytest.mark.parametrize("text", ["262144", "64KiB", "1GiB", "256kib", "-1B"])
def test_a_size_without_unit_or_out_of_range_is_refused(text: str) -> None:
    """A frame must at least hold the longest message (VAL-01)."""
    assert "give a number and its unit" in refusal("MAX_FRAME", text)


@pytest.mark.parametrize("text", ["-1", "65536", "80.5", "+80", "8_080", "٨٠", "9" * 5000])
def test_a_number_is_plain_digits_within_its_range(text: str) -> None:
    """What Python would accept besides is refused."""
    assert refusal("PORT", text).endswith("give a whole number from 0 to 65535.")


def test_a_word_is_one_of_its_choices_in_any_case() -> None:
    """For the log level."""
    assert value("LOG_LEVEL", "WARNING") == "warning"
    assert refusal("LOG_LEVEL", "loud").endswith("give one of debug, info, warning, error, critical.")


def test_lists_are_separated_by_commas() -> None:
    """An empty item is a slip, so it is refused."""
    assert value("CORS_ORIGINS", "http://a, http://b") == ("http://a", "http://b")
    assert "one of its items is empty" in refusal("CORS_ORIGINS", "http://a,,http://b")


def test_origins_are_kept_as_browsers_write_them() -> None:
    """Lower case and without the standard port, or they would never match."""
    text = "https://Chat.Example.com:443,http://localhost:3000,capacitor://localhost,http://[::1]:80"
    assert value("CORS_ORIGINS", text) == (
        "https://chat.example.com",
        "http://localhost:3000",
        "capacitor://localhost",
        "http://[::1]",
    )
    assert value("CORS_ORIGINS", "*") == ("*",)


@pytest.mark.parametrize("text", ["https://a.com/", "https://a.com/x", "a.com", "null", "https://a.com; script-src *"])
def test_what_is_no_origin_is_refused(text: str) -> None:
    """Avatar origins end in a security header, so nothing else may get there."""
    for name in ("CORS_ORIGINS", "AVATAR_ORIGINS"):
        assert "without a path or a final slash" in refusal(name, text)


@pytest.mark.parametrize("text", ["*", "capacitor://localhost"])
def test_avatars_come_from_named_web_origins_only(text: str) -> None:
    """Neither from everywhere nor from another scheme."""
    assert "give origins such as" in refusal("AVATAR_ORIGINS", text)


def test_proxies_are_addresses_and_networks() -> None:
    """A network with host bits is a slip."""
    assert value("TRUSTED_PROXIES", "10.0.0.0/8, ::1") == (
        ipaddress.ip_network("10.0.0.0/8"),
        ipaddress.ip_network("::1/128"),
    )
    for text in ("10.0.0.1/8", "proxy.local", "10.0.0.0/33"):
        assert "give IP addresses or networks" in refusal("TRUSTED_PROXIES", text)


def test_the_data_folder_may_start_at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """A `.env` file has no shell to expand it."""
    monkeypatch.setenv("HOME", "/home/someone")
    assert value("DATA_DIR", "~/chat") == Path("/home/someone/chat")
    assert "give the whole path" in refusal("DATA_DIR", "~nobody-of-that-name/chat")


@pytest.mark.parametrize("text", ["[::1]", "a b", "http://x"])
def test_the_host_is_an_address_or_a_name(text: str) -> None:
    """As a socket takes it."""
    assert "without brackets" in refusal("HOST", text)


# -- the database and the keys


@pytest.mark.parametrize(
    "text", ["postgresql://u:p@h:5432/d", "postgres://h/d", "postgresql:///d?host=/run/postgresql"]
)
def test_a_database_url_may_name_a_host_or_a_socket(text: str) -> None:
    """Both spellings of the scheme."""
    assert value("DATABASE_URL", text) == text


@pytest.mark.parametrize(
    "text",
    ["localhost:5432", "postgresql://u:p@h:x/d", "postgresql://u:5#x@h/d", "postgresql://u:a b@h/d", "sqlite:///x"],
)
def test_what_is_no_database_url_is_refused(text: str) -> None:
    """With a word on the characters that passwords are made of."""
    assert refusal("DATABASE_URL", text).endswith("special characters of the password percent-encoded.")


def test_secrets_rotate_as_new_and_old() -> None:
    """The new one first."""
    assert value("JWT_SECRET", f"{SECRET}-new, {SECRET}") == (f"{SECRET}-new", SECRET)


def test_a_secret_needs_32_bytes() -> None:
    """RFC 7518, 3.2: a key of HS256 is at least as long as its hash. Bytes, not characters."""
    assert value("JWT_SECRET", "s" * 32) == ("s" * 32,)
    assert value("JWT_SECRET", "é" * 16) == ("é" * 16,)
    assert "at least 32 bytes" in refusal("JWT_SECRET", "s" * 31)
    assert "at least 32 bytes" in refusal("JWT_SECRET", f"{SECRET},{'s' * 31}")


@pytest.mark.parametrize("text", ["id.example.com/jwks", "ftp://h/jwks", "https:///jwks", "https://h:0/jwks"])
def test_the_jwks_url_is_a_url_of_the_web(text: str) -> None:
    """With a host to ask."""
    assert "give a URL without user and password" in refusal("JWT_JWKS_URL", text)


def public_pem(key: PublicKeyTypes) -> str:
    """The key as PEM text."""
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


@pytest.mark.parametrize(
    "private", [ec.generate_private_key(ec.SECP256R1()), ed25519.Ed25519PrivateKey.generate()], ids=["ES256", "EdDSA"]
)
def test_a_public_key_is_given_as_text_or_as_the_path_of_a_file(private: PrivateKeyTypes, tmp_path: Path) -> None:
    """As text also in one line, as environments that know no line breaks hold it."""
    pem = public_pem(private.public_key())
    file = tmp_path / "key.pem"
    file.write_text(pem)
    for text in (pem, pem.replace("\n", "\\n"), str(file)):
        assert value("JWT_PUBLIC_KEY", text).strip() == pem.strip()


def test_a_private_key_or_a_missing_file_is_no_public_key(tmp_path: Path) -> None:
    """The sentence says how to make one."""
    private = ec.generate_private_key(ec.SECP256R1())
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    for text in (pem, str(tmp_path / "absent.pem"), str(tmp_path), "x" * 5000):
        assert "openssl pkey -pubout" in refusal("JWT_PUBLIC_KEY", text)


def test_a_public_key_that_no_allowed_algorithm_takes_is_refused() -> None:
    """RS256 asks for 2048 bits, ES256 for P-256 (RFC 7518, 3.3 and 3.4)."""
    assert value("JWT_PUBLIC_KEY", public_pem(rsa.generate_private_key(65537, 2048).public_key()))
    weak = rsa.generate_private_key(65537, 1024)  # noqa: S505  refused below
    other = ec.generate_private_key(ec.SECP384R1())
    for key in (weak.public_key(), other.public_key()):
        assert "at least 2048 bits" in refusal("JWT_PUBLIC_KEY", public_pem(key))


# -- rate limits


def test_rate_limits_are_on_off_or_changed_one_by_one() -> None:
    """What is not named keeps its figure; what is off has no limit."""
    assert value("RATE_LIMITS", "off") == {}
    assert value("RATE_LIMITS", "ON") == Config().rate_limits
    changed = value("RATE_LIMITS", "send_message=120/min, login=5/h,events=3 / s,frames=off")
    expected = dict(Config().rate_limits) | {
        "send_message": Limit("send_message", 120, 60.0),
        "login": Limit("login", 5, 3600.0),
        "events": Limit("events", 3, 1.0),
    }
    del expected["frames"]
    assert changed == expected


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("sendmessage=1/min", "it names an unknown limit; known are send_message, send_message_b, create_conversation"),
        ("yes", "it names an unknown limit"),
        ("login", "write login as a positive number per s, min or h, such as login=120/min, or login=off"),
        ("login=0/min", "write login as a positive number"),
        ("login=5", "write login as a positive number"),
        ("login=5/d", "write login as a positive number"),
        ("login=5/min,", "one of its items is empty"),
    ],
)
def test_a_rate_limit_that_is_unknown_or_no_figure_stops_the_start(text: str, sentence: str) -> None:
    """A limit that is not understood must not be taken for none."""
    assert sentence in refusal("RATE_LIMITS", text)
