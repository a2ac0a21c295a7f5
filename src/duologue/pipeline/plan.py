"""What one flush does, decided purely: items and facts in, outcomes and rows out. No I/O, no clock.

Items are judged in arrival order. How each kind is judged stands in the file of its noun.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from uuid import UUID

from duologue.core.errors import ChatError
from duologue.core.events import Fact
from duologue.core.items import (
    Answer,
    DeleteConversation,
    DeleteMessage,
    Deliver,
    Item,
    Open,
    Outcome,
    PutBlock,
    Read,
    RemoveBlock,
    Send,
)
from duologue.core.ledger import Facts, PositionRow, Writes
from duologue.pipeline.blocks import put_block, remove_block
from duologue.pipeline.conversations import delete_conversation, open_conversation
from duologue.pipeline.deletions import delete_message
from duologue.pipeline.messages import send
from duologue.pipeline.receipts import deliver, read
from duologue.pipeline.state import FlushState

_JUDGES: Mapping[type[Item], Callable[[FlushState, Any], Answer]] = MappingProxyType(
    {
        Send: send,
        Read: read,
        Deliver: deliver,
        DeleteMessage: delete_message,
        Open: open_conversation,
        DeleteConversation: delete_conversation,
        PutBlock: put_block,
        RemoveBlock: remove_block,
    }
)


@dataclass(slots=True)
class Judged:
    """An item with its outcome, and the fact to publish if there is one."""

    item: Item
    outcome: Outcome
    fact: Fact | None


class Plan:
    """Judges the items of one flush and gathers what to write."""

    def __init__(self, facts: Facts, positions: dict[UUID, PositionRow]) -> None:
        self._state = FlushState(facts, positions)

    @property
    def writes(self) -> Writes:
        """What is to be written."""
        return self._state.writes

    def judge(self, items: Sequence[Item]) -> list[Judged]:
        """The outcome of every item, in order."""
        return [self._judge(item) for item in items]

    def _judge(self, item: Item) -> Judged:
        witness = item.witness
        if witness is not None and (witness.user_id, witness.position) in self._state.facts.witnessed and item.answer:
            return Judged(item, item.answer, item.fact)  # an earlier attempt did commit
        item.witness = item.answer = item.fact = item.aside = None
        try:
            item.answer = _JUDGES[type(item)](self._state, item)
        except ChatError as error:
            return Judged(item, error, None)
        return Judged(item, item.answer, item.fact)
