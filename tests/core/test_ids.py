"""New ids are UUIDs of version 7."""

import time

from duologue.core.ids import new_id


def test_ids_are_version_seven_and_rise_with_time() -> None:
    """RFC 9562, 5.7: version, variant, milliseconds; no two alike."""
    before = time.time_ns() // 1_000_000
    ids = [new_id() for _ in range(1_000)]
    after = time.time_ns() // 1_000_000

    assert {(made.version, made.variant) for made in ids} == {(7, "specified in RFC 4122")}
    assert len(set(ids)) == 1_000
    assert before <= ids[0].int >> 80 <= ids[-1].int >> 80 <= after
