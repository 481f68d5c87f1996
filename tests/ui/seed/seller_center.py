"""Rows for looking at the Seller Center's screens: an owner, two sellers of whom one has an OMS."""

import os
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ambar.seller_center.settings")
django.setup()

from ambar.kit import accounts, clock  # noqa: E402
from ambar.seller_center.delivery.models import DeliverySetting  # noqa: E402
from ambar.seller_center.orders.models import Order, OrderItem  # noqa: E402
from ambar.seller_center.packages.domain.states import STATUS_OF_STATE  # noqa: E402
from ambar.seller_center.packages.models import Package, PackageHistory, PackageItem  # noqa: E402
from ambar.seller_center.sellers.models import Seller  # noqa: E402

NOW = clock.now()
STAMPS = {"created_at": NOW, "modified_at": NOW}
STATES = (100, 200, 500, 600, 700, 920, None)


def order(n: int, seller: Seller, delivery: DeliverySetting) -> None:
    """One order with its package."""
    address = {
        "first_name": "Zeynep",
        "last_name": "Işık",
        "line": "Moda Caddesi No: 5",
        "township": {"name": "Kadıköy"},
        "city": {"name": "İstanbul"},
    }
    state = STATES[n % len(STATES)]
    placed = Order.objects.create(
        seller=seller,
        upstream_id=9000 + n,
        upstream_number=str(7000000 + n),
        number=f"{7000000 + n}-{seller.pk}",
        part=1,
        status=(400, 450, 450, 500, 550, 450, 400)[n % 7],
        currency="try",
        amount=Decimal("349.90"),
        customer_name="Zeynep Işık",
        delivery_setting=delivery,
        document={"shipping_address": address},
        digest="0" * 32,
        date_placed=NOW - timedelta(minutes=23 * n),
        upstream_modified_at=NOW,
        **STAMPS,
    )
    item = OrderItem.objects.create(
        order=placed,
        seller=seller,
        upstream_id=9000 + n,
        sku=f"AMB-{n % 30:04}",
        name="Keten gömlek",
        quantity=1,
        price=Decimal("349.90"),
        status=placed.status,
        document={},
        **STAMPS,
    )
    package = Package.objects.create(
        seller=seller,
        order=placed,
        order_number=placed.number,
        number=f"{placed.number}P1",
        origin="default" if state is None else "oms",
        status=1 if state is None else STATUS_OF_STATE[state],
        state_code=state,
        sequence=n,
        amount=Decimal("349.90"),
        currency="try",
        location_name="" if state is None else "Kadıköy mağazası",
        shipping_company="yurtici",
        tracking_numbers=[f"YK{n:08}"] if state in (600, 700) else [],
        **STAMPS,
    )
    if state is None:
        return
    PackageItem.objects.create(
        package=package,
        seller=seller,
        order_item_id=item.pk,
        sku=item.sku,
        name=item.name,
        quantity=1,
        state_code=state,
    )
    PackageHistory.objects.create(
        package=package,
        seller=seller,
        event_uuid=UUID(int=n + 1),
        event_type="package.created",
        sequence=1,
        state_code=100,
        status=1,
        outcome="applied",
        at=NOW,
    )


def main(count: int = 120) -> None:
    """Everything, once."""
    sellers = [
        Seller.objects.create(supplier_code=code, name=name, oms_managed=managed, **STAMPS)
        for code, name, managed in (("AMBAR", "Ambar Giyim", True), ("DENIZ", "Deniz Ayakkabı", False))
    ]
    delivery = DeliverySetting.objects.filter(is_default=True).first() or DeliverySetting.objects.create(
        slug="varsayilan", name="Varsayılan", is_default=True
    )
    accounts.ensure_user("admin", "admin-demo", ["marketplace_owner"], name="Ayşe Yılmaz")
    accounts.ensure_user(
        "ambar", "ambar-demo", ["seller"], {"seller_id": sellers[0].pk}, name="Mehmet Öztürk"
    )
    for n in range(count):
        order(n, sellers[n % 2], delivery)


if __name__ == "__main__":
    main()
