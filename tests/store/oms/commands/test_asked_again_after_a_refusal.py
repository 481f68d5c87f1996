"""Upstream asks once more for what was refused: a new wish when it had heard the refusal, or asks for something else."""

from __future__ import annotations

import pytest

from ambar.oms.orders import answers_store
from ambar.oms.orders.models import CancellationPart, CancellationPlan
from ambar.oms.packages.models import Package
from tests.store.oms.commands.test_cancelling import (
    FIVE,
    SECOND,
    answer,
    decide,
    lines_of,
    packed,
    plan,
    requests,
    run,
)
from tests.worlds.oms_records import T0, build

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db):
    return build()


def refused(world, *items, lines=FIVE, **given):
    """A packed package whose location refused the plan, and upstream has taken that answer."""
    made = packed(world, lines=lines)
    order = Package.objects.get(pk=made.id).order_id
    plan(order, *items, **given)
    decide()
    run(made.id, "refuse-cancellation", reason="The courier is at the door.")
    return made, order


def heard():
    """Upstream takes what it is told."""
    for due in answers_store.due("seller_center", 10, now=T0):
        answers_store.answered(due, now=T0)


def test_upstream_that_asks_again_after_it_heard_the_refusal_is_asked_for_again(world):
    made, order = refused(world)
    heard()
    assert answer() == ("refused", "rejected", False)
    plan(order, at=T0 + SECOND)
    decide()
    assert Package.objects.get(pk=made.id).state == 800
    assert answer() == ("waiting", "", False)
    assert [row[1] for row in requests()] == ["waiting_approval", "waiting_approval"]
    run(made.id, "confirm-cancellation")
    assert answer() == ("done", "completed", True)
    assert lines_of(order) == [(3, 3, 100), (2, 2, 100)]
    assert set(CancellationPart.objects.values_list("status", flat=True)) == {"refused", "taken"}


def test_a_newer_version_before_upstream_heard_the_refusal_is_no_new_wish(world):
    made, order = refused(world)
    plan(order, at=T0 + SECOND)
    decide()
    assert Package.objects.get(pk=made.id).state == 500
    assert answer() == ("refused", "rejected", True)


def test_after_a_refusal_other_items_are_a_new_wish_and_those_left_out_are_none(world):
    made, order = refused(world, (0, None))
    plan(order, (1, "1"), at=T0 + SECOND)
    decide()
    assert Package.objects.get(pk=made.id).state == 800
    assert [row[1:] for row in requests()] == [("withdrawn", 3, 0), ("waiting_approval", 1, 1)]
    run(made.id, "confirm-cancellation")
    assert Package.objects.get(pk=made.id).state == 500
    assert answer() == ("done", "completed", True)
    assert [row[:2] for row in lines_of(order)] == [(3, 0), (2, 1)]


def test_a_refused_plan_that_asks_for_too_much_is_refused_again(world):
    made, order = refused(world)
    heard()
    plan(order, (0, "9"), at=T0 + SECOND)
    decide()
    assert Package.objects.get(pk=made.id).state == 500
    assert answer()[:2] == ("refused", "rejected")


def test_an_answer_on_its_way_when_upstream_asks_for_something_else_is_not_taken_for_its_answer(world):
    _, order = refused(world, (0, None))
    (under_way,) = answers_store.due("seller_center", 10, now=T0)
    plan(order, (1, "1"), at=T0 + SECOND)
    answers_store.answered(under_way, now=T0)
    row = CancellationPlan.objects.get()
    assert (row.state, row.status, row.answered_at) == ("open", "waiting", None)


def test_a_plan_given_up_upstream_and_taken_up_again_is_decided_anew(world):
    made = packed(world)
    order = Package.objects.get(pk=made.id).order_id
    plan(order)
    decide()
    plan(order, status="rejected", at=T0 + SECOND)
    decide()
    assert (Package.objects.get(pk=made.id).state, answer()[0]) == (500, "withdrawn")
    plan(order, at=T0 + 2 * SECOND)
    decide()
    assert (Package.objects.get(pk=made.id).state, answer()[0]) == (800, "waiting")
