"""The conversation with carriers, as rows: who is to be asked, what was answered, who is to follow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from ambar.kit.ids import uuid7
from ambar.oms.packages import store as packages
from ambar.oms.packages.domain.events import AWB_NUMBER
from ambar.oms.shipments import store
from ambar.oms.shipments.domain import tracking
from ambar.oms.shipments.domain.story import Judged
from ambar.oms.shipments.models import ShipmentLabel, ShipmentStatusEntry
from ambar.oms.transfers import store as transfers

LEASE = timedelta(minutes=2)
"""How long a parcel taken to be asked for is left to the process that took it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A parcel about which its carrier is to be asked. `attempts` counts this try."""

    id: int
    carrier_id: int
    reference: UUID
    state: str
    talk: str
    attempts: int


_START = """
UPDATE oms_shipments_shipment s SET carrier_id = c.id, reference = w.reference, talk = 'to_ask', due_at = %(now)s
  FROM unnest(%(id)s::bigint[], %(reference)s::uuid[]) AS w(id, reference), oms_shipments_carrier c
 WHERE s.id = w.id AND c.code = s.cargo_company AND c.is_active"""


def start_talking(shipment_ids: Sequence[int], *, now: datetime) -> None:
    """Parcels whose cargo company is a connected carrier are to be asked for; the others wait for people."""
    ids = sorted(shipment_ids)
    with connection.cursor() as cursor:
        cursor.execute(_START, {"id": ids, "reference": [uuid7(now) for _ in ids], "now": now})


_CLAIM = """
WITH due AS (
  SELECT id FROM oms_shipments_shipment
   WHERE talk IN ('to_ask', 'known') AND due_at <= %(now)s AND (talk = 'known' AND state <> 'DELETED') = %(polling)s
   ORDER BY due_at, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
UPDATE oms_shipments_shipment s SET due_at = %(until)s, attempts = s.attempts + 1 FROM due WHERE s.id = due.id
RETURNING s.id, s.carrier_id, s.reference, s.state, s.talk, s.attempts"""


def claim(limit: int, *, polling: bool, now: datetime) -> list[Due]:
    """Take due parcels for `LEASE`: `polling` those whose story is asked for, else those to make known or withdraw."""
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"limit": limit, "polling": polling, "now": now, "until": now + LEASE})
        names = Due.__dataclass_fields__
        rows = [Due(**dict(zip(names, row, strict=True))) for row in cursor.fetchall()]
    return sorted(rows, key=lambda due: due.id)


_SETTLE = """
UPDATE oms_shipments_shipment SET talk = %(talk)s, attempts = %(attempts)s, problem = %(problem)s, due_at = %(due)s,
       modified_at = CASE WHEN problem <> %(problem)s THEN %(now)s ELSE modified_at END
 WHERE id = %(id)s AND talk IN ('to_ask', 'known')"""


def settle(
    shipment_id: int,
    *,
    talk: str,
    attempts: int = 0,
    problem: str = "",
    due_at: datetime | None,
    now: datetime,
) -> None:
    """Note how the conversation stands."""
    with connection.cursor() as cursor:
        cursor.execute(
            _SETTLE,
            {
                "id": shipment_id,
                "talk": talk,
                "attempts": attempts,
                "problem": problem,
                "due": due_at,
                "now": now,
            },
        )


_LOCK = """
SELECT id, state, awb_number, tracking_numbers, query_number, tracking_url FROM oms_shipments_shipment
 WHERE id = %s FOR UPDATE"""


_INSIDE = """
SELECT array(SELECT package_id FROM oms_shipments_shipmentpackage WHERE shipment_id = %s ORDER BY 1),
       array(SELECT transfer_id FROM oms_shipments_shipmenttransfer WHERE shipment_id = %s ORDER BY 1)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedParcel:
    """A parcel with what it carries, all of it locked; `row` are its columns of `_LOCK`."""

    package_ids: list[int]
    transfer_ids: list[int]
    row: dict[str, Any]


def lock(shipment_id: int) -> LockedParcel:
    """The parcel and what is in it, locked in the fixed order."""
    with connection.cursor() as cursor:
        cursor.execute(_INSIDE, [shipment_id, shipment_id])
        package_ids, transfer_ids = cursor.fetchone()
        packages.lock(package_ids)
        if transfer_ids:
            transfers.lock(transfer_ids)
        cursor.execute(_LOCK, [shipment_id])
        names = [column.name for column in cursor.description]
        row = dict(zip(names, cursor.fetchone(), strict=True))
    return LockedParcel(package_ids=package_ids, transfer_ids=transfer_ids, row=row)


def told_before(shipment_id: int) -> set[tuple[str, datetime]]:
    """(status, time) of the entries kept of this parcel."""
    return set(ShipmentStatusEntry.objects.filter(shipment_id=shipment_id).values_list("status", "at"))


def keep_entries(shipment_id: int, judged: Iterable[Judged], *, now: datetime) -> None:
    """Write what the carrier told; an entry is kept once."""
    ShipmentStatusEntry.objects.bulk_create(
        [
            ShipmentStatusEntry(
                shipment_id=shipment_id,
                status=one.told.status,
                at=one.told.at,
                description=one.told.description,
                applied=one.applied,
                created_at=now,
            )
            for one in judged
        ],
        ignore_conflicts=True,
    )


_MOVE = """
UPDATE oms_shipments_shipment SET state = %(state)s, sequence = sequence + 1, modified_at = %(now)s,
       shipped_at = CASE WHEN %(state)s NOT IN ('CREATED', 'DELETED') THEN coalesce(shipped_at, %(now)s) ELSE shipped_at END,
       delivered_at = CASE WHEN %(state)s = 'DELIVERED' THEN coalesce(delivered_at, %(now)s) ELSE delivered_at END,
       follow_at = %(now)s
 WHERE id = %(id)s"""


def move(shipment_id: int, state: str, *, now: datetime) -> None:
    """The parcel is in `state` now; its packages are to follow."""
    with connection.cursor() as cursor:
        cursor.execute(_MOVE, {"id": shipment_id, "state": state, "now": now})
    store.record_events({shipment_id: tracking.of_state(state)}, now=now)


_NUMBERS = """
UPDATE oms_shipments_shipment SET awb_number = %(awb)s, tracking_numbers = %(numbers)s::jsonb,
       query_number = coalesce(%(query)s, query_number), tracking_url = coalesce(%(url)s, tracking_url),
       label = %(label)s, modified_at = %(now)s
 WHERE id = %(id)s"""


_TELL_TRANSFERS = """
WITH named AS (
  UPDATE oms_transfers_transfer SET tracking_number = %(awb)s, modified_at = %(now)s WHERE id = ANY(%(transfers)s))
UPDATE oms_shipments_shipment SET sequence = sequence + 1 WHERE id = %(id)s"""


def set_numbers(shipment_id: int, parcel: LockedParcel, values: Mapping[str, Any], *, now: datetime) -> None:
    """Write the parcel's numbers and tell them of each package (`package.shipment.awb_number`); of transfers the parcel
    itself tells them (`shipment.status.updated`)."""
    with connection.cursor() as cursor:
        cursor.execute(_NUMBERS, {"id": shipment_id, "now": now, **values})
        if parcel.transfer_ids:
            told = {"id": shipment_id, "awb": values["awb"], "transfers": parcel.transfer_ids, "now": now}
            cursor.execute(_TELL_TRANSFERS, told)
    if parcel.transfer_ids:
        store.record_events({shipment_id: tracking.STATUS_UPDATED}, now=now)
    announce_numbers(parcel.package_ids, label=values["label"], now=now)


def announce_numbers(package_ids: Sequence[int], *, label: str | None = None, now: datetime) -> None:
    """Raise `package.shipment.awb_number` of packages whose locks the caller holds."""
    if not package_ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE oms_packages_package SET sequence = sequence + 1, modified_at = %s,"
            " shipping_label = coalesce(%s, shipping_label) WHERE id = ANY(%s)",
            [now, label, list(package_ids)],
        )
    packages.record_events(dict.fromkeys(package_ids, (AWB_NUMBER,)), now=now)


