"""How a flush judges blocks and unblocks: rows, the other's list and totals, facts for both. Pure."""

from dataclasses import replace

from duologue.core import rules
from duologue.core.blocks import NOT_BLOCKED
from duologue.core.errors import NotFound
from duologue.core.events import BlockChanged, Kind
from duologue.core.items import BlockGone, BlockPut, PutBlock, RemoveBlock
from duologue.core.ledger import ConversationRow
from duologue.core.model import Block
from duologue.pipeline.state import FlushState, compact, profile_of


def put_block(state: FlushState, item: PutBlock) -> BlockPut:
    """Put a block, or answer the one that stands (RK-01, G-13). Who was shut out meanwhile puts none: an erasure ends them."""
    facts, pair = state.facts, (item.user_id, item.other_id)
    rules.check_active(facts.users[item.user_id])
    standing = facts.blocks.get(pair)
    if standing is not None:
        return BlockPut(standing, changed=False)
    blocked = profile_of(facts.users[item.other_id])
    blocked.shows_presence = False
    block = Block(item.block_id, item.user_id, blocked, facts.now, item.reason)
    facts.blocks[pair] = block
    state.writes.blocks_put.append(block)
    conversation = facts.pairs.get(item.pair)
    if conversation is not None:  # it leaves the other's list and totals
        state.positions[item.other_id].unread_total -= conversation.unread[conversation.side(item.other_id)]
    _block_fact(state, item, block, conversation, added=True)
    return BlockPut(block, changed=True)


def remove_block(state: FlushState, item: RemoveBlock) -> BlockGone:
    """Take a block away; `NotFound` when there is none (RK-04)."""
    facts = state.facts
    block = facts.blocks.pop((item.user_id, item.other_id), None)
    if block is None:
        raise NotFound(NOT_BLOCKED)
    state.writes.remove_block(block)
    conversation = facts.pairs.get(item.pair)
    if conversation is not None:  # it is back in the other's list and totals; presence shows, a stranger's never
        state.positions[item.other_id].unread_total += conversation.unread[conversation.side(item.other_id)]
        blocked = state.partner(facts.users[item.user_id], facts.users[item.other_id], item.online)
        block = replace(block, blocked=blocked)
    _block_fact(state, item, block, conversation, added=False)
    return BlockGone(block)


def _block_fact(
    state: FlushState, item: PutBlock | RemoveBlock, block: Block, conversation: ConversationRow | None, *, added: bool
) -> None:
    kind = Kind.BLOCKED if added else Kind.UNBLOCKED
    users = state.facts.users
    mine = compact(b=str(block.id), o=str(item.other_id), at=block.created_at.isoformat())
    notices = [state.notice(item, item.user_id, kind, conversation, data=mine)]
    if conversation is not None:
        view = None
        if not added and state.is_listed(conversation, item.other_id):
            view = state.view(conversation, users[item.other_id], users[item.user_id], item.online)
        theirs = compact(by=str(item.user_id))
        notices.append(state.notice(item, item.other_id, kind, conversation, data=theirs, view=view))
    item.fact = BlockChanged(
        block,
        added,
        conversation.id if conversation else None,
        is_blocked=state.blocked(item.user_id, item.other_id),
        hidden=added,
        notices=notices,
        origin=item.origin,
    )
