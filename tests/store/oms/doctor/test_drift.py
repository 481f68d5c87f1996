"""What the doctor remembers: findings open until they are mended, watches in a row, the notice on the home screen."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ambar.kit import clock, health
from ambar.oms.doctor import jobs, queries
from ambar.oms.doctor.actions.record import record
from ambar.oms.doctor.domain.finding import Finding
from ambar.oms.doctor.models import Examination, OpenFinding
from tests.worlds import oms_upstream as world

pytestmark = pytest.mark.django_db
T0 = world.NOW
CITIES = Finding(step=2, name="endpoint.cities", code="endpoint_missing", figures={"name": "cities"})
ORDERS = Finding(step=2, name="endpoint.orders", code="endpoint_missing", figures={"name": "orders"})
CODE = Finding(step=4, name="supplier_code", code="seller_settings_missing")
WELL = Finding(step=4, name="transitions", code="transitions_sound")
UNTOLD = Finding(step=4, name="static_channel", code="channel_untold")


@pytest.fixture(autouse=True)
def _nothing_remembered():
    world.forget()
    yield
    world.forget()


def recorded(*found, steps=(2, 4), by="asked", minutes=0):
    at = T0 + timedelta(minutes=minutes)
    return record(found, steps=steps, asked_by=by, started_at=at, finished_at=at)


def open_names():
    return sorted(OpenFinding.objects.values_list("name", flat=True))


def test_a_finding_is_open_until_its_step_is_examined_without_it():
    first = recorded(CITIES, CODE, WELL)
    assert (first.ok, first.appeared, first.mended) == (False, ["endpoint.cities", "supplier_code"], [])
    second = recorded(ORDERS, steps=(2,), minutes=1)
    assert (second.appeared, second.mended) == (["endpoint.orders"], ["endpoint.cities"])
    assert open_names() == ["endpoint.orders", "supplier_code"]
    third = recorded(WELL, UNTOLD, minutes=2)
    assert (third.ok, third.mended, open_names()) == (True, ["endpoint.orders", "supplier_code"], [])


def test_since_when_it_is_open_stays_while_it_stays():
    recorded(CITIES)
    recorded(CITIES, ORDERS, minutes=5)
    rows = dict(OpenFinding.objects.values_list("name", "first_seen_at"))
    assert rows == {"endpoint.cities": T0, "endpoint.orders": T0 + timedelta(minutes=5)}


def test_watches_that_find_nothing_new_are_one_row():
    for minute in range(4):
        recorded(CITIES, by="watch", minutes=minute)
    row = Examination.objects.get()
    assert (row.repeats, row.started_at, row.finished_at) == (3, T0, T0 + timedelta(minutes=3))
    recorded(CITIES, ORDERS, by="watch", minutes=4)
    recorded(CITIES, ORDERS, by="asked", minutes=5)
    assert list(Examination.objects.order_by("id").values_list("asked_by", "repeats")) == [
        ("watch", 3),
        ("watch", 0),
        ("asked", 0),
    ]


def test_the_notice_counts_what_is_open_and_goes_when_it_is_mended(django_assert_num_queries):
    assert queries.notice() is None
    recorded(CODE, CITIES)
    with django_assert_num_queries(1):
        told = queries.notice()
    assert (told.count, told.since, told.finding.name) == (2, T0, "endpoint.cities")
    assert queries.open_count() == 2.0
    recorded(WELL, minutes=1)
    assert queries.notice() is None
    assert queries.seconds_since(T0 + timedelta(minutes=3)) == 120.0


def test_what_was_found_last_is_told_per_step():
    recorded(CITIES, steps=(2,))
    recorded(CODE, steps=(4,), minutes=1)
    found, at = queries.last_findings()
    assert ([one.name for one in found], at) == (
        ["endpoint.cities", "supplier_code"],
        T0 + timedelta(minutes=1),
    )
    Examination.objects.update(
        findings=[{"step": 2, "name": "old", "code": "of-another-version", "needs": []}]
    )
    assert queries.last_findings()[0] == []


def watched():
    jobs.doctor_watch()
    return list(Examination.objects.order_by("id").values_list("asked_by", "repeats"))


def set_up():
    """Settings whose addresses may not be called, so that nothing is waited for."""
    world.configure("OMNITRON_CLIENT_SETTINGS", world.client_settings("http://10.255.255.1"))


def test_the_watch_looks_when_it_is_time_and_not_before(monkeypatch):
    monkeypatch.setenv("AMBAR_ALLOWED_TARGETS", "")
    assert watched() == []
    set_up()
    assert watched() == [("watch", 0)]
    assert "endpoint.orders" in open_names()
    assert watched() == [("watch", 0)]
    Examination.objects.update(finished_at=clock.now() - timedelta(minutes=15))
    assert watched() == [("watch", 1)]
    world.configure("DOCTOR_SETTINGS", {"every_minutes": 0})
    Examination.objects.update(finished_at=clock.now() - timedelta(days=1))
    assert watched() == [("watch", 1)]
    world.configure("DOCTOR_SETTINGS", {"every_minutes": 60})
    assert watched() == [("watch", 2)]


def test_what_was_found_is_looked_at_again_soon_but_not_for_ever(monkeypatch):
    monkeypatch.setenv("AMBAR_ALLOWED_TARGETS", "")
    set_up()
    watched()
    for repeat in range(1, 6):
        Examination.objects.update(finished_at=clock.now() - timedelta(minutes=1))
        assert watched() == [("watch", repeat)]
    Examination.objects.update(finished_at=clock.now() - timedelta(minutes=1))
    assert watched() == [("watch", 5)]


def test_old_examinations_go(monkeypatch):
    monkeypatch.setenv("AMBAR_ALLOWED_TARGETS", "")
    recorded(WELL, minutes=-60 * 24 * 91 - 60 * 24 * 3650)
    set_up()
    assert watched() == [("watch", 0)]


def test_the_figures_are_in_the_metrics():
    recorded(CITIES)
    assert health._gauges["doctor_open_findings"][1]() == 1.0
    assert health._gauges["doctor_seconds_since_examination"][1]() > 0
