"""Tell upstream what became of its cancellation plans (endpoint `cancellation_plans`), until it took the answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from ambar.kit import turn
from ambar.oms.omnitron_client.gateways.client import Client, UpstreamFailed
from ambar.oms.orders import answers_store as store
from ambar.oms.orders.answers_store import DueAnswer

ENDPOINT = "cancellation_plans"
BATCH = 50
LONGEST_WAIT_SECONDS = 300.0


def answer_plans(client: Client, *, now: Callable[[], datetime]) -> int:
    """Send due answers, one call each; how many were settled or put off, 0 while another worker answers.

    An answer that upstream refuses is set aside with the reason, unless upstream says the same already.
    """
    with turn.only_one("answer cancellation plans") as mine:
        due = store.due(client.source(ENDPOINT), BATCH, now=now()) if mine else []
        for answer in due:
            _send(client, answer, now)
    return len(due)


def _send(client: Client, answer: DueAnswer, now: Callable[[], datetime]) -> None:
    body = {"status": answer.answer, "reason": answer.reason}
    try:
        client.call(ENDPOINT, pk=answer.upstream_id, method="PATCH", body=body)
    except UpstreamFailed as failure:
        if failure.final and not _said_already(client, answer):
            store.set_aside(answer, error=str(failure), now=now())
        elif not failure.final:
            wait = max(failure.retry_after or 0.0, min(2.0 ** min(answer.attempts, 10), LONGEST_WAIT_SECONDS))
            store.put_off(answer, error=str(failure), due_at=now() + timedelta(seconds=wait), now=now())
        else:
            store.answered(answer, now=now())
    else:
        store.answered(answer, now=now())


def _said_already(client: Client, answer: DueAnswer) -> bool:
    """Whether the plan has this status upstream, as after an answer whose receipt was lost."""
    try:
        plan = client.call(ENDPOINT, pk=answer.upstream_id)
    except UpstreamFailed:
        return False
    return isinstance(plan, dict) and plan.get("status") == answer.answer