def keep_label(shipment_id: int, content: bytes, content_type: str, *, now: datetime) -> None:
    """Keep the carrier's label."""
    ShipmentLabel.objects.update_or_create(
        shipment_id=shipment_id,
        defaults={"content": content, "content_type": content_type, "created_at": now},
    )


_BEHIND = """
SELECT l.package_id, p.state, array_agg(s.state)
  FROM (SELECT DISTINCT l.package_id FROM oms_shipments_shipment due
          JOIN oms_shipments_shipmentpackage l ON l.shipment_id = due.id WHERE due.id = ANY(%s)) mine
  JOIN oms_packages_package p ON p.id = mine.package_id
  JOIN oms_shipments_shipmentpackage l ON l.package_id = p.id
  JOIN oms_shipments_shipment s ON s.id = l.shipment_id
 GROUP BY l.package_id, p.state ORDER BY l.package_id"""


def to_follow(limit: int) -> list[int]:
    """Parcels whose packages are to follow them, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM oms_shipments_shipment WHERE follow_at IS NOT NULL ORDER BY follow_at, id LIMIT %s",
            [limit],
        )
        return [row[0] for row in cursor.fetchall()]


def packages_of(shipment_ids: Sequence[int]) -> list[tuple[int, int, list[str]]]:
    """(package id, its state, the states of all its parcels) of the packages in these parcels."""
    with connection.cursor() as cursor:
        cursor.execute(_BEHIND, [list(shipment_ids)])
        return list(cursor.fetchall())


_TRANSFERS_BEHIND = """
SELECT l.transfer_id FROM oms_shipments_shipment s
  JOIN oms_shipments_shipmenttransfer l ON l.shipment_id = s.id JOIN oms_transfers_transfer t ON t.id = l.transfer_id
 WHERE s.id = ANY(%s) AND s.state NOT IN ('CREATED', 'DELETED') AND t.state = 'ready_to_shipment' ORDER BY 1"""


def transfers_taken(shipment_ids: Sequence[int]) -> list[int]:
    """Transfers that still stand at their source by the books, though the carrier has their parcel."""
    with connection.cursor() as cursor:
        cursor.execute(_TRANSFERS_BEHIND, [list(shipment_ids)])
        return [row[0] for row in cursor.fetchall()]


def followed(shipment_ids: Sequence[int], *, since: datetime) -> None:
    """The packages have followed; what moved after `since` stays to be followed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE oms_shipments_shipment SET follow_at = NULL WHERE id = ANY(%s) AND follow_at <= %s",
            [list(shipment_ids), since],
        )
