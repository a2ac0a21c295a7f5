"""One user's socket in the generator: sends texts, recognises the answers without parsing them. No profile here."""

import asyncio
import json
from time import perf_counter
from typing import Any

from picows import WSCloseCode, WSFrame, WSListener, WSMsgType, WSTransport

from bench.ledger import ACKNOWLEDGED, DELIVERED, Ledger

TEXT = WSMsgType.TEXT
MARK = b"seq:"
BODY = "seq:%010d " + "the quick brown fox jumps over a dog."
CONNECTED, IGNORED = -1, 0

# The first 21 bytes of a frame whose `type` stands first tell all kinds apart; anything else is parsed.
HEADS = {
    b'{"type":"message.sent': ACKNOWLEDGED,
    b'{"type":"message.new"': DELIVERED,
    b'{"type":"conversation': IGNORED,
    b'{"type":"notification': IGNORED,
}
KINDS = {
    "message.sent": ACKNOWLEDGED,
    "message.new": DELIVERED,
    "connection.success": CONNECTED,
}
REFUSALS = {"error", "message.error", "auth_failed"}
SAMPLE = 0x3FF  # one text in 1,024 has both its frames parsed and compared


class Talker(WSListener):
    """A user with one socket and one partner; every finished text is followed by the next until the ledger's limit."""

    def __init__(self, user_id: str, ledger: Ledger) -> None:
        self.user_id = user_id
        self.ledger = ledger
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.gone = asyncio.Event()
        self.leaving = False
        self._newest = -1

    def talk(self, partner: "Talker", conversation_id: str, temp_id: str) -> None:
        """Take up a conversation; ``temp_id`` is a %-pattern for one number, drawn once per text."""
        self.partner = partner
        self.conversation_id = conversation_id
        self._temp_id = temp_id
        payload = {"conversationId": conversation_id, "content": BODY, "tempId": temp_id}
        command = json.dumps({"type": "message.send", "payload": payload}, separators=(",", ":"))
        self._command = command.encode()

    def send(self, started: float) -> None:
        """Send one text, its latency counted from ``started`` (perf_counter, seconds), unless the limit is reached."""
        ledger = self.ledger
        if len(ledger.sent_at) >= ledger.limit:
            ledger.rest()
            return
        seq = ledger.opened(self, started)
        self._transport.send(TEXT, self._command % (seq, seq))

    def on_ws_connected(self, transport: WSTransport) -> None:
        """Keep the transport to send on."""
        self._transport = transport

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Take one frame; the hot path of the whole generator."""
        raw = frame.get_payload_as_bytes()
        kind = HEADS.get(raw[:21])
        if kind:
            self._came_back(kind, raw)
        elif kind is None:
            self._uncommon(transport, frame, raw)

    def _came_back(self, bit: int, raw: bytes) -> None:
        ledger = self.ledger
        at = raw.find(MARK) + 4
        try:
            seq = int(raw[at : at + 10])
            before = ledger.seen[seq]
            owed = ledger.senders[seq] is (self if bit == ACKNOWLEDGED else self.partner)
        except (ValueError, IndexError):
            owed = False
        if not owed or before & bit:
            ledger.faults["doubled" if owed else "stray"] += 1
            return
        ledger.seen[seq] = before | bit
        now = perf_counter()
        if bit == DELIVERED:
            ledger.took[seq] = now - ledger.sent_at[seq]
            if seq < self._newest:
                ledger.faults["disordered"] += 1
            self._newest = seq
        if not seq & SAMPLE:
            self._compare(bit, seq, json.loads(raw))
        if before:
            ledger.finished.append(seq)
            if ledger.follow_on:
                (self if bit == ACKNOWLEDGED else self.partner).send(now)
            else:
                ledger.rest()

    def _compare(self, bit: int, seq: int, fields: dict[str, Any]) -> None:
        sender = self if bit == ACKNOWLEDGED else self.partner
        payload = fields["payload"]
        message = payload["message"]
        right = (
            isinstance(fields["position"], int)
            and message["content"] == BODY % seq
            and message["conversationId"] == self.conversation_id
            and message["senderId"] == sender.user_id
            and (bit == DELIVERED or payload["tempId"] == self._temp_id % seq)
        )
        if not right:
            self.ledger.faults["mismatch"] += 1

    def _uncommon(self, transport: WSTransport, frame: WSFrame, raw: bytes) -> None:
        if frame.msg_type == WSMsgType.CLOSE:
            if not self.leaving:
                self.ledger.faults[f"sockets were closed by the server with {frame.get_close_code()}"] += 1
            transport.disconnect()
        if frame.msg_type != TEXT:
            return
        fields = json.loads(raw)
        kind = KINDS.get(fields["type"], IGNORED)
        if kind == CONNECTED:
            self.ready.set_result(None)
        elif kind:
            self._came_back(kind, raw)
        elif fields["type"] in REFUSALS:
            code = fields["payload"].get("code", fields["type"])
            self.ledger.faults[f"refusals came with the code {code}"] += 1

    def on_ws_disconnected(self, transport: WSTransport) -> None:  # noqa: ARG002 - the signature is picows's
        """Note the end, which counts as a fault when the generator did not ask for it."""
        if not self.leaving:
            self.ledger.faults["sockets ended before the run did"] += 1
        if not self.ready.done():
            self.ready.set_exception(ConnectionError("The server ended a socket before connection.success."))
        self.gone.set()

    async def leave(self) -> None:
        """Close the socket and wait until it is gone."""
        self.leaving = True
        if not self.gone.is_set():
            self._transport.send_close(WSCloseCode.OK)
            self._transport.disconnect()
        await self.gone.wait()
