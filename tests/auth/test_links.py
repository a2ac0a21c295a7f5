"""Signed links to files: whom they name, how long they are good, and that nothing else passes for one (FST-26)."""

from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.auth.conftest import HandClock

from duologue.auth.claims import TokenError, TokenExpired
from duologue.auth.keys import sign
from duologue.auth.links import Links, is_signed

SECRET, OTHER = b"secret-a" * 4, b"secret-b" * 4
ANNA = UUID("0190a5c8-5b7e-7c3a-9d55-000000000001")
BERT = UUID("0190a5c8-5b7e-7c3a-9d55-000000000002")
PATH = "/uploads/messages/images/2026/11/a.jpg"


def links(clock: HandClock, secret: bytes = SECRET) -> Links:
    """Links that are good for an hour."""
    return Links(secret, clock=clock, ttl=3600.0)


def parts(url: str) -> tuple[str, str]:
    """Path and query."""
    found = urlsplit(url)
    return found.path, found.query


def test_a_link_names_its_viewer_and_its_end(clock: HandClock) -> None:
    """The path with viewer, expires and signature behind it; another node with the same secret takes it."""
    link = links(clock).sign(PATH, ANNA)
    path, query = parts(link.url)
    assert link.expires_at == clock.now + 3600
    assert path == PATH
    assert list(parse_qs(query)) == ["viewer", "expires", "signature"]
    assert is_signed(query)
    assert links(clock).verify(path, query) == ANNA


def test_a_link_ends_to_the_second(clock: HandClock) -> None:
    """No leeway: the clock that judges is the one that signed."""
    made = links(clock)
    path, query = parts(made.sign(PATH, ANNA).url)
    clock.now += 3599
    assert made.verify(path, query) == ANNA
    clock.now += 1
    with pytest.raises(TokenExpired):
        made.verify(path, query)


def test_the_signature_holds_path_viewer_and_end(clock: HandClock) -> None:
    """None of them can be another's; an old forged link is forged, not old."""
    made = links(clock)
    path, query = parts(made.sign(PATH, ANNA).url)
    expires = f"expires={int(clock.now) + 3600}"
    for bad_path, bad_query in (
        (PATH.replace("a.jpg", "b.jpg"), query),
        (path, query.replace(str(ANNA), str(BERT))),
        (path, query.replace(expires, f"expires={int(clock.now) + 3601}")),
        (path, query.replace(expires, "expires=1")),
        (path, query[:-1]),
        (path, f"{query}A"),
    ):
        with pytest.raises(TokenError) as caught:
            made.verify(bad_path, bad_query)
        assert not isinstance(caught.value, TokenExpired)


def test_another_instances_link_is_refused(clock: HandClock) -> None:
    """Its secret is another one."""
    path, query = parts(links(clock, OTHER).sign(PATH, ANNA).url)
    with pytest.raises(TokenError):
        links(clock).verify(path, query)


def test_the_secret_itself_signs_no_link(clock: HandClock) -> None:
    """What signs tokens is derived anew for links: neither passes for the other."""
    token = sign({"sub": str(ANNA), "exp": clock.now + 60}, SECRET)
    query = f"viewer={ANNA}&expires={int(clock.now) + 60}&signature={token.rpartition('.')[2]}"
    with pytest.raises(TokenError):
        links(clock).verify(PATH, query)


@pytest.mark.parametrize("path", ["/uploads/a b.jpg", "/uploads/ü.jpg", "/uploads/a?b=c&d.jpg", "/uploads/%41.jpg"])
def test_any_path_can_be_signed(clock: HandClock, path: str) -> None:
    """In the URL it is encoded, verified is what a server decodes."""
    made = links(clock)
    url = made.sign(path, ANNA).url
    assert url.isascii()
    assert " " not in url
    assert made.verify(path, url.rpartition("?")[2]) == ANNA


@given(st.text(), st.lists(st.tuples(st.sampled_from(["viewer", "expires", "signature", "x"]), st.text()), max_size=12))
@example("", [])
@example("\ud800", [("viewer", str(ANNA)), ("expires", "9" * 5_000), ("signature", "\ud800")])
@example("/", [("viewer", str(ANNA)), ("expires", "\u0661"), ("signature", "x")])
@example("/", [("viewer", str(ANNA)), ("expires", "\u00b2"), ("signature", "x")])
@example("/", [("viewer", str(ANNA)), ("viewer", str(ANNA)), ("expires", "1"), ("signature", "x")])
def test_no_query_raises_anything_else(path: str, fields: list[tuple[str, str]]) -> None:
    """Whatever it says, it is refused as a link is."""
    query = "&".join(f"{name}={value}" for name, value in fields)
    with pytest.raises(TokenError):
        links(HandClock()).verify(path, query)
