"""Reconciliations, conflicts and closing statements over REST and on the command line."""

from __future__ import annotations

import json
from datetime import UTC, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ambar.kit import clock, work
from ambar.kit.outbox.models import Hook
from ambar.oms.handover.actions import reconcile
from ambar.oms.handover.domain.authority import CASES, REMEDIES
from ambar.oms.handover.models import Conflict, Reconciliation, Statement
from ambar.oms.packages import store as packages
from ambar.oms.packages.domain.changes import StateChange
from ambar.oms.packages.models import Package
from ambar.oms.upstream.models import NotTaken, Quarantined
from tests.worlds import handover_partner as there
from tests.worlds.callers import caller
from tests.worlds.oms_records import T0, build, package
from tests.worlds.waiting import within_one_day

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def one_day():
    within_one_day()


@pytest.fixture
def partner(monkeypatch):
    with there.partner(monkeypatch) as made:
        yield made


@pytest.fixture
def rows(partner):
    """Three packages known on both sides; the orders have been forgotten there, which is nobody's damage here."""
    world = build()
    made = [package(world) for _ in range(3)]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE oms_orders_order SET source = 'omnitron'")
    partner.hear()
    return made


@pytest.fixture
def planner():
    return caller("planner")


def begin(planner, **body):
    answer = planner.post("/handover/reconciliations/", body)
    assert answer.status_code == 202, answer.content
    assert answer.headers["Location"] == f"/api/v1/oms/handover/reconciliations/{answer.json()['id']}/"
    return answer.json()["id"]


def read(planner, pk):
    return planner.get(f"/handover/reconciliations/{pk}/").json()


def command(name, *arguments):
    """(exit code, what was said)."""
    out = StringIO()
    try:
        call_command(name, *arguments, stdout=out, stderr=StringIO())
    except CommandError as error:
        return error.returncode, out.getvalue()
    return 0, out.getvalue()


def test_a_preview_is_read_and_then_applied(rows, partner, planner):
    partner.packages.pop(rows[0].number)
    partner.packages[rows[1].number]["state"] = 700
    pk = begin(planner)
    assert read(planner, pk)["state"] == "waiting"
    work.run_loop("handover")
    row = read(planner, pk)
    assert (row["state"], row["found"], row["rows"], row["repaired"]) == ("ready", 2, 3, 0)
    assert planner.post(f"/handover/reconciliations/{pk}/apply/", {}).json()["state"] == "applying"
    work.run_loop("handover")
    assert read(planner, pk)["state"] == "checking"
    partner.hear()
    work.run_loop("handover")
    row = read(planner, pk)
    assert (row["state"], row["repaired"], row["refused"], row["unconfirmed"]) == ("done", 2, 0, 0)
    assert row["finished_date"] is not None
    again = planner.post(f"/handover/reconciliations/{pk}/apply/", {})
    assert (again.status_code, again.json()["code"]) == (406, "reconciliation_over")


def test_a_package_published_by_hand_is_no_difference(rows, partner):
    """It was told a later sequence because a person asked, and both sides know it."""
    owner = caller("admin")
    asked = {"model": "package", "pk": rows[0].id}
    for hook in Hook.objects.filter(event_type="package.created"):
        assert (
            owner.post("/oms_hook_events/publish-event/", {"hook": hook.pk, "instance": asked}).status_code
            == 202
        )
    assert partner.hear() == 1
    code, said = command("reconcile", "--json")
    assert (code, json.loads(said)["found"]) == (0, 0)


def test_a_package_published_to_somebody_else_was_not_told_to_the_seller_center(rows, partner):
    owner = caller("admin")
    before = Package.objects.values_list("told_state", "told_sequence").get(pk=rows[0].id)
    other = Hook.objects.create(
        user_id=Hook.objects.values_list("user_id", flat=True).first(), event_type="package.created",
        target_url="https://93.184.216.34/in/", created_at=T0, modified_at=T0,
        retry_countdown_config={"choice": "fixed", "kwargs": {"seconds": 1}},
    )  # fmt: skip
    body = {"hook": other.pk, "instance": {"model": "package", "pk": rows[0].id}}
    assert owner.post("/oms_hook_events/publish-event/", body).status_code == 202
    assert Package.objects.values_list("told_state", "told_sequence").get(pk=rows[0].id) == before


