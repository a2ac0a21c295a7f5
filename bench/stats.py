"""Percentiles of samples. What the samples mean is the business of the profile that took them."""

from collections.abc import Sequence
from math import ceil


def percentile(ordered: Sequence[float], percent: float) -> float:
    """Return the smallest sample that at least ``percent`` % of all samples do not exceed (nearest rank)."""
    return ordered[max(ceil(len(ordered) * percent / 100), 1) - 1]


def milliseconds(seconds: Sequence[float], percents: Sequence[float] = (50, 95, 99, 100)) -> dict[str, float | None]:
    """Return ``{"p50_ms": ..., ..., "max_ms": ...}`` of samples in seconds; None everywhere when there are none."""
    ordered = sorted(seconds)
    names = ["max_ms" if percent == 100 else f"p{percent:g}_ms" for percent in percents]
    if not ordered:
        return dict.fromkeys(names)
    return {name: round(percentile(ordered, percent) * 1000, 3) for name, percent in zip(names, percents, strict=True)}
