"""Cancellation reasons of upstream: taken, renamed, switched off; bad ones told; nothing twice."""

import pytest

from ambar.oms.orders.models import CancellationReason
from tests.worlds import oms_upstream as world

pytestmark = pytest.mark.django_db(transaction=True)
PATH = "/api/v1/cancellation_reasons/"
PULL = "/api/v1/oms/cancellation-reasons/pull_from_omnitron/"


def reason(pk, subject, **more):
    return {"pk": pk, "subject": subject, "is_active": True, **more}


@pytest.fixture
def planner(upstream, transactional_db):
    world.configure("OMNITRON_CLIENT_SETTINGS", world.client_settings(upstream.base))
    upstream.routes["POST", "/api/v1/auth/login/"] = lambda query, body: (200, {"key": "t"})
    return world.caller("planner")


def here():
    return list(CancellationReason.objects.order_by("id").values_list("title", "remote_id", "is_active"))


def test_they_are_taken_once_renamed_and_switched(upstream, planner):
    CancellationReason.objects.create(title="Vazgeçtim", created_at=world.T0, modified_at=world.T0)
    CancellationReason.objects.create(title="Ours", created_at=world.T0, modified_at=world.T0)
    upstream.routes["GET", PATH] = world.listing([reason(1, "Vazgeçtim"), reason(2, "Damaged")])
    answer = planner.get(PULL)
    assert (answer.status_code, answer.json()) == (
        200,
        {"created": 1, "updated": 1, "unchanged": 0, "refused": []},
    )
    assert here() == [("Vazgeçtim", "1", True), ("Ours", None, True), ("Damaged", "2", True)]
    upstream.routes["GET", PATH] = world.listing(
        [reason(1, "Vazgeçtim"), reason(2, "Broken", is_active=False)]
    )
    assert planner.get(PULL).json() == {"created": 0, "updated": 1, "unchanged": 1, "refused": []}
    assert here()[2] == ("Broken", "2", False)


def test_bad_ones_are_told_and_the_others_taken(upstream, planner):
    rows = [None, reason("x", "A"), reason(3, ""), reason(4, "y" * 256), reason(5, "Good"), reason(6, "Good")]
    upstream.routes["GET", PATH] = lambda query, body: (200, rows)
    told = planner.get(PULL).json()
    assert (told["created"], [row["position"] for row in told["refused"]]) == (1, [0, 1, 2, 3, 5])
    assert here() == [("Good", "5", True)]


def test_a_silent_upstream_is_told_and_changes_nothing(upstream, planner):
    upstream.routes["GET", PATH] = lambda query, body: (404, {"detail": "Not found."})
    answer = planner.get(PULL)
    assert (answer.status_code, answer.json()["code"]) == (406, "setup_100_3")
    assert here() == []


def test_who_may_not_write_may_not_pull(upstream, planner):
    assert world.caller("location_operator").get(PULL).status_code == 403
