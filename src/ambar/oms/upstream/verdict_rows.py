"""What became of offered orders, as the intake answers it."""

from __future__ import annotations

from typing import Any

from ambar.oms.upstream.domain.verdicts import Verdict


def _verdict(verdict: Verdict) -> dict[str, Any]:
    return {
        "position": verdict.position,
        "outcome": verdict.outcome,
        "id": verdict.order_id,
        "omnitron_id": verdict.upstream_id,
        "number": verdict.number,
        "rule": verdict.rule,
        "cause": verdict.cause,
        "reason": verdict.reason,
    }


def summed(verdicts: list[Verdict]) -> dict[str, Any]:
    """What became of the offered: counted by outcome, and each by itself."""
    counts: dict[str, int] = {}
    for verdict in verdicts:
        counts[verdict.outcome] = counts.get(verdict.outcome, 0) + 1
    return {"counts": counts, "verdicts": [_verdict(verdict) for verdict in verdicts]}
