"""Copy the address dictionaries from the commerce hub."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from ambar.kit.text import turkish_fold
from ambar.seller_center.omnitron_link import queries as omnitron
from ambar.seller_center.omnitron_link.gateway import OmnitronClient
from ambar.seller_center.places import store
from ambar.seller_center.places.domain.records import KINDS, BadPlace, Place, place
from ambar.seller_center.places.models import CopyRun


def copy_places(run_id: int, *, clock: Callable[[], datetime]) -> None:
    """Copy countries, cities, townships and districts, page by page by keyset, and write the outcome to the run.

    May be repeated at any time: known places are refreshed, ids stay. Source: "OMS Basic Setup", addresses.
    """
    connection = omnitron.connection()
    counts: dict[str, int] = {}
    refused: list[str] = []
    try:
        if connection is None:
            raise LookupError("the connection to the commerce hub is not set")
        with OmnitronClient(connection) as client:
            for kind in KINDS:
                counts[kind] = 0
                for rows in client.rows(f"{kind}/"):
                    taken = _taken(kind, rows, refused)
                    store.upsert(taken)
                    counts[kind] += len(taken)
    except Exception as error:
        _end(run_id, "FAILED", counts, f"{type(error).__name__}: {error}"[:2000], clock())
        raise
    _end(run_id, "FINISHED", counts, "; ".join(refused)[:2000], clock())


def _taken(kind: str, rows: list[dict[str, object]], refused: list[str]) -> list[Place]:
    taken = []
    for row in rows:
        try:
            taken.append(place(kind, row, folded=turkish_fold(str(row.get("name") or ""))))
        except BadPlace as error:
            refused.append(str(error))
    return taken


def _end(run_id: int, status: str, counts: dict[str, int], reason: str, now: datetime) -> None:
    CopyRun.objects.filter(pk=run_id).update(status=status, counts=counts, reason=reason, ended_at=now)
