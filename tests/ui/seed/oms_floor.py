"""Rows of the floor for looking at: a carrier with parcels and their story, cancellations, reasons."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from ambar.kit import clock, vault
from ambar.oms.commands.actions import bulk
from ambar.oms.commands.actions.decide_cancellations import decide_cancellations
from ambar.oms.commands.kinds import PACKAGES
from ambar.oms.locations.models import StockLocation
from ambar.oms.orders import cancellation_store
from ambar.oms.orders.domain.incoming import IncomingCancellationPlan, IncomingPlanItem
from ambar.oms.orders.models import CancellationPlan, CancellationReason, OrderItem
from ambar.oms.packages.models import Package
from ambar.oms.shipments.models import (
    Carrier,
    SenderAddress,
    Shipment,
    ShipmentPackage,
    ShipmentStatusEntry,
)

LEFT_ALONE = 30
"""Packages up to here belong to other tests."""
STORY = (
    ("CREATED", 300, True),
    ("SHIPPING", 200, True),
    ("CREATED", 190, False),
    ("ATTEMPTED_DELIVERY", 20, True),
)


def parcels() -> None:
    """A carrier, its sender address, and a parcel in each state of the talk."""
    now = clock.now()
    carrier = Carrier.objects.create(
        code="yurtici",
        name="Yurtiçi Kargo",
        base_url="https://kargo.example/flow",
        username="ambar",
        password=vault.seal("a password to look at"),
        created_at=now,
        modified_at=now,
    )
    Carrier.objects.create(
        code="aras",
        name="Aras Kargo",
        base_url="https://aras.example/",
        is_active=False,
        created_at=now,
        modified_at=now,
    )
    SenderAddress.objects.create(
        location=StockLocation.objects.order_by("id")[0],
        carrier=carrier,
        origin_id="KDK-17",
        created_at=now,
        modified_at=now,
    )
    talks = (("known", ""), ("error", "status 422: township is not served"), ("to_ask", ""), ("ended", ""))
    packages = Package.objects.filter(pk__gt=LEFT_ALONE, state__in=(600, 700)).order_by("pk")
    for n, package in enumerate(packages[:8]):
        talk, problem = talks[n % len(talks)]
        number = f"YK{7_000_000 + n}" if talk in ("known", "ended") else None
        parcel = Shipment.objects.create(
            carrier=carrier,
            reference=UUID(int=1000 + n),
            state={"known": "ATTEMPTED_DELIVERY", "ended": "DELIVERED"}.get(talk, "CREATED"),
            talk=talk,
            problem=problem,
            attempts=9 if problem else 1,
            cargo_company="yurtici",
            awb_number=number,
            tracking_numbers=[f"YK{6_000_000 + n}", number] if number else [],
            tracking_url=f"https://kargo.example/izle/{number}" if number else None,
            due_at=now + timedelta(minutes=9) if talk in ("known", "to_ask") else None,
            created_at=now - timedelta(hours=5),
            modified_at=now,
        )
        ShipmentPackage.objects.create(shipment=parcel, package=package)
        for status, minutes, applied in STORY if number else ():
            ShipmentStatusEntry.objects.create(
                shipment=parcel,
                status=status,
                at=now - timedelta(minutes=minutes),
                description="Alıcı adreste yok." if status == "ATTEMPTED_DELIVERY" else "",
                applied=applied,
                created_at=now,
            )


def bulk_actions() -> None:
    """One action that is over, some of it refused, and one that nobody has begun."""
    ids = list(Package.objects.filter(pk__gt=LEFT_ALONE).order_by("-pk").values_list("pk", flat=True)[:9])
    waiting = list(
        Package.objects.filter(pk__gt=LEFT_ALONE, state=100).order_by("-pk").values_list("pk", flat=True)[:2]
    )
    given = {"slug": "block-from-waiting", "transition_id": None, "parameters": {}, "location_ids": None}
    for chosen in ([*waiting, *ids], ids):
        bulk.start(PACKAGES, [(pk, None) for pk in chosen], user_id=None, now=clock.now(), **given)
        bulk.run_slice(now=clock.now, action_id=1)


def _plan(number: int, package: Package) -> IncomingCancellationPlan:
    lines = OrderItem.objects.filter(order_id=package.order_id).order_by("id")
    return IncomingCancellationPlan(
        source=package.order.source,
        upstream_id=number,
        order_upstream_id=package.order.upstream_id,
        plan_type="cancel",
        status="waiting",
        upstream_modified_at=clock.now(),
        items=tuple(
            IncomingPlanItem(order_item=line.upstream_id, reason="Vazgeçtim", quantity=Decimal(1))
            for line in lines
        ),
    )


def cancellations() -> None:
    """One done by itself, two that wait for a location, one whose answer upstream refused; reasons."""
    now = clock.now()
    far = Package.objects.select_related("order").filter(pk__gt=LEFT_ALONE, shipment=None).order_by("-pk")
    waiting = list(far.filter(state=200)[:2])
    packed = list(far.filter(state=500)[:2])
    cancellation_store.upsert_cancellation_plans(
        [_plan(600 + n, package) for n, package in enumerate([*packed, *waiting])], now=now
    )
    decide_cancellations(limit=20, now=now)
    CancellationPlan.objects.filter(upstream_id=603).update(
        answer_due_at=None, answer_error="status 409: the plan is closed"
    )
    for title in ("Ürün hasarlı", "Müşteri vazgeçti"):
        CancellationReason.objects.create(title=title, created_at=now, modified_at=now)
