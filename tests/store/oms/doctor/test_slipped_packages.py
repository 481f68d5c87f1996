"""Packages in a state nothing moved them to: told by the doctor with their numbers, from a look that stays small."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ambar.kit import clock
from ambar.oms.doctor.actions.checks import slipped_packages
from ambar.oms.doctor.domain.texts import ok, said
from ambar.oms.doctor.visit import Visit
from ambar.oms.packages import store as packages
from ambar.oms.packages.domain.changes import StateChange
from ambar.oms.packages.models import Package
from tests.worlds.oms_records import T0, build, package

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit() -> Visit:
    return Visit(now=clock.now())


@pytest.fixture
def moved() -> list[str]:
    """Seven packages that were moved on to a state the marketplace is told of; the numbers in their order."""
    world = build()
    made = [package(world) for _ in range(7)]
    changes = [
        StateChange(package_id=one.id, from_state=100, to_state=200, command_code="X", slug="x")
        for one in made
    ]
    packages.change_states(changes, now=T0)
    return [one.number for one in made]


def test_nothing_is_said_of_packages_that_stand_where_they_were_moved(visit, moved) -> None:
    [found] = slipped_packages.check(visit)
    assert (ok(found), found.code, found.figures) == (True, "packages_as_logged", {"count": 0})


def test_slipped_packages_are_counted_and_some_are_named(visit, moved) -> None:
    Package.objects.filter(number__in=moved[:2]).update(state=300)
    [found] = slipped_packages.check(visit)
    named = ", ".join(sorted(moved[:2]))
    assert (ok(found), found.figures) == (False, {"count": 2, "numbers": named})
    assert said(found, "en")[0].endswith(f": 2; {named}")
    assert "`ambar oms reconcile`" in said(found, "en")[2] and "`ambar oms reconcile`" in said(found, "tr")[2]
    assert said(found, "tr")[0].endswith(f": 2; {named}")
    Package.objects.update(state=300)
    [found] = slipped_packages.check(visit)
    assert found.figures == {"count": 7, "numbers": ", ".join(sorted(moved)[:5]) + ", …"}


def test_the_look_is_bounded_by_the_newest_packages(visit, moved, monkeypatch) -> None:
    Package.objects.update(state=300)
    monkeypatch.setattr(slipped_packages, "NEWEST", 3)
    assert slipped_packages.check(visit)[0].figures["numbers"] == ", ".join(sorted(moved[4:]))
    monkeypatch.setattr(slipped_packages, "MOST", 2)
    with CaptureQueriesContext(connection) as asked:
        assert slipped_packages.check(visit)[0].figures["numbers"] == ", ".join(sorted(moved[5:]))
    assert len(asked) == 3
    Package.objects.update(state=200)
    with CaptureQueriesContext(connection) as asked:
        assert slipped_packages.check(visit)[0].figures == {"count": 0}
    assert len(asked) == 2, "no log is read where every package was told"
