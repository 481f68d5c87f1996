"""Rows for looking at the OMS's screens: `python tests/ui/seed/oms.py` with the system's settings."""

import os
import random
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ambar.oms.settings")
django.setup()

import oms_floor  # noqa: E402
import oms_handover  # noqa: E402
from django.db import transaction  # noqa: E402

from ambar.kit import accounts, clock  # noqa: E402
from ambar.kit.outbox.models import Attempt, Delivery, EndpointHealth, Hook, Replay  # noqa: E402
from ambar.kit.text import turkish_fold  # noqa: E402
from ambar.oms.catalogue.models import Channel, Product  # noqa: E402
from ambar.oms.doctor.actions.record import record  # noqa: E402
from ambar.oms.doctor.domain.finding import Finding  # noqa: E402
from ambar.oms.locations.models import StockLocation  # noqa: E402
from ambar.oms.locations.store import move_quota  # noqa: E402
from ambar.oms.orders.domain.incoming import IncomingItem, IncomingOrder  # noqa: E402
from ambar.oms.orders.intake_store import upsert  # noqa: E402
from ambar.oms.orders.models import Order, OrderItem  # noqa: E402
from ambar.oms.orders.store import mark_hold, mark_planned  # noqa: E402
from ambar.oms.packages.domain.changes import NewPackage, StateChange  # noqa: E402
from ambar.oms.packages.models import PackageDenialReason, PackageItem  # noqa: E402
from ambar.oms.packages.store import change_states, create  # noqa: E402
from ambar.oms.places.models import City, Country, Township  # noqa: E402
from ambar.oms.planning.actions.plan_orders import plan_orders  # noqa: E402
from ambar.oms.scenarios.actions.save_scenario import Edit, save_scenario  # noqa: E402
from ambar.oms.scenarios.actions.set_shipping_costs import set_shipping_costs  # noqa: E402
from ambar.oms.stock.domain.reservations import ReserveLine  # noqa: E402
from ambar.oms.stock.models import Balance  # noqa: E402
from ambar.oms.stock.store import reserve  # noqa: E402
from ambar.oms.transfers.domain.changes import NewTransfer  # noqa: E402
from ambar.oms.transfers.store import create as create_transfers  # noqa: E402
from ambar.oms.upstream.models import Quarantined  # noqa: E402

NAMES = [
    "Ayşe Yılmaz",
    "İbrahim Çelik",
    "Zeynep Işık",
    "Mehmet Öztürk",
    "Selin Şahin",
    "Ali Güneş",
    "Deniz Kaya",
]
PLACES = [("Kadıköy", "İstanbul"), ("Çankaya", "Ankara"), ("Bornova", "İzmir"), ("Nilüfer", "Bursa")]
GOODS = ["Keten gömlek", "Pamuklu tişört", "Deri cüzdan", "Koşu ayakkabısı", "Yün atkı", "Sırt çantası"]
TOWNSHIPS = {"İstanbul": ("Kadıköy", "Üsküdar", "Şişli"), "Ankara": ("Çankaya", "Keçiören")}
SHOPS = ["Kadıköy mağazası", "Gebze deposu", "Ankara mağazası", "İzmir mağazası"]
POSITIONS = [(40.9907, 29.0279), (40.8028, 29.4307), (39.9208, 32.8541), (38.4237, 27.1428)]
PATH = {
    100: (),
    200: (200,),
    400: (200, 400),
    500: (500,),
    600: (500, 600),
    700: (500, 600, 700),
    920: (920,),
    930: (930,),
}


def people() -> None:
    """An administrator and a person bound to the first location."""
    accounts.ensure_user("admin", "admin-demo", ["admin"], name="Ayşe Yılmaz")
    accounts.ensure_user(
        "kadikoy",
        "kadikoy-demo",
        ["location_operator"],
        {"location_ids": [StockLocation.objects.order_by("id")[0].pk]},
    )


def ground() -> tuple[list[Channel], list[Product], list[StockLocation]]:
    """Channels, products with stock, locations with quota."""
    channels = [
        Channel.objects.create(source="omnitron", upstream_id=n, name=name, channel_type="web")
        for n, name in enumerate(("Seller Center", "Web"), 1)
    ]
    products = [
        Product.objects.create(
            sku=f"AMB-{n:04}", name=f"{GOODS[n % len(GOODS)]} {n}", barcode=f"869000000{n:04}"
        )
        for n in range(1, 25)
    ]
    shops = [
        StockLocation.objects.create(
            name=name,
            erp_code=f"L{n}",
            max_quota=20 * n,
            priority=n,
            latitude=Decimal(str(POSITIONS[n - 1][0])),
            longitude=Decimal(str(POSITIONS[n - 1][1])),
        )
        for n, name in enumerate(SHOPS, 1)
    ]
    Balance.objects.bulk_create(
        Balance(location=shop, product=product, on_hand=Decimal(60), reserved=0, counted_at=clock.now())
        for shop in shops
        for product in products
    )
    return channels, products, shops