def test_the_conflict_log_is_filtered_by_what_people_ask(rows, partner, planner):
    partner.packages.pop(rows[0].number)
    partner.packages[rows[1].number]["state"] = 700
    pk = begin(planner, apply=True)
    work.run_loop("handover")
    listed = planner.get("/handover/conflicts/", reconciliation=pk).json()
    assert listed["count"] == 2
    asked = {
        rows[0].number: {"key": rows[0].number},
        rows[1].number: {"field": "state"},
    }
    for number, query in asked.items():
        found = planner.get("/handover/conflicts/", **query).json()["results"]
        assert [one["key"] for one in found] == [number], query
    (one,) = planner.get("/handover/conflicts/", field="state").json()["results"]
    assert (one["owner"], one["remedy"], one["record"], one["state"]) == (
        "oms",
        "tell_again",
        rows[1].id,
        "applied",
    )
    assert one["fields"][0] == {"field": "state", "ours": 100, "theirs": 700}
    for query in ({"kind": "order"}, {"remedy": "note"}, {"state": "repaired"}, {"reconciliation": pk + 1}):
        assert planner.get("/handover/conflicts/", **query).json()["count"] == 0, query
    assert planner.get("/handover/conflicts/", field="line_statuses").json()["count"] == 0
    assert planner.get("/handover/conflicts/", colour="red").status_code == 400
    refused = planner.get("/handover/conflicts/", field="nope")
    assert (refused.status_code, "'nope' is not one of package, state" in refused.json()["field"][0]) == (
        400,
        True,
    )


def test_a_list_of_conflicts_costs_the_same_however_long(rows, planner):
    row = Reconciliation.objects.create(created_at=T0, moved_at=T0)
    counts = []
    for size in (3, 30):
        Conflict.objects.bulk_create(
            Conflict(of=row, kind="package", key=f"N-{size}-{n}", state="open", created_at=T0)
            for n in range(size)
        )
        for _ in range(2):
            with CaptureQueriesContext(connection) as seen:
                assert planner.get("/handover/conflicts/", limit=100).json()["count"] >= size
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 3


def test_who_may_only_read_starts_nothing(rows, planner):
    operator = caller("location_operator", location_ids=[])
    assert operator.get("/handover/").status_code == 403
    assert operator.post("/handover/reconciliations/", {}).status_code == 403
    assert planner.post("/handover/reconciliations/", {"aply": True}).status_code == 400
    assert planner.get("/handover/reconciliations/999999/").status_code == 404
    assert Reconciliation.objects.count() == 0


@pytest.mark.parametrize("given", ["yes", "true", 1, None, []])
def test_only_a_boolean_starts_a_repair(planner, given):
    answer = planner.post("/handover/reconciliations/", {"apply": given})
    assert (answer.status_code, list(answer.json())) == (400, ["apply"])
    assert Reconciliation.objects.count() == 0


@pytest.mark.parametrize(
    "given", [1768435200, "2026-01-15T00:00:00Z", "20260115", True, "soon", "2026-02-30"]
)
def test_only_a_date_draws_a_statement_up(planner, given):
    answer = planner.post("/handover/statements/", {"date": given})
    assert (answer.status_code, list(answer.json())) == (400, ["date"])
    assert Statement.objects.count() == 0


@pytest.mark.parametrize(
    ("path", "name", "known"),
    [
        ("reconciliations", "state", "ready"),
        ("conflicts", "state", "unconfirmed"),
        ("conflicts", "kind", "package"),
        ("conflicts", "case", "later_there"),
        ("conflicts", "owner", "seller_center"),
        ("conflicts", "remedy", "tell_again"),
    ],
)
def test_a_filter_that_can_find_nothing_is_refused_and_names_what_it_knows(planner, path, name, known):
    answer = planner.get(f"/handover/{path}/", **{name: "zzz"})
    assert (answer.status_code, list(answer.json())) == (400, [name])
    assert known in answer.json()[name][0]
    assert planner.get(f"/handover/{path}/", **{name: known}).status_code == 200


def test_stopping_and_going_on(rows, partner, planner):
    pk = begin(planner)
    assert planner.post(f"/handover/reconciliations/{pk}/cancel/", {}).json()["state"] == "cancelled"
    assert work.run_loop("handover") == 0
    assert planner.post(f"/handover/reconciliations/{pk}/resume/", {}).json()["state"] == "waiting"
    work.run_loop("handover")
    assert read(planner, pk)["state"] == "done"


def test_the_authority_table_is_told_as_it_decides(planner):
    told = planner.get("/handover/authority/").json()["results"]
    assert {row["case"] for row in told} <= set(CASES) and {row["remedy"] for row in told} <= set(REMEDIES)
    assert told[0]["owner"] == "oms" and told[0]["why"]


