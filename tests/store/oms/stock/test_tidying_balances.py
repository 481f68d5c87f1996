"""Balances of one product come to lie side by side; no figure changes; a table in use is left alone."""

from decimal import Decimal
from io import StringIO

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from ambar.oms.stock.actions import tidy as tidying
from ambar.oms.stock.models import Balance
from tests.worlds.oms_planning import make_locations, make_products, put_stock

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def counted():
    """Forty locations counted one after the other, so that each product lies on many pages."""
    places, products = make_locations(40), make_products(60)
    for place in places:
        put_stock({(place, product): place + n for n, product in enumerate(products)})
    return {(row.location_id, row.product_id): row.on_hand for row in Balance.objects.all()}


def test_each_products_balances_lie_side_by_side_afterwards_and_no_figure_changed(counted):
    found = tidying.tidy()
    assert found.before > 10
    assert found.after < 3
    now = {(row.location_id, row.product_id): row.on_hand for row in Balance.objects.all()}
    assert now == counted
    told = StringIO()
    call_command("stock_tidy", stdout=told)
    assert f"lay on {found.after:.1f} pages" in told.getvalue()


def test_balances_that_others_keep_locked_are_left_alone(counted, monkeypatch):
    monkeypatch.setattr(tidying, "WAIT", "50ms")
    where = connection.get_connection_params()
    with psycopg.connect(
        **{name: where[name] for name in ("dbname", "user", "host") if name in where}
    ) as other:
        other.execute("UPDATE oms_stock_balance SET on_hand = on_hand + 1")
        with pytest.raises(CommandError, match="Others keep the balances locked; nothing was done"):
            call_command("stock_tidy", stdout=StringIO())
        other.rollback()
    assert Balance.objects.values_list("on_hand", flat=True).order_by("on_hand")[0] == Decimal(
        min(counted.values())
    )
