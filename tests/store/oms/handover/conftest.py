"""The marketplace on the other side, for tests of the hand-over's store."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ambar.oms.catalogue.models import Product
from ambar.oms.upstream.actions.take_orders import take_orders
from ambar.oms.upstream.configured import Configured
from tests.worlds import handover_partner as there
from tests.worlds import oms_upstream as upstream
from tests.worlds.oms_records import T0, build, package

FIRST = 7001


@pytest.fixture
def world(db):
    """Places, products and a channel to make packages of."""
    return build()


@pytest.fixture
def partner(db, monkeypatch) -> Iterator[there.Partner]:
    """A Seller Center that hears, holds and answers as the contract says."""
    with there.partner(monkeypatch) as made:
        yield made


@pytest.fixture
def made(world, partner):
    """Three orders with a package each, all known on both sides."""
    Product.objects.filter(sku="SKU-A").update(sku="AMB-TSH-001-M")
    Product.objects.filter(sku="SKU-B").update(sku="AMB-MUG-004")
    records = [upstream.order(pk) for pk in range(FIRST, FIRST + 3)]
    found = take_orders(records, source=upstream.SOURCE, configured=Configured(), now=T0)
    partner.offer(*records)
    rows = [package(world, order_id=one.order_id) for one in found]
    world.upstream = 9000
    partner.hear()
    return rows