def test_a_day_is_closed_with_what_was_offered_told_and_repaired(rows, partner, planner):
    now = clock.now()
    for n, rule in enumerate(("approved only", "approved only", "supplier_code")):
        NotTaken.objects.create(
            source="seller_center", upstream_id=n + 1, number=f"F{n}", rule=rule, upstream_modified_at=now,
            created_at=now, modified_at=now,
        )  # fmt: skip
    Quarantined.objects.create(
        source="seller_center", identity="order:9", upstream_id=9, kind="unknown_place", cause="township:Nowhere",
        reason="", payload={}, created_at=now, modified_at=now, upstream_modified_at=now,
    )  # fmt: skip
    partner.orders.clear()
    partner.packages.pop(rows[0].number)
    pk = begin(planner, apply=True)
    work.run_loop("handover")
    partner.hear()
    work.run_loop("handover")
    assert read(planner, pk)["repaired"] == 1

    told = planner.post("/handover/statements/", {})
    assert told.status_code == 201, told.content
    one = told.json()
    assert one["orders"]["offered"] == 4
    assert one["orders"]["filtered"] == {"count": 3, "by_rule": {"approved only": 2, "supplier_code": 1}}
    assert one["orders"]["quarantined"] == {"count": 1, "open": 1, "by_cause": {"township:Nowhere": 1}}
    assert one["events"] == {"recorded": 1, "told": 1, "delivered": 1, "waiting": 0, "parked": 0}
    assert one["seller_center"]["received"] == 4 and one["applied_twice"] == 0
    assert [(row["key"], row["remedy"]) for row in one["repaired"]["list"]] == [
        (rows[0].number, "tell_again")
    ]
    assert (one["missing"], one["forgotten"], one["is_final"], one["unknown"]) == (0, 0, False, [])
    day = now.astimezone(UTC).date().isoformat()
    assert planner.get(f"/handover/statements/{day}/").json() == one
    assert [row["date"] for row in planner.get("/handover/statements/").json()["results"]] == [day]
    assert planner.get("/handover/").json()["statement"] == one
    for wrong in ("2026-01-01", "yesterday"):
        assert planner.get(f"/handover/statements/{wrong}/").status_code == 404
    future = (now + timedelta(days=2)).astimezone(UTC).date().isoformat()
    answer = planner.post("/handover/statements/", {"date": future})
    assert (answer.status_code, answer.json()) == (400, {"date": ["This day has not begun."]})


def drawn_up(planner):
    """The statement of the day the rows were made on."""
    one = planner.post("/handover/statements/", {"date": T0.date().isoformat()}).json()
    return one["events"]["delivered"], one["missing"], one["forgotten"]


def test_an_event_that_was_delivered_and_is_not_there_is_missing(rows, partner, planner):
    begin(planner)
    work.run_loop("handover")
    partner.window.update(received=2)
    partner.packages.pop(rows[0].number)
    assert drawn_up(planner) == (3, 1, 0)


def test_an_event_nobody_there_remembers_is_not_missing_when_its_package_stands_there_as_told(
    rows, partner, planner
):
    partner.window.update(received=0)
    assert drawn_up(planner) == (3, 0, 3)
    partner.packages[rows[0].number]["state"] = 700
    assert drawn_up(planner) == (3, 1, 2)


def test_of_a_package_that_moves_on_what_it_had_reached_there_is_proven(rows, partner, planner):
    partner.window.update(received=0)
    partner.packages[rows[1].number]["sequence"] = 0
    for one in rows[:2]:
        change = StateChange(package_id=one.id, from_state=100, to_state=200, command_code="X", slug="x")
        packages.change_states([change], now=T0)
    assert drawn_up(planner) == (3, 1, 2)


def test_what_is_not_proven_to_be_there_stays_missing(rows, partner, planner, monkeypatch):
    partner.window.update(received=0)
    monkeypatch.setattr("ambar.oms.handover.actions.look.MOST_APART", 0)
    partner.packages.pop(rows[0].number)
    assert drawn_up(planner) == (3, 3, 0)
    del partner.upstream.routes["GET", f"{there.PREFIX}/handover/packages/digests/"]
    assert drawn_up(planner) == (3, 3, 0)


def test_of_a_package_that_is_lost_on_both_sides_events_stay_missing(rows, partner, planner):
    there.lose([rows[0].number])
    partner.packages.pop(rows[0].number)
    partner.window.update(received=0)
    assert drawn_up(planner) == (3, 1, 2)


def test_sides_that_remember_the_same_events_are_not_compared_for_a_statement(rows, partner, planner):
    before = partner.requests()
    assert drawn_up(planner) == (3, 0, 0)
    assert partner.requests() - before == 1