def places(shops: list[StockLocation]) -> None:
    """A country with two cities; the first shop has a place."""
    country = Country.objects.create(
        source="seed", upstream_id=1, name="Türkiye", folded="turkiye", code="TR"
    )
    for n, (city_name, names) in enumerate(TOWNSHIPS.items(), 1):
        city = City.objects.create(
            source="seed", upstream_id=n, name=city_name, folded=turkish_fold(city_name), country=country
        )
        Township.objects.bulk_create(
            Township(source="seed", upstream_id=10 * n + k, name=name, folded=turkish_fold(name), city=city)
            for k, name in enumerate(names)
        )
    township = Township.objects.get(name="Kadıköy")
    shops[0].country, shops[0].city, shops[0].township = country, township.city, township
    shops[0].save()


def costs() -> None:
    """A cost table that was changed once."""
    rows = [
        {"zone": zone, "parcel": Decimal(parcel), "per_kg": Decimal(per_kg)}
        for zone, parcel, per_kg in (("same_city", "49.90", "4.50"), ("same_country", "74.90", "6.00"))
    ]
    edit = Edit(author="admin", note="Ocak sözleşmesi")
    set_shipping_costs(rows, now=clock.now() - timedelta(days=40), edit=edit)
    set_shipping_costs([rows[0], {**rows[1], "parcel": Decimal("79.90")}], now=clock.now(), edit=edit)


def orders(channels: list[Channel], products: list[Product], count: int) -> list[Order]:
    """Orders of the last hours."""
    chance = random.Random(7)
    now = clock.now()
    batch = []
    for n in range(count):
        first, last = NAMES[n % len(NAMES)].split()
        township, city = PLACES[n % len(PLACES)]
        address = {
            "first_name": first,
            "last_name": last,
            "line": f"Moda Caddesi No: {n + 1}",
            "township": {"name": township},
            "city": {"name": city},
            "country": {"name": "Türkiye"},
            "phone_number": "05551112233",
        }
        lines = tuple(
            IncomingItem(
                upstream_id=1000 + 10 * n + k,
                sku=product.sku,
                product_id=product.pk,
                quantity=Decimal(1),
                price=Decimal("149.90"),
                currency="try",
            )
            for k, product in enumerate(chance.sample(products, chance.choice((1, 1, 2, 3))))
        )
        batch.append(
            IncomingOrder(
                source="seller_center",
                upstream_id=5000 + n,
                number=f"A{240000 + n}",
                channel_id=channels[n % 2].pk,
                upstream_modified_at=now,
                date_placed=now - timedelta(minutes=17 * n),
                items=lines,
                supplier_code="AMBAR",
                currency="try",
                amount=Decimal("149.90") * len(lines),
                customer={
                    "first_name": first,
                    "last_name": last,
                    "email": "kisi@example.com",
                    "type": ("person", "company")[n % 4 == 3],
                },
                shipping_address=address,
                billing_address=address,
                cargo_company=("yurtici", "mng")[n % 3 == 2],
                payment_type=("credit_card", "pay_on_delivery")[n % 5 == 4],
            )
        )
    upsert(batch, now=now)
    return list(Order.objects.order_by("id"))


def plan(found: list[Order], shops: list[StockLocation]) -> None:
    """Packages in every state; the last orders stay on hold."""
    now = clock.now()
    planned, held = found[:-4], found[-4:]
    with transaction.atomic():
        wanted, lines = [], {}
        for n, order in enumerate(planned):
            lines[order.pk] = list(OrderItem.objects.filter(order=order).order_by("id"))
            wanted.append(
                NewPackage(
                    order_id=order.pk,
                    location_id=shops[n % len(shops)].pk,
                    state=100,
                    items=tuple((item.pk, item.product_id, item.quantity) for item in lines[order.pk]),
                )
            )
        made = create(wanted, now=now)
        move_quota(
            {shop.pk: sum(w.location_id == shop.pk for w in wanted) for shop in shops},
            guarded=[shop.pk for shop in shops],
        )
        reserve(
            [
                ReserveLine(
                    location_id=want.location_id,
                    product_id=product_id,
                    quantity=quantity,
                    holder_kind="package_item",
                    holder_id=holder,
                )
                for want, package in zip(wanted, made, strict=True)
                for holder, (_item, product_id, quantity) in zip(package.item_ids, want.items, strict=True)
            ],
            reason="planned",
            cause=UUID(int=1),
            now=now,
        )
        mark_planned([order.pk for order in planned], now)
        mark_hold({order.pk: "No location has all products of this order." for order in held}, now)
    for n, package in enumerate(made):
        state = 100
        for step in PATH[list(PATH)[n % len(PATH)]] if n else ():
            with transaction.atomic():
                change_states(
                    [
                        StateChange(
                            package_id=package.id,
                            from_state=state,
                            to_state=step,
                            command_code="PKG_STATE_TRANSITION",
                            slug="seed",
                        )
                    ],
                    now=clock.now(),
                )
            state = step


