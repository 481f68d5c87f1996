"""Comparisons, conflicts and a closing statement for looking at the hand-over's screens."""

from datetime import UTC, timedelta

from ambar.kit import clock
from ambar.oms.handover.actions import close_day
from ambar.oms.handover.models import Conflict, Reconciliation, Statement
from ambar.oms.packages.models import Package


def comparisons() -> None:
    """One with a preview, one with every outcome, one that could not know."""
    now = clock.now()
    ready = Reconciliation.objects.create(
        state="ready", rows=140, compared=140, requests=9, found=3, created_at=now, moved_at=now
    )
    done = Reconciliation.objects.create(
        state="done", apply=True, rows=140, compared=140, requests=17, found=5, repaired=3, refused=1, unconfirmed=1,
        created_at=now, moved_at=now, finished_at=now,
    )  # fmt: skip
    Reconciliation.objects.create(
        state="done", unknown=["The Seller Center has no handover/packages/digests/ (404)."], created_at=now, moved_at=now,
        finished_at=now,
    )  # fmt: skip
    both = [{"field": "state", "ours": 500, "theirs": 200}, {"field": "sequence", "ours": 3, "theirs": 2}]
    gone = [{"field": "package", "ours": None, "theirs": {"state": 500, "sequence": 3}}]
    version = [{"field": "modified_date", "ours": None, "theirs": "2026-01-15T09:30:01.250000Z"}]
    damaged = [
        {"field": "shipping_address.line", "ours": "Moda Cad. No: 12 D: 3", "theirs": "Moda Cad. No: 21"},
        {"field": "items", "ours": ["70010 AMB-MUG-004 × 7.000: 200.00 try − 0.00, 20.00 %"],
         "theirs": ["70010 AMB-MUG-004 × 1.000: 200.00 try − 0.00, 20.00 %"]},
    ]  # fmt: skip
    rows = [
        (ready, "order", "open", "same_version", "seller_center", "read_again", damaged, ""),
        (ready, "package", "open", "both", "oms", "tell_again", both, ""),
        (ready, "order", "open", "only_there", "seller_center", "read_again", version, ""),
        (done, "package", "repaired", "both", "oms", "tell_again", both, ""),
        (done, "package", "refused", "only_there", "seller_center", "restore_from_there", gone,
         "Its location 'Bursa mağazası' is unknown here."),
        (done, "package", "unconfirmed", "both", "oms", "tell_again", both, "The other side does not have it yet."),
        (done, "order", "repaired", "only_there", "seller_center", "read_again", version, ""),
    ]  # fmt: skip
    packages = list(Package.objects.order_by("pk")[: len(rows)])
    Conflict.objects.bulk_create(
        Conflict(
            of=of, kind=kind, key=package.number if kind == "package" else str(7000 + package.pk),
            record_id=package.pk if kind == "package" else None, state=state, case=case, owner=owner, remedy=remedy, fields=fields,
            reason=reason, created_at=now, repaired_at=now if state == "repaired" else None,
        )
        for package, (of, kind, state, case, owner, remedy, fields, reason) in zip(packages, rows, strict=True)
    )  # fmt: skip
    close_day.draw_up(None, now=now)
    yesterday = close_day.draw_up((now - timedelta(days=1)).astimezone(UTC).date(), now=now)
    told = {**yesterday.body, "missing": 0, "applied_twice": 0, "unknown": []}
    told["seller_center"] = {
        "known": True,
        "applied": 412,
        "late": 3,
        "received": 415,
        "waiting": 0,
        "parked": 0,
    }
    Statement.objects.filter(pk=yesterday.pk).update(body=told)
