"""Dialect B on one page: every path of REST and what answers it, and what goes over its socket (PATH, RB, RN, WSB).

Static segments win over ids, which are UUIDs (B-24).
"""

from collections.abc import Iterator, Sequence

from litestar.handlers import HTTPRouteHandler
from litestar.types import Guard

from duologue.api.asyncapi import Socket
from duologue.api.routing import POSITION, REPLAYED, Route, handlers
from duologue.api.snake.commands import FRAMES
from duologue.api.snake.errors import ErrorResponse
from duologue.api.snake.forms import UPLOAD_FORM
from duologue.api.snake.frames import EVENTS
from duologue.api.snake.rest import Rest
from duologue.api.snake.wire import SEND_LIMIT
from duologue.api.tus import ASK_BEGIN, ASK_CONTINUE, ASK_VERSION, CREATED, ENDED, EXPIRES, OCTETS, OFFSET, STANDING

MOUNT = "/v1"

# What clients send, and what they are sent: tables of types and bodies.
SOCKET = Socket(
    name="messages",
    addresses=("/v1/ws/messages",),
    summary="Conversations as they happen, snake_case.",
    commands=FRAMES,
    events=EVENTS,
    body="data",
)

CONVERSATION = "/conversations/{conversation_id:uuid}"
MESSAGE = "/messages/{message_id:uuid}"
USER = "/users/{user_id:uuid}"
UPLOAD = "/uploads/{upload_id:uuid}"


def table(rest: Rest) -> Sequence[Route]:
    """The surface."""
    return (
        Route(
            method="POST", path="/conversations", answer=rest.create_conversation,
            status=201, repeat={}, limit="create_conversation", errors=(404,),
        ),
        Route(
            method="GET", path="/conversations", answer=rest.list_conversations,
            limit="list_conversations", headers=POSITION,
        ),
        Route(method="GET", path="/conversations/unread-count", answer=rest.count_unread, headers=POSITION),
        Route(method="GET", path=CONVERSATION, answer=rest.get_conversation, errors=(404,)),
        Route(method="DELETE", path=CONVERSATION, answer=rest.delete_conversation, errors=(404,)),
        Route(
            method="GET", path=f"{CONVERSATION}/messages", answer=rest.list_messages,
            limit="list_messages", errors=(404,), headers=POSITION,
        ),
        Route(
            method="POST", path=f"{CONVERSATION}/messages", answer=rest.send_message,
            status=201, repeat=REPLAYED, limit=SEND_LIMIT, errors=(404, 409),
        ),
        Route(
            method="POST", path=f"{CONVERSATION}/read", answer=rest.read_conversation,
            limit="mark_read", errors=(404,),
        ),
        *_files(rest),
        Route(method="DELETE", path=MESSAGE, answer=rest.delete_message, errors=(404,)),
        Route(method="POST", path=f"{MESSAGE}/read", answer=rest.read_message, limit="mark_read", errors=(404,)),
        Route(method="GET", path="/users/blocked", answer=rest.list_blocked_users, headers=POSITION),
        Route(method="POST", path=f"{USER}/block", answer=rest.block_user, errors=(404,)),
        Route(method="DELETE", path=f"{USER}/block", answer=rest.unblock_user, errors=(404,)),
        Route(method="GET", path=f"{USER}/can-message", answer=rest.can_message, errors=(404,)),
        Route(method="GET", path="/events", answer=rest.list_events, limit="events"),
    )  # fmt: skip


def _files(rest: Rest) -> Sequence[Route]:
    """Files: in, out, and uploads that go on where they were cut off. What serves `/uploads` at the root is api/files.py's."""
    return (
        Route(
            method="POST", path="/messages/upload", answer=rest.upload_files, limit="upload", errors=(507,), form=UPLOAD_FORM,
        ),
        Route(
            method="GET", path="/messages/files/{file_id:uuid}", answer=rest.fetch_file, limit="download", errors=(404,),
        ),
        Route(method="POST", path="/messages/files/links", answer=rest.sign_links),
        # First of their paths: else the framework answers it itself.
        Route(method="OPTIONS", path="/uploads", answer=rest.describe_uploads, status=204, open=True, hidden=True),
        Route(method="OPTIONS", path=UPLOAD, answer=rest.describe_uploads, status=204, open=True, hidden=True),
        Route(
            method="POST", path="/uploads", answer=rest.begin_upload, status=201, limit="upload",
            errors=(409, 412, 460, 507), octets=OCTETS, asks=ASK_BEGIN, headers=CREATED,
        ),
        Route(
            method="GET", path=UPLOAD, answer=rest.get_upload,
            errors=(404, 409, 412, 413, 429, 507), headers=STANDING,
        ),
        Route(
            method="PATCH", path=UPLOAD, answer=rest.continue_upload, status=204,
            errors=(404, 409, 412, 429, 460, 507), octets=OCTETS, asks=ASK_CONTINUE, headers={**OFFSET, **EXPIRES},
        ),
        Route(
            method="DELETE", path=UPLOAD, answer=rest.end_upload, status=204,
            errors=(404, 409, 412), asks=ASK_VERSION, headers=ENDED,
        ),
    )  # fmt: skip


def rest_handlers(rest: Rest, guard: Guard) -> Iterator[HTTPRouteHandler]:
    """The surface at its mount."""
    return handlers(table(rest), (MOUNT,), guard=guard, error_body=ErrorResponse, tag="v1", prefix="v1_")
