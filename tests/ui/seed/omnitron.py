"""Rows for looking at Omnitron's screens."""

import os
from datetime import timedelta
from decimal import Decimal

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ambar.omnitron.settings")
django.setup()

from ambar.kit import accounts, clock  # noqa: E402
from ambar.kit.outbox.models import Hook  # noqa: E402
from ambar.omnitron.catalogue.models import Product  # noqa: E402
from ambar.omnitron.channels.models import CargoCompany, Channel  # noqa: E402
from ambar.omnitron.customers.models import Address, Customer  # noqa: E402
from ambar.omnitron.orders.domain.status import CODES  # noqa: E402
from ambar.omnitron.orders.models import Order, OrderItem  # noqa: E402
from ambar.omnitron.places.models import City, Country, District, Township  # noqa: E402
from ambar.omnitron.stock.models import ProductStock, StockList  # noqa: E402
from ambar.omnitron.stores.models import RetailStore  # noqa: E402

NOW = clock.now()
STAMPS = {"created_at": NOW, "modified_at": NOW}


def places() -> tuple[Country, City, Township, District]:
    """One address."""
    country = Country.objects.create(name="Türkiye", folded="turkiye", code="tr", **STAMPS)
    city = City.objects.create(name="İstanbul", folded="istanbul", country=country, **STAMPS)
    township = Township.objects.create(name="Kadıköy", folded="kadikoy", city=city, **STAMPS)
    district = District.objects.create(name="Moda", folded="moda", city=city, township=township, **STAMPS)
    return country, city, township, district


def main(count: int = 120) -> None:
    """Everything, once."""
    user = accounts.ensure_user("admin", "admin-demo", ["admin"], name="Ayşe Yılmaz")
    country, city, township, district = places()
    channels = [
        Channel.objects.create(name=name, channel_type=kind, is_active=name != "Arşiv", **STAMPS)
        for name, kind in (("Web", "web"), ("Pazaryeri", "marketplace"), ("Arşiv", "web"))
    ]
    cargo = CargoCompany.objects.create(name="Yurtiçi", erp_code="YK", shipping_company="yurtici", **STAMPS)
    products = [
        Product.objects.create(
            name=f"Keten gömlek {n}",
            sku=f"AMB-{n:04}",
            barcode=f"869000000{n:04}",
            category="Giyim",
            weight=Decimal("0.35"),
            **STAMPS,
        )
        for n in range(1, 31)
    ]
    for n in range(1, 5):
        store = RetailStore.objects.create(
            name=f"Kadıköy mağazası {n}", erp_code=f"L{n}", township=township, district=district, **STAMPS
        )
        stock = StockList.objects.create(name=f"Kadıköy {n}", retail_store=store, **STAMPS)
        ProductStock.objects.bulk_create(
            ProductStock(product=product, stock_list=stock, stock=Decimal(n * 7 % 20), **STAMPS)
            for product in products
        )
    for n in range(count):
        customer = Customer.objects.create(
            channel=channels[n % 2],
            email=f"kisi{n}@example.com",
            first_name="Zeynep",
            last_name="Işık",
            **STAMPS,
        )
        address = Address.objects.create(
            customer=customer,
            country=country,
            city=city,
            township=township,
            district=district,
            first_name="Zeynep",
            last_name="Işık",
            line=f"Moda Caddesi No: {n + 1}",
            phone_number="05551112233",
            hash_data=f"{n:032}",
            **STAMPS,
        )
        order = Order.objects.create(
            number=str(7000000 + n),
            channel=channels[n % 2],
            status=CODES[n % len(CODES)],
            date_placed=NOW - timedelta(minutes=31 * n),
            customer=customer,
            shipping_address=address,
            billing_address=address,
            amount=Decimal("1249.90"),
            cargo_company=cargo,
            **STAMPS,
        )
        OrderItem.objects.bulk_create(
            OrderItem(
                order=order,
                product=products[(n + k) % 30],
                status=order.status,
                price=Decimal("624.95"),
                **STAMPS,
            )
            for k in range(2)
        )
    Hook.objects.create(
        user=user,
        target_url="https://seller-center.example/api/v1/hooks/",
        event_type="order.created",
        retry_countdown_config={"choice": "fixed", "kwargs": {"seconds": 60}},
        **STAMPS,
    )


if __name__ == "__main__":
    main()
