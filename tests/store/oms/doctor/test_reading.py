"""What the doctor says of reading orders: a stream that failed last, and ids that mean other orders."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import cast

import pytest

from ambar.kit import clock
from ambar.kit.work import heartbeats
from ambar.oms.app_settings.models import Setting
from ambar.oms.doctor.actions.checks import order_ids, worker
from ambar.oms.doctor.visit import Visit
from ambar.oms.orders.models import Order
from ambar.oms.upstream.models import Watermark
from tests.worlds.oms_records import build, take

pytestmark = pytest.mark.django_db
NOW = clock.now()


@pytest.fixture(autouse=True)
def a_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeats, "age_seconds", lambda *, now: 1.0)


def said(*, error: str, polled: timedelta) -> list[tuple[str, str]]:
    """Of the stream `orders`, polled so long before or after the settings were changed: (name, code)."""
    Setting.objects.create(key="SELLER_CENTER_SETTINGS", value={}, created_at=NOW, modified_at=NOW)
    Watermark.objects.create(source="seller_center", stream="orders", error=error, polled_at=NOW + polled)
    return [(one.name, one.code) for one in worker.check(Visit(now=NOW))[1:]]


def test_a_reading_that_fails_is_a_finding() -> None:
    assert said(error="401", polled=timedelta(seconds=1)) == [("intake.orders", "intake_fails")]


def test_one_that_failed_under_earlier_settings_is_not_known_yet() -> None:
    """`--fix` gave the endpoint its token: that the last poll before was refused is no finding."""
    assert said(error="401", polled=-timedelta(seconds=1)) == [("intake.orders", "intake_not_since")]


def test_one_that_went_well_is_said_to() -> None:
    assert said(error="", polled=-timedelta(seconds=1)) == [("intake", "intake_reads")]


def ids_said(*offered: object) -> list[tuple[str, dict[str, object]]]:
    """Of these rows offered by a Seller Center: (code, figures)."""
    visit = SimpleNamespace(
        settings=SimpleNamespace(redirects={"orders": None}), offered=lambda: list(offered)
    )
    return [(one.code, dict(one.figures)) for one in order_ids.check(cast(Visit, visit))]


def test_another_seller_center_s_order_under_a_known_id_is_told() -> None:
    """Such an order passes for an old version of the one that is here: it was never taken, and nothing said so."""
    order = Order.objects.get(pk=take(build()))
    Order.objects.filter(pk=order.pk).update(source="seller_center")
    same = {"pk": order.upstream_id, "number": order.number}
    assert ids_said(same, {"id": 99_999_999, "number": "new"}) == [("order_ids_agree", {})]
    told = {"count": 1, "known": 1, "id": order.upstream_id, "theirs": "OTHER-1", "ours": order.number}
    assert ids_said({**same, "number": "OTHER-1"}) == [("order_ids_differ", told)]
    assert ids_said({"id": 99_999_999, "number": "new"}, {"number": "x"}, None, {"pk": True}) == []
