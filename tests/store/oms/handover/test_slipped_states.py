"""A package in a state nothing moved it to, though both sides agree about what was told: found, put right, or left to a person."""

from __future__ import annotations

import pytest

from ambar.kit.outbox.models import Event
from ambar.oms.packages import store as packages
from ambar.oms.packages.domain.changes import StateChange
from ambar.oms.packages.models import Package, PackageItem
from tests.worlds.oms_records import T0, log_of
from tests.worlds.reconciling import follow, run

pytestmark = pytest.mark.django_db


def moved(partner, package, *states):
    for before, after in zip((100, *states), states, strict=False):
        change = StateChange(
            package_id=package.id, from_state=before, to_state=after, command_code="X", slug="x"
        )
        packages.change_states([change], now=T0)
    partner.hear()


def flip(package, state):
    Package.objects.filter(pk=package.id).update(state=state)


def conflict(row):
    return row.conflicts.values_list("key", "case", "owner", "remedy", "state", "fields", "reason").get()


def test_a_state_that_slipped_here_is_found_named_and_put_right_and_nobody_is_told(made, partner):
    one = made[1]
    moved(partner, one, 200, 700)
    flip(one, 300)
    fields = [{"field": "state", "ours": 300, "theirs": 700}]
    row = run()
    assert row.state == "ready"
    assert conflict(row) == (one.number, "slipped", "oms", "put_right", "open", fields, "")
    events, log = Event.objects.count(), log_of(one.id)
    row = follow(run(apply=True))
    assert conflict(row) == (one.number, "slipped", "oms", "put_right", "repaired", fields, "")
    assert (Package.objects.get(pk=one.id).state, Event.objects.count(), log_of(one.id)) == (700, events, log)
    assert (run().state, run().found) == ("done", 0)


def test_a_state_nobody_is_told_of_is_put_back_where_the_log_says(made, partner):
    one = made[0]
    moved(partner, one, 200, 400)
    assert run().found == 0  # it goes on beyond what was told, and its log says so
    flip(one, 700)
    row = follow(run(apply=True))
    assert conflict(row)[1:5] == ("slipped", "oms", "put_right", "repaired")
    assert Package.objects.get(pk=one.id).state == 400


def test_where_the_lines_tell_something_else_than_the_log_a_person_has_to_look(made, partner):
    one = made[0]
    moved(partner, one, 200, 700)
    flip(one, 300)
    PackageItem.objects.filter(package=one.id).update(state=300)
    row = follow(run(apply=True))
    assert (row.state, row.refused) == ("done", 1)
    assert conflict(row)[-1] == "Its log and its lines tell different states; a person has to look."
    assert Package.objects.get(pk=one.id).state == 300
    assert run().found == 1


def test_a_slipped_state_is_not_told_to_the_other_side_that_lost_the_package(made, partner):
    one = made[0]
    moved(partner, one, 200, 700)
    flip(one, 300)
    del partner.packages[one.number]
    events = Event.objects.count()
    row = run(apply=True)
    assert conflict(row)[1:4] == ("slipped", "oms", "put_right")
    assert (Package.objects.get(pk=one.id).state, Event.objects.count()) == (700, events)
    assert list(run().conflicts.values_list("case", "remedy")) == [("only_here", "tell_again")]


def test_a_package_with_events_on_their_way_is_left_alone(made, partner):
    one = made[0]
    moved(partner, one, 200)
    change = StateChange(package_id=one.id, from_state=200, to_state=700, command_code="X", slug="x")
    packages.change_states([change], now=T0)
    flip(one, 300)
    row = run(apply=True)
    assert (row.found, row.under_way) == (0, 1)