def test_packages_lost_there_with_their_history_and_told_again_leave_nothing_missing(rows, partner, planner):
    partner.packages.pop(rows[0].number)
    partner.window.update(received=2)
    pk = begin(planner, apply=True)
    work.run_loop("handover")
    assert drawn_up(planner) == (3, 1, 0)  # told again, and not there yet
    partner.hear()
    work.run_loop("handover")
    assert read(planner, pk)["repaired"] == 1
    partner.window.update(received=2)  # of the day the packages were made on
    assert drawn_up(planner) == (3, 0, 1)
    code, told = command("statement", "--no-compare", "--date", T0.date().isoformat())
    assert code == 0 and "missing 0," in told and "forgotten 1: delivered" in told


def test_a_foreign_seller_center_leaves_what_this_side_knows_and_says_what_it_can_not_know(rows, partner):
    partner.close_handover()
    code, told = command("statement", "--json")
    one = json.loads(told)
    assert code == 2
    assert (one["missing"], one["forgotten"], one["applied_twice"]) == (None, None, None)
    assert one["seller_center"] == {"known": False, "why": "The Seller Center has no handover/ (404)."}
    assert len(one["unknown"]) == 2 and one["events"]["recorded"] == 0
    assert command("reconcile")[0] == 2


def test_the_command_line_previews_repairs_and_ends_with_what_is_left(rows, partner, monkeypatch):
    assert command("reconcile")[0] == 0
    partner.packages.pop(rows[0].number)
    code, told = command("reconcile", "--json")
    document = json.loads(told)
    assert (code, document["state"], [one["key"] for one in document["conflicts"]]) == (
        1,
        "ready",
        [rows[0].number],
    )
    monkeypatch.setattr(
        "ambar.oms.handover.management.commands.reconcile.time.sleep", lambda seconds: partner.hear()
    )
    code, told = command("reconcile", "--resume", str(document["id"]), "--apply")
    assert code == 0
    assert f"package {rows[0].number}: tell_again (oms decides): repaired" in told
    assert command("reconcile", "--apply")[0] == 0
    assert command("reconcile", "--resume", "999")[0] == 2
    code, told = command("statement")
    assert code == 0 and "missing 0, applied twice 0, repaired 1" in told
    assert Statement.objects.count() == 1
    assert [command("statement", "--date", text)[0] for text in ("soon", "2999-01-01")] == [2, 2]


def test_a_comparison_that_somebody_stops_does_not_end_as_if_both_sides_agreed(rows, partner, monkeypatch):
    partner.packages.pop(rows[0].number)
    step = reconcile.run_step

    def stopped(**which):
        done = step(**which)
        reconcile.cancel(which["reconciliation_id"], now=clock.now())
        return done

    monkeypatch.setattr(reconcile, "run_step", stopped)
    with pytest.raises(CommandError) as refused:
        call_command("reconcile", stdout=StringIO(), stderr=StringIO())
    row = Reconciliation.objects.get()
    assert (row.state, row.found, row.conflicts.count()) == ("cancelled", 0, 0)
    assert (refused.value.returncode, str(refused.value)) == (
        2,
        f"stopped before its end; go on with: ambar oms reconcile --resume {row.pk}",
    )
    monkeypatch.setattr(reconcile, "run_step", step)
    assert command("reconcile", "--resume", str(row.pk))[0] == 1


def test_a_long_list_of_repairs_is_told_by_its_first_ones_and_how_many_more(rows, partner):
    of = Reconciliation.objects.create(apply=True, state="done", created_at=clock.now(), moved_at=clock.now())
    Conflict.objects.bulk_create(
        Conflict(
            of=of, kind="order", key=str(number), case="both", owner="oms", remedy="read_again", state="repaired",
            repaired_at=clock.now(), created_at=clock.now(), fields=[],
        )
        for number in range(53)
    )  # fmt: skip
    code, told = command("statement")
    assert (code, told.count(": read_again")) == (0, 50)
    assert "        and 3 more; see /api/v1/oms/handover/conflicts/?state=repaired" in told.splitlines()
    assert len(json.loads(command("statement", "--json")[1])["repaired"]["list"]) == 53


def test_the_night_closes_yesterday_after_a_comparison_of_its_own(rows, partner):
    work.jobs()["handover.statement"].run()
    row = Statement.objects.get()
    assert row.day == (clock.now() - timedelta(days=1)).astimezone(UTC).date()
    assert row.is_final and row.body["differences"]["known"] and row.body["missing"] == 0
    assert Reconciliation.objects.get().apply is False
