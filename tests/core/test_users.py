"""Names of users: how they are compared, which there can be, which are generated."""

from uuid import UUID

import pytest

from duologue.core.errors import ValidationFailed
from duologue.core.users import check_avatar, check_display_name, generated_usernames, is_username, username_key


@pytest.mark.parametrize(
    ("one", "other"),
    [("Ada", "aDA"), ("STRASSE", "straße"), ("é", "e\u0301"), ("ΣΊΣΥΦΟΣ", "σίσυφος"), ("İ", "i\u0307")],
)
def test_names_are_compared_without_case_and_however_accents_are_encoded(one: str, other: str) -> None:
    """What looks alike to people is one name."""
    assert username_key(one) == username_key(other)
    assert username_key(username_key(one)) == username_key(one)


@pytest.mark.parametrize(("one", "other"), [("x2", "x²"), ("ada", "adа"), ("a.da", "ada"), ("ada ", "ada")])  # noqa: RUF001
def test_different_letters_are_different_names(one: str, other: str) -> None:
    """Nothing is folded that another letter could stand for: nobody takes a name by writing it otherwise."""
    assert username_key(one) != username_key(other)


@pytest.mark.parametrize("name", ["a", "a b", "x" * 64, "änne", "user@home"])
def test_names_that_a_platform_may_bring(name: str) -> None:
    """1 to 64 characters."""
    assert is_username(name)


@pytest.mark.parametrize("name", ["", "x" * 65, "a/b", "a\nb", "a\0", "a\x85", "a\ud800"])
def test_names_that_nobody_can_have(name: str) -> None:
    """No control characters or slash; nothing that PostgreSQL or UTF-8 cannot hold."""
    assert not is_username(name)


def test_generated_names_are_stable_and_differ_for_users_of_one_moment() -> None:
    """Two UUIDv7 of one millisecond share their beginning, so the end names them."""
    one, other = UUID("0198c0de-1234-7000-8000-00000000000a"), UUID("0198c0de-1234-7000-8000-00000000000b")
    assert generated_usernames(one) == ("user-00000000000a", "user-0198c0de12347000800000000000000a")
    assert not set(generated_usernames(one)) & set(generated_usernames(other))
    for name in generated_usernames(one):
        assert is_username(name)
        assert username_key(name) == name


def test_what_is_unset_stays_unset() -> None:
    """No display name, no avatar."""
    assert check_display_name(None) is None
    assert check_avatar(None, ()) is None


@pytest.mark.parametrize("url", ["https://a.example/x", "http://[::1]:8080/a.png", "https://ä.example/ö?q=1#f"])
def test_without_a_list_every_web_address_is_a_picture(url: str) -> None:
    """The list is the operator's wish."""
    assert check_avatar(url, ()) == url


@pytest.mark.parametrize(
    "url", ["", "ftp://a.example/x", "data:image/png;base64,AA", "https:///x", "https://[::1/x", "a"]
)
def test_what_is_no_web_address_is_no_picture(url: str) -> None:
    """Refused, naming the field."""
    with pytest.raises(ValidationFailed) as refused:
        check_avatar(url, ())
    assert refused.value.details == {"field": "avatar"}