def scenarios(channels: list[Channel], shops: list[StockLocation]) -> None:
    """An active scenario of two rules, and a draft."""
    rule = {"product_mode": "all", "product_condition": {}, "max_packages": None, "split_above_amount": None}
    near = {
        **rule,
        "name": "Yakın lokasyon",
        "location_condition": {"field": "distance_km", "op": "lte", "value": 150},
        "split_policy": "whole_order",
        "transferable": False,
        "selectors": ["SELECT_BY_QUOTA", "SELECT_BY_DISTANCE"],
    }
    anywhere = {
        **rule,
        "name": "Her yerden",
        "location_condition": {},
        "split_policy": "free",
        "transferable": False,
        "selectors": ["SELECT_BY_STOCK", "SELECT_BY_PRIORITY"],
    }
    for name, is_active in (("Pazaryeri siparişleri", True), ("Hızlı teslimat", False)):
        save_scenario(
            {
                "name": name,
                "description": "Önce yakındaki, sonra en dolu lokasyon.",
                "is_active": is_active,
                "priority": 10,
                "default_location": shops[1].pk,
                "initial_status": 100,
                "initial_status_multiple": 150,
                "rules": [near, anywhere],
            },
            now=clock.now(),
        )


def decided(channels: list[Channel], products: list[Product]) -> None:
    """Orders that the planner itself planned: one place, a split, and more than there is."""
    now = clock.now()
    wanted = [[(0, 1)], [(1, 2), (2, 1)], [(3, 150)], [(4, 500)]]
    upsert(
        [
            IncomingOrder(
                source="seller_center",
                upstream_id=7000 + n,
                number=f"A{250000 + n}",
                channel_id=channels[0].pk,
                upstream_modified_at=now,
                date_placed=now - timedelta(days=2),
                items=tuple(
                    IncomingItem(
                        upstream_id=70000 + 10 * n + k,
                        sku=products[which].sku,
                        product_id=products[which].pk,
                        quantity=Decimal(count),
                        price=Decimal("149.90"),
                        currency="try",
                    )
                    for k, (which, count) in enumerate(lines)
                ),
                currency="try",
                amount=Decimal("149.90"),
                customer={"first_name": "Selin", "last_name": "Şahin"},
                shipping_address={"township": {"name": "Üsküdar"}, "city": {"name": "İstanbul"}},
                latitude=Decimal("41.0266"),
                longitude=Decimal("29.0155"),
            )
            for n, lines in enumerate(wanted)
        ],
        now=now,
    )
    while plan_orders(limit=50, now=clock.now()):
        pass


def moving(shops: list[StockLocation]) -> None:
    """A package that waits for goods of another location, and reasons to refuse one."""
    now = clock.now()
    item = PackageItem.objects.select_related("package").filter(package__state=100).order_by("id")[1]
    source = next(shop for shop in shops if shop.pk != item.package.location_id)
    with transaction.atomic():
        create_transfers(
            [
                NewTransfer(
                    order_id=item.package.order_id,
                    package_id=item.package_id,
                    source_id=source.pk,
                    destination_id=item.package.location_id,
                    items=((item.pk, item.order_item_id, item.product_id, Decimal(1)),),
                )
            ],
            now=now,
        )
    for title in ("Hasarlı ürün", "Mağaza kapalı"):
        PackageDenialReason.objects.create(title=title, created_at=now, modified_at=now)


def quarantine() -> None:
    """Orders with unknown places, and one that has another number here."""
    now = clock.now()
    for n in range(5):
        Quarantined.objects.create(
            source="seller_center",
            identity=str(900 + n),
            upstream_id=900 + n,
            number=f"A29{n:04}",
            kind="unknown_place",
            cause="township:istanbul/kadikoyy" if n < 3 else "channel:77",
            reason='Township "Kadıköyy" of İstanbul is not known.' if n < 3 else "Channel 77 is not known.",
            payload={"number": f"A29{n:04}", "shipping_address": {"township": {"name": "Kadıköyy"}}},
            created_at=now - timedelta(hours=n),
            modified_at=now,
        )
    Quarantined.objects.create(
        source="seller_center",
        identity="other:5003:b290005",
        upstream_id=5003,
        number="B290005",
        kind="another_order",
        cause="another_order:number",
        reason='number: order 5003 is "A240003" here, and comes as "B290005"',
        detail={"number_here": "A240003", "number_given": "B290005"},
        payload={"pk": 5003, "number": "B290005"},
        created_at=now,
        modified_at=now,
    )


