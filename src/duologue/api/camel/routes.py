"""Dialect A on one page: every path of REST and what answers it, and what goes over its socket (PATH-02 to PATH-05, RA, RM, RK, WSA).

No name clashes with a static segment: ids are UUIDs, and users are named behind `with/` and `status/` (T-015, B-24).
"""

from collections.abc import Iterator, Sequence

from litestar.handlers import HTTPRouteHandler
from litestar.types import Guard

from duologue.api.asyncapi import Socket
from duologue.api.camel.commands import FRAMES
from duologue.api.camel.errors import ErrorBody
from duologue.api.camel.forms import SEND_FORM
from duologue.api.camel.frames import EVENTS
from duologue.api.camel.rest import Rest
from duologue.api.routing import POSITION, REPLAYED, Route, handlers
from duologue.api.tus import ASK_BEGIN, ASK_CONTINUE, ASK_VERSION, CREATED, ENDED, EXPIRES, OCTETS, OFFSET, STANDING

MOUNTS = ("/api/v1/chat", "/chat", "/api/chat")  # one surface, three addresses (C-02, T-009)

# What clients send, and what they are sent: tables of types and bodies.
SOCKET = Socket(
    name="chat",
    addresses=("/chat/ws", "/api/v1/chat/ws", "/api/chat/ws"),
    summary="Conversations as they happen, camelCase.",
    commands=FRAMES,
    events=EVENTS,
    body="payload",
)

CONVERSATION = "/conversations/{conversationId:uuid}"
MESSAGE = "/messages/{messageId:uuid}"
UPLOAD = "/uploads/{uploadId:uuid}"


def table(rest: Rest) -> Sequence[Route]:
    """The surface."""
    return (
        Route(
            method="GET", path="/conversations", answer=rest.list_conversations,
            limit="list_conversations", headers=POSITION,
        ),
        Route(method="GET", path="/conversations/unread-count", answer=rest.count_unread, headers=POSITION),
        Route(
            method="GET", path="/conversations/with/{username:str}", answer=rest.open_conversation,
            limit="create_conversation", errors=(404,),
        ),
        Route(method="DELETE", path=CONVERSATION, answer=rest.delete_conversation, errors=(404,)),
        Route(
            method="GET", path=f"{CONVERSATION}/messages", answer=rest.list_messages,
            limit="list_messages", errors=(404,), headers=POSITION,
        ),
        Route(
            method="POST", path=f"{CONVERSATION}/messages", answer=rest.send_message,
            status=201, repeat=REPLAYED, limit="send_message", errors=(404, 409, 507), form=SEND_FORM,
        ),
        Route(method="POST", path=f"{CONVERSATION}/read", answer=rest.mark_read, limit="mark_read", errors=(404,)),
        Route(method="GET", path=f"{CONVERSATION}/media", answer=rest.list_media, errors=(404,), headers=POSITION),
        Route(method="GET", path=f"{CONVERSATION}/links", answer=rest.list_links, errors=(404,), headers=POSITION),
        Route(method="GET", path=f"{CONVERSATION}/files", answer=rest.list_files, errors=(404,), headers=POSITION),
        Route(method="GET", path=MESSAGE, answer=rest.get_message, errors=(404,)),
        Route(method="DELETE", path=MESSAGE, answer=rest.delete_message, errors=(404,)),
        Route(method="GET", path=f"{MESSAGE}/context", answer=rest.get_context, errors=(404,), headers=POSITION),
        *_files(rest),
        Route(method="GET", path="/blocks", answer=rest.list_blocks, headers=POSITION),
        Route(method="POST", path="/blocks", answer=rest.block, status=201, repeat={}, errors=(404,)),
        Route(method="GET", path="/blocks/status/{username:str}", answer=rest.get_block_status, errors=(404,)),
        Route(method="DELETE", path="/blocks/{username:str}", answer=rest.unblock, errors=(404,)),
        # Of a user named "status": the framework does not go back from a static segment to a parameter.
        Route(method="DELETE", path="/blocks/status", answer=rest.unblock, hidden=True),
        Route(method="GET", path="/events", answer=rest.list_events, limit="events"),
    )  # fmt: skip


def _files(rest: Rest) -> Sequence[Route]:
    """Files: in, out, and uploads that go on where they were cut off. What serves `/uploads` at the root is api/files.py's."""
    return (
        Route(method="POST", path="/files/links", answer=rest.sign_links),
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
    """The surface at every mount."""
    return handlers(table(rest), MOUNTS, guard=guard, error_body=ErrorBody, tag="chat")
