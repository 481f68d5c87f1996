"""A package remembers state and sequence of the last event a marketplace listens to, whatever else is recorded for it."""

import importlib

import pytest
from django.db import connection

from ambar.kit.outbox.models import Event
from ambar.oms.packages import store
from ambar.oms.packages.domain import events
from ambar.oms.packages.domain.changes import StateChange
from ambar.oms.packages.models import Package
from tests.worlds.listening import listen
from tests.worlds.oms_records import T0, build, package

pytestmark = pytest.mark.django_db


def told(package_id):
    row = Package.objects.get(pk=package_id)
    return row.told_state, row.told_sequence, row.sequence


def move(package_id, source, destination, **more):
    change = StateChange(
        package_id=package_id, from_state=source, to_state=destination, command_code="X", slug="x", **more
    )
    store.change_states([change], now=T0)


def test_only_events_a_marketplace_listens_to_are_remembered_as_told():
    one = package(build()).id
    assert told(one) == (100, 1, 1)
    move(one, 100, 200)
    assert told(one) == (200, 2, 3)
    move(one, 200, 400)
    assert told(one) == (200, 2, 4)
    store.announce([one], sync=False, now=T0)
    assert told(one) == (200, 2, 5)
    move(one, 400, 500, besides=(events.REFUSED,))
    assert told(one) == (500, 6, 8)
    heard = Event.objects.filter(kind="package", aggregate_id=one, type__in=events.HEARD)
    assert heard.order_by("-id").values_list("sequence", flat=True)[0] == 6


def test_a_package_born_out_of_stock_was_told_twice():
    one = package(build(), state=920).id
    assert told(one) == (920, 2, 2)


def test_packages_of_before_are_given_what_their_events_say():
    listen()
    one = package(build()).id
    move(one, 100, 200)
    move(one, 200, 400)
    Package.objects.update(told_state=0, told_sequence=0)
    migration = importlib.import_module("ambar.oms.packages.migrations.0006_told_and_compared")
    with connection.cursor() as cursor:
        cursor.execute(migration.TOLD)
    assert told(one) == (200, 2, 4)
    Event.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute(migration.TOLD)
    assert told(one) == (400, 4, 4)