def hooks() -> None:
    """Two hooks of which the second is off."""
    user = accounts.ensure_user("integration", "integration-demo", ["integration"])
    for n, kind in enumerate(("package.created", "package.status.packed", "package.status.shipped")):
        Hook.objects.create(
            user=user,
            target_url="https://seller-center.example/api/v1/applications/oms/packages/",
            event_type=kind,
            is_active=n < 2,
            retry_countdown_config={"choice": "fixed", "kwargs": {"seconds": 60}},
            created_at=clock.now(),
            modified_at=clock.now(),
        )


def answers() -> None:
    """Deliveries in every state, an endpoint that is paused, a replay under way."""
    now = clock.now()
    EndpointHealth.objects.create(
        origin="https://seller-center.example",
        failing_since=now - timedelta(hours=30),
        failures=240,
        last_status=503,
        last_error="HTTP 503",
        next_probe_at=now + timedelta(minutes=3),
        paused_at=now - timedelta(hours=6),
        modified_at=now,
    )
    Replay.objects.create(
        hook_ids=[1],
        wanted={"event_type": "package.created", "state": ["parked"]},
        state="stopped",
        total=40,
        done=25,
        until_id=0,
        created_at=now,
        modified_at=now,
    )
    for n, delivery in enumerate(Delivery.objects.order_by("id")[:60]):
        if n % 5 == 4:
            delivery.state, delivery.attempts, delivery.last_status = 2, 18, 500
        elif n % 5 == 3:
            delivery.attempts, delivery.last_status, delivery.due_at = 2, 503, now + timedelta(minutes=5)
        else:
            delivery.state, delivery.attempts, delivery.last_status, delivery.delivered_at = 1, 1, 200, now
        delivery.save()
        Attempt.objects.create(
            delivery=delivery,
            number=1,
            at=now,
            status=delivery.last_status,
            error="",
            took_ms=41,
            response='{"detail":"ok"}',
        )


def doctored() -> None:
    """An examination that found something of every kind, and a walk."""
    url = "https://seller-center.example/api/v1/applications/oms"
    packed = {"event": "package.status.packed", "url": f"{url}/packages/update-status/", "id": 4}
    found = [
        Finding(step=1, name="omnitron_login", code="omnitron_signs_in", figures={"url": "https://omnitron.example/api/v1", "username": "integration"}, took_ms=41),
        Finding(step=1, name="omnitron_hook.order.created", code="hook_came_back", figures={"id": 7, "event": "order.created", "url": "https://oms.example/api/v1/oms/orders-webhook/", "date": "2026-01-14"}, remedy="switch_off_hook"),
        Finding(step=2, name="endpoint.orders", code="endpoint_answers", figures={"name": "orders", "url": url}, took_ms=18),
        Finding(step=2, name="endpoint.cities", code="endpoint_refused", figures={"name": "cities", "url": url, "status": 401}, remedy="align_endpoint", needs=("seller_center_token",), took_ms=12),
        Finding(step=3, name="package_hook.package.created", code="package_hook_arrives", figures={"event": "package.created", "url": f"{url}/packages/"}, took_ms=25),
        Finding(step=3, name="package_hook.package.status.packed", code="package_hook_secret", figures=packed, remedy="put_package_hook", needs=("hook_secret",), took_ms=27),
        Finding(step=4, name="supplier_code", code="supplier_untold", figures={"supplier": "AMBAR-01"}),
        Finding(step=4, name="status_map", code="status_map_sound"),
        Finding(step=4, name="worker", code="worker_silent"),
    ]  # fmt: skip
    now = clock.now()
    record(found, steps=[1, 2, 3, 4], asked_by="watch", started_at=now, finished_at=now)
    walked = [
        Finding(
            step=5, name="walk.offer", code="walk_offered", figures={"number": "DOCTOR-2f", "sku": "AMB-1"}
        ),
        Finding(step=5, name="walk.plan", code="walk_planned", figures={"count": 1, "locations": "Ambar"}),
    ]
    record(walked, steps=[5], asked_by="walk", started_at=now, finished_at=now)


def main(count: int = 70) -> None:
    """Everything, once."""
    channels, products, shops = ground()
    people()
    places(shops)
    costs()
    hooks()
    plan(orders(channels, products, count), shops)
    scenarios(channels, shops)
    decided(channels, products)
    moving(shops)
    quarantine()
    oms_floor.parcels()
    oms_floor.cancellations()
    answers()
    oms_floor.bulk_actions()
    doctored()
    oms_handover.comparisons()
    assert PackageItem.objects.exists()


if __name__ == "__main__":
    main()
