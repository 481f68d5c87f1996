"""Take the cancellation reasons of upstream (endpoint `cancellation_reasons`).

Source: Akinon OMS: cancellation reason services (`pull_from_omnitron`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from ambar.kit.refusals import Invalid
from ambar.oms.omnitron_client.gateways.client import Client
from ambar.oms.orders.actions.save_cancellation_reason import save_cancellation_reason
from ambar.oms.orders.models import CancellationReason

ENDPOINT = "cancellation_reasons"
LONGEST = 255


@dataclass
class Pulled:
    """What became of the reasons upstream; `refused` tells which and why."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: list[dict[str, Any]] = field(default_factory=list)


def pull_reasons(client: Client, *, now: datetime) -> Pulled:
    """Read all of them, then write: known ones are renamed and switched as upstream has them, others are added.

    A reason of the same title that was written here becomes the upstream one. Those that upstream does not list stay.
    Raises `UpstreamFailed`.
    """
    records = [record for page in client.pages(ENDPOINT) for record in page]
    result = Pulled()
    with transaction.atomic():
        _take(records, result, now)
    return result


def _take(records: Iterable[Any], result: Pulled, now: datetime) -> None:
    by_remote = {row.remote_id: row for row in CancellationReason.objects.exclude(remote_id=None)}
    by_title = {row.title: row for row in CancellationReason.objects.filter(remote_id=None)}
    for place, record in enumerate(records):
        values, problem = _read(record)
        if problem:
            result.refused.append({"position": place, "reason": problem})
            continue
        known = by_remote.get(values["remote_id"]) or by_title.get(values["title"])
        if known is not None and all(getattr(known, name) == value for name, value in values.items()):
            result.unchanged += 1
            continue
        try:
            saved = save_cancellation_reason(values, reason_id=known and known.pk, now=now)
        except Invalid as refusal:
            result.refused.append({"position": place, "reason": str(refusal)})
            continue
        by_remote[saved.remote_id] = saved
        if known is None:
            result.created += 1
        else:
            result.updated += 1


def _read(record: Any) -> tuple[dict[str, Any], str]:
    if not isinstance(record, dict):
        return {}, "Not an object."
    pk, subject = record.get("pk", record.get("id")), record.get("subject")
    if not isinstance(pk, int) or isinstance(pk, bool):
        return {}, "pk: a whole number is wanted."
    if not isinstance(subject, str) or not subject.strip() or "\x00" in subject or len(subject) > LONGEST:
        return {}, f"subject: a text of up to {LONGEST} characters is wanted."
    is_active = record.get("is_active", True) is not False
    return {"title": subject.strip(), "remote_id": str(pk), "is_active": is_active}, ""
