"""How dialect B stands in the document beside dialect A: names of its own, its own envelope of errors, its parameters."""

import json
from typing import Any, cast

import pytest
from tests.api.conftest import OneCaller

from duologue.api.bearer import SignedIn
from duologue.api.camel.rest import Rest as CamelRest
from duologue.api.camel.routes import rest_handlers as camel_handlers
from duologue.api.docs import Docs
from duologue.api.snake.parameters import NOT_A_BOOLEAN, boolean_of, id_of, page_of
from duologue.api.snake.rest import Rest
from duologue.api.snake.routes import rest_handlers
from duologue.core.errors import ValidationFailed

ID = "0198c8f1-7b7c-7000-8000-3d2c6f0a1b2c"


class Nothing:
    """Services of every name: a document is made from what endpoints say, not from what they do."""

    def __getattr__(self, _name: str) -> None:
        return None


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """Give the document of both dialects."""
    nothing, guard = cast("Any", Nothing()), SignedIn(OneCaller()).guard
    handlers = [*camel_handlers(CamelRest(nothing), guard), *rest_handlers(Rest(nothing), guard)]
    found: dict[str, Any] = json.loads(Docs(handlers, [], version="1.2.3").openapi)
    return found


def operations(document: dict[str, Any], prefix: str = "/") -> dict[str, Any]:
    """Return the operations below a prefix, as "GET /path"."""
    return {
        f"{method.upper()} {path}": operation
        for path, methods in document["paths"].items()
        if path.startswith(prefix)
        for method, operation in methods.items()
    }


def test_no_operation_and_no_body_of_two_dialects_share_a_name(document: dict[str, Any]) -> None:
    """Generators make functions and types of them."""
    names = [operation["operationId"] for operation in operations(document).values()]
    assert len({name.lower() for name in names}) == len(names)
    assert {name.startswith("v1") for name in names} == {True, False}
    assert all("_" not in name for name in document["components"]["schemas"]), document["components"]["schemas"].keys()


def test_every_error_below_v1_is_dialect_bs(document: dict[str, Any]) -> None:
    """And none elsewhere."""
    for name, operation in operations(document).items():
        bodies = {
            answer["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
            for status, answer in operation["responses"].items()
            if status >= "400"
        }
        assert bodies == {"ErrorResponse" if " /v1/" in name else "ErrorBody"}, name


def test_both_answers_of_what_may_be_repeated_are_documented(document: dict[str, Any]) -> None:
    """201 and 200: a conversation made or found, a message sent or replayed (RB-03, G-08)."""
    found = operations(document, "/v1/")
    assert {"200", "201"} <= found["POST /v1/conversations"]["responses"].keys()
    sending = found["POST /v1/conversations/{conversation_id}/messages"]["responses"]
    assert sending["200"]["headers"]["Idempotent-Replayed"]["required"] is True
    assert "X-RateLimit-Limit" in sending["201"]["headers"]
    assert "429" in sending
    assert found["POST /v1/users/{user_id}/block"]["requestBody"]["required"] is False
    assert found["POST /v1/conversations"]["requestBody"]["required"] is True


@pytest.mark.parametrize(
    ("text", "page"),
    [("", 1), ("0", 1), ("-3", 1), ("x", 1), ("1.5", 1), ("7", 7), ("\u0663", 1), ("9" * 30, 10**9)],
)
def test_a_page_is_a_number_from_1(text: str, page: int) -> None:
    """What is none is the first (G-24)."""
    assert page_of(text) == page


@pytest.mark.parametrize(("text", "value"), [("", False), ("false", False), ("0", False), ("TRUE", True), ("1", True)])
def test_a_boolean_is_written_in_either_way(text: str, value: object) -> None:
    """As JSON writes it, in any case, or as a digit."""
    assert boolean_of(text) is value


def test_anything_else_is_refused() -> None:
    """With the parameter's name."""
    with pytest.raises(ValidationFailed, match=NOT_A_BOOLEAN) as refused:
        boolean_of("yes")
    assert refused.value.details == {"field": "unread_only"}
    for bad in ("x", ID[:-1], ID.replace("-", ""), f"{{{ID}}}"):
        with pytest.raises(ValidationFailed, match="before_id must be a UUID"):
            id_of(bad, "before_id")
    assert id_of("", "before_id") is None
    assert str(id_of(ID.upper(), "before_id")) == ID
