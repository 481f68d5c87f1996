"""What an event tells of the commands of its package: those of its state, by slug, whoever may run them."""

from __future__ import annotations

import pytest

from ambar.oms.commands.queries import runnable
from ambar.oms.packages.models import Package
from ambar.oms.packages.payload import payloads
from ambar.oms.states import queries as states
from ambar.oms.states.actions.delete_transition import delete_transition
from ambar.oms.states.actions.save_transition import save_transition
from ambar.oms.states.models import State, StateTransition
from tests.worlds.oms_records import T0, build, package

pytestmark = pytest.mark.django_db


class Everybody:
    bounds = {}

    def may(self, scope):
        return True


@pytest.fixture(autouse=True)
def _nothing_kept():
    states.forget()
    yield
    states.forget()


@pytest.fixture
def made(db):
    return package(build())


def told(made):
    return [one["slug"] for one in payloads([made.id])[made.id]["commands"]]


def stand(made, state, before=None):
    Package.objects.filter(pk=made.id).update(state=state, previous_state=before)


@pytest.mark.parametrize(
    ("state", "before"), [(100, None), (200, None), (500, 100), (900, None), (930, 200), (930, 100)]
)
def test_they_are_those_the_record_offers_to_who_may_command(made, state, before):
    stand(made, state, before)
    offered = runnable({made.id: (state, before)}, Everybody())[made.id]
    assert told(made) == [one["slug"] for one in offered]
    assert told(made) or state == 900


def test_a_transition_that_is_hidden_or_off_is_not_told_once_it_is_saved(made):
    assert "deallocate-reservations" in told(made)
    row = StateTransition.objects.get(slug="deallocate-reservations")
    save_transition({"is_active": False}, transition_id=row.pk, now=T0)
    assert "deallocate-reservations" not in told(made)
    save_transition({"is_active": True, "visibility": "hidden"}, transition_id=row.pk, now=T0)
    assert "deallocate-reservations" not in told(made)


def test_one_that_is_made_is_told_until_it_is_deleted(made):
    ours = {one.enum_value: one.pk for one in State.objects.filter(enum_class="PackageStatus")}
    values = {
        "name": "Start",
        "slug": "ours-from-waiting",
        "command_code": "PKG_DEALLOCATE_RESERVATIONS",
        "visibility": "everywhere",
    }
    StateTransition.objects.filter(slug="deallocate-reservations").delete()
    made_row = save_transition(
        values | {"source_state": ours["100"], "destination_state": ours["200"]}, now=T0
    )
    assert "ours-from-waiting" in told(made)
    delete_transition(made_row.pk)
    assert "ours-from-waiting" not in told(made)


def test_telling_them_asks_nothing_while_they_are_known(made, django_assert_num_queries):
    payloads([made.id])
    with django_assert_num_queries(1):
        states.known_transitions("transfer")
    with django_assert_num_queries(0):
        states.known_transitions("package")
