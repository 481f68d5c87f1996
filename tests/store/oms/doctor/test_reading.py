"""What the doctor says of reading orders: a stream that failed last, and ids that mean other orders."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import cast

import pytest

from ambar.kit import clock
from ambar.kit.work import heartbeats
from ambar.oms.app_settings.models import Setting
from ambar.oms.doctor.actions.checks import dictionaries, omnitron_hooks, order_ids, worker
from ambar.oms.doctor.domain.finding import Finding
from ambar.oms.doctor.domain.texts import said as said_texts
from ambar.oms.doctor.visit import Visit
from ambar.oms.orders.models import Order
from ambar.oms.places.models import City, Country
from ambar.oms.upstream.models import Quarantined, Watermark
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


SIGNED_IN = Finding(step=1, name="omnitron_login", code="omnitron_signs_in")


def hooks_said(monkeypatch: pytest.MonkeyPatch, *, roles: list[str]) -> list[str]:
    """What is said of Omnitron's hooks to a user of these roles who is shown none."""
    answers = {"hooks": [], "active_user": {"is_superuser": False, "roles": roles}}
    visit = SimpleNamespace(
        settings=SimpleNamespace(oms_url="https://oms.example/", username="integration"),
        takes_from_seller_center=True,
        omnitron_token=lambda: "t",
        ask=lambda name, params=None: SimpleNamespace(
            payload=answers[name], good=True, took_ms=1, status=200
        ),
    )
    monkeypatch.setattr(omnitron_hooks, "_own_address", lambda visit: [])
    monkeypatch.setattr(omnitron_hooks, "_login", lambda visit: SIGNED_IN)
    return [one.code for one in omnitron_hooks.check(cast(Visit, visit))[1:]]


def test_who_sees_only_own_hooks_is_not_told_that_none_is_on(monkeypatch: pytest.MonkeyPatch) -> None:
    assert hooks_said(monkeypatch, roles=["integration"]) == ["hooks_of_others"]
    assert hooks_said(monkeypatch, roles=["admin"]) == ["hooks_off"]


def test_orders_of_another_system_in_quarantine_tell_of_a_hook_that_sends_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    row = Quarantined.objects.create(
        source="seller_center", identity="other:1:x", upstream_id=1, number="HUB-9", kind="another_order",
        cause="another_order:number", reason="number: …", payload={}, created_at=NOW, modified_at=NOW,
    )  # fmt: skip
    assert hooks_said(monkeypatch, roles=["admin"]) == ["hooks_off", "orders_of_others"]
    [found] = omnitron_hooks._arrived("https://oms.example/")
    what, _, fix = said_texts(found, "en")
    assert "1 orders" in what and "HUB-9" in what and "https://oms.example (" in fix
    row.closed_at = NOW
    row.save()
    assert omnitron_hooks._arrived("https://oms.example/") == []


def test_a_dictionary_that_differs_names_a_row_even_where_only_we_have_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    country = Country.objects.create(source="seller_center", upstream_id=1, name="T", folded="t", code="tr")
    City.objects.create(
        source="seller_center", upstream_id=7, name="Nowhere", folded="nowhere", country=country
    )
    visit = SimpleNamespace(settings=SimpleNamespace(redirects={"countries": None}))
    monkeypatch.setattr(dictionaries, "rows_upstream", lambda visit, level, bucket: [])
    found = dictionaries.Difference(here=1, upstream=1, buckets=(0, 3))
    finding = dictionaries._differs(cast(Visit, visit), "city", "dictionary.cities", found)
    assert finding.figures["sample"] == "#7 Nowhere"
    monkeypatch.setattr(dictionaries, "rows_upstream", lambda visit, level, bucket: None)
    finding = dictionaries._differs(cast(Visit, visit), "city", "dictionary.cities", found)
    assert finding.figures["sample"] == "#0 … #499"


@pytest.mark.parametrize(
    ("oms_url", "target"),
    [
        ("https://oms.example.com/api/v1", "https://OMS.Example.com/api/v1/oms/orders-webhook/"),
        ("https://oms.example.com/api/v1", "https://oms.example.com:443/api/v1/oms/orders-webhook/"),
        ("http://oms.example.com:80", "http://oms.example.com/api/v1/oms/orders-webhook/"),
        ("HTTPS://oms.example.com./api/v1", "https://oms.example.com/api/v1/oms/orders-webhook/"),
    ],
)
def test_an_address_may_be_written_in_several_ways(oms_url, target):
    assert omnitron_hooks.mine({"event_type": "order.created", "target_url": target}, oms_url)


@pytest.mark.parametrize(
    "target",
    [
        "https://oms.example.com:8443/api/v1/oms/orders-webhook/",
        "http://oms.example.com/api/v1/oms/orders-webhook/",
        "https://oms.example.com.evil.test/api/v1/oms/orders-webhook/",
        "https://oms.example.com:port/",
        "https://[::1/",
        None,
    ],
)
def test_a_hook_of_another_address_is_none_of_our_business(target):
    assert not omnitron_hooks.mine(
        {"event_type": "order.created", "target_url": target}, "https://oms.example.com/api/v1"
    )
