"""Bulk actions: answered at once, carried out slice by slice, each record once, stopped and gone on with."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ambar.kit import clock, work
from ambar.kit.accounts.models import AuditEntry
from ambar.oms.commands.actions import bulk
from ambar.oms.commands.models import BulkAction, BulkEntry
from ambar.oms.packages.models import Package
from ambar.oms.states.models import StateTransition, TransitionLog
from tests.worlds import oms_books as books
from tests.worlds.callers import caller
from tests.worlds.oms_records import build, package
from tests.worlds.oms_transfers import waiting_package

pytestmark = pytest.mark.django_db
BLOCK = "block-from-waiting"


@pytest.fixture
def world(db):
    return build()


@pytest.fixture
def floor(world):
    return caller("planner")


def begin(
    floor, ids, slug=BLOCK, prefer="respond-async", path="/packages/bulk-command/", name="packages", **more
):
    return floor.post(path, {"slug": slug, name: ids, **more}, Prefer=prefer)


def told(floor, answer):
    return floor.get(f"/bulk-actions/{answer.json()['id']}/").json()


def figures(row):
    return row["state"], row["records"], row["done"], row["refused"]


def states(made):
    return [Package.objects.get(pk=one.id).state for one in made]


def test_it_is_answered_at_once_and_each_record_is_told(world, floor):
    made = [package(world) for _ in range(3)]
    gone = package(world)
    floor.post(f"/packages/{gone.id}/command/", {"slug": BLOCK})
    answer = begin(floor, [*(one.id for one in made), gone.id, 10**9, made[0].id])
    assert answer.status_code == 202, answer.content
    assert answer.headers["Location"] == f"/api/v1/oms/bulk-actions/{answer.json()['id']}/"
    assert answer.headers["Preference-Applied"] == "respond-async"
    assert figures(told(floor, answer)) == ("waiting", 5, 0, 0)
    assert states(made) == [100, 100, 100]
    assert work.run_loop(bulk.LOOP) == 5
    assert figures(told(floor, answer)) == ("done", 5, 3, 2)
    assert told(floor, answer)["finished_date"] is not None
    assert states(made) == [930, 930, 930]
    path = f"/bulk-actions/{answer.json()['id']}/outcomes/"
    rows = floor.get(path, limit=100).json()["results"]
    assert rows[:3] == [{"package": one.id, "done": True, "state": "930"} for one in made]
    assert "starts from Waiting (100)" in rows[3]["errors"]["transition"][0]
    assert (rows[4]["package"], rows[4]["code"]) == (10**9, "not_found")
    assert [row["package"] for row in floor.get(path, done="false").json()["results"]] == [gone.id, 10**9]
    assert [row["package"] for row in floor.get(path, record=made[1].id).json()["results"]] == [made[1].id]
    assert books.wrong() == {}


def test_without_the_wish_a_short_call_is_answered_when_it_is_done(world, floor):
    made = package(world)
    assert begin(floor, [made.id], prefer="").status_code == 200
    assert not BulkAction.objects.exists()


def test_a_long_call_is_always_carried_out_in_the_background(world, floor):
    answer = begin(floor, list(range(10**6, 10**6 + 1001)), prefer="")
    assert (answer.status_code, answer.json()["records"]) == (202, 1001)
    work.run_loop(bulk.LOOP)
    assert figures(told(floor, answer)) == ("done", 1001, 0, 1001)


def test_parameters_of_one_record_go_before_those_of_all(world, floor):
    first, second = package(world), package(world)
    for one in (first, second):
        floor.post(f"/packages/{one.id}/command/", {"slug": "complete-packaging-from-waiting"})
    entries = [{"package": first.id, "tracking_number": "OWN"}, second.id]
    begin(
        floor,
        entries,
        slug="ship-advanced",
        parameters={"tracking_number": "ALL", "shipping_company": "yurtici"},
    )
    work.run_loop(bulk.LOOP)
    verdicts = list(BulkEntry.objects.order_by("id").values_list("is_done", flat=True))
    assert verdicts == [False, True]
    assert "shipping_company" in BulkEntry.objects.get(record_id=first.id).verdict["errors"]


def test_transfers_too(world, floor):
    waiting_package(world)
    ids = [row["id"] for row in floor.get("/transfer_orders/").json()["results"]]
    answer = begin(
        floor,
        ids,
        slug="transfer-ready-for-dispatch",
        path="/transfer_orders/bulk-command/",
        name="transfers",
    )
    assert answer.status_code == 202, answer.content
    work.run_loop(bulk.LOOP)
    assert figures(told(floor, answer)) == ("done", len(ids), len(ids), 0)
    assert floor.get(f"/transfer_orders/{ids[0]}/").json()["state"]["enum_value"] == "ready_to_shipment"


def test_an_unknown_transition_is_refused_before_anything_is_kept(world, floor):
    answer = begin(floor, [1], slug="nothing")
    assert (answer.status_code, set(answer.json())) == (400, {"slug"})
    assert not BulkAction.objects.exists()


def test_it_can_be_stopped_and_gone_on_with(world, floor, monkeypatch):
    monkeypatch.setattr(bulk, "SLICE", 2)
    made = [package(world) for _ in range(5)]
    answer = begin(floor, [one.id for one in made])
    path = f"/bulk-actions/{answer.json()['id']}"
    assert bulk.run_slice(now=clock.now) == 2
    assert figures(told(floor, answer)) == ("running", 5, 2, 0)
    assert floor.post(f"{path}/cancel/", {}).json()["state"] == "cancelled"
    assert bulk.run_slice(now=clock.now) == 0
    assert states(made) == [930, 930, 100, 100, 100]
    assert floor.post(f"{path}/resume/", {}).json()["state"] == "waiting"
    assert work.run_loop(bulk.LOOP) == 3
    assert figures(told(floor, answer)) == ("done", 5, 5, 0)
    for verb in ("cancel", "resume"):
        over = floor.post(f"{path}/{verb}/", {})
        assert (over.status_code, over.json()["code"]) == (406, "bulk_action_over")


@pytest.mark.parametrize("point", ["as_json", "run_many"])
def test_a_slice_cut_off_leaves_nothing_and_is_done_once_afterwards(world, floor, monkeypatch, point):
    made = [package(world) for _ in range(3)]
    answer = begin(floor, [one.id for one in made])
    before = books.picture()
    real, calls = getattr(bulk, point), []

    def killed(*given, **named):
        result = real(*given, **named)
        calls.append(result)
        if len(calls) > 1 or point == "run_many":
            raise KeyboardInterrupt
        return result

    monkeypatch.setattr(bulk, point, killed)
    with pytest.raises(KeyboardInterrupt):
        bulk.run_slice(now=clock.now)
    assert books.changed(before, books.picture()) == []
    monkeypatch.setattr(bulk, point, real)
    work.run_loop(bulk.LOOP)
    assert figures(told(floor, answer)) == ("done", 3, 3, 0)
    for one in made:
        assert TransitionLog.objects.filter(kind="package", object_id=one.id).count() == 2


def test_a_record_that_breaks_does_not_hold_up_the_others(world, floor, monkeypatch):
    made = [package(world) for _ in range(3)]
    answer = begin(floor, [one.id for one in made])
    real = bulk.run_many

    def breaks(slug, ids, **named):
        if made[1].id in ids:
            raise RuntimeError("a package nobody can handle")
        return real(slug, ids, **named)

    monkeypatch.setattr(bulk, "run_many", breaks)
    work.run_loop(bulk.LOOP)
    assert figures(told(floor, answer)) == ("done", 3, 2, 1)
    assert states(made) == [930, 100, 930]
    assert BulkEntry.objects.get(is_done=False).verdict["code"] == "failed"


def test_a_transition_switched_off_meanwhile_refuses_the_rest(world, floor):
    made = package(world)
    answer = begin(floor, [made.id])
    StateTransition.objects.filter(slug=BLOCK).update(is_active=False)
    work.run_loop(bulk.LOOP)
    assert figures(told(floor, answer)) == ("done", 1, 0, 1)
    assert states([made]) == [100]


def test_whoever_is_bound_to_locations_acts_there_and_sees_own_actions_only(world, floor):
    here, there = package(world), package(world, at="ST1")
    operator = caller("location_operator", location_ids=[world.locations["ST1"]])
    other = caller("location_operator", username="another", location_ids=[world.locations["ST1"]])
    answer = begin(operator, [here.id, there.id])
    work.run_loop(bulk.LOOP)
    assert states([here, there]) == [100, 930]
    assert figures(told(operator, answer)) == ("done", 2, 1, 1)
    assert AuditEntry.objects.filter(action="package.command.foreign").count() == 1
    path = f"/bulk-actions/{answer.json()['id']}/"
    assert floor.get(path).status_code == 200
    for address in (path, f"{path}outcomes/"):
        assert other.get(address).status_code == 404
    for verb in ("cancel", "resume"):
        assert other.post(f"{path}{verb}/", {}).status_code == 404
    assert other.get("/bulk-actions/").json()["count"] == 0


def test_the_same_key_starts_one_action(world, floor):
    made = package(world)
    body = {"slug": BLOCK, "packages": [made.id]}
    first, again = (
        floor.post("/packages/bulk-command/", body, Prefer="respond-async", Idempotency_Key="k-1")
        for _ in range(2)
    )
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json() == again.json()
    assert BulkAction.objects.count() == 1


def test_lists_cost_the_same_however_many_rows(world, floor):
    counts = []
    for _ in range(2):
        for _ in range(3):
            answer = begin(floor, [package(world).id, package(world).id])
        work.run_loop(bulk.LOOP)
        counts.append([statements(floor, "/bulk-actions/")])
        counts[-1].append(statements(floor, f"/bulk-actions/{answer.json()['id']}/outcomes/"))
    assert counts[0] == counts[1]
    assert max(counts[0]) <= 4


def statements(floor, path):
    floor.get(path)
    with CaptureQueriesContext(connection) as seen:
        assert floor.get(path).json()["results"]
    return len(seen)


def test_old_actions_are_forgotten_and_open_ones_kept(world, floor):
    begin(floor, [package(world).id])
    work.run_loop(bulk.LOOP)
    begin(floor, [package(world).id])
    assert bulk.purge(before=clock.now()) == 1
    assert [row.state for row in BulkAction.objects.all()] == ["waiting"]
    assert BulkEntry.objects.count() == 1


def by_command(*given, **options):
    out, told = StringIO(), StringIO()
    code = 0
    try:
        call_command("bulk", *given, stdout=out, stderr=told, **options)
    except CommandError as error:
        code = error.returncode
    return code, out.getvalue(), told.getvalue()


def test_the_command_lists_what_is_open_and_carries_one_through(world, floor, monkeypatch):
    monkeypatch.setattr(bulk, "SLICE", 2)
    assert by_command()[1] == "no bulk action is open\n"
    made = [package(world) for _ in range(3)]
    pk = begin(floor, [*(one.id for one in made), 10**9]).json()["id"]
    assert f"{pk}  package  {BLOCK}  waiting  0 done, 0 refused of 4" in by_command()[1]
    code, told, progress = by_command(pk)
    assert code == 1
    assert told == f"package {10**9}: Package not found.\ndone: 3 done, 1 refused of 4\n"
    assert progress.splitlines() == ["2 done, 0 refused of 4", "3 done, 1 refused of 4"]
    assert states(made) == [930, 930, 930]


def test_the_command_stops_goes_on_and_refuses_what_is_over_or_unknown(world, floor):
    made = package(world)
    pk = begin(floor, [made.id]).json()["id"]
    assert by_command(pk, stop=True)[:2] == (0, "cancelled: 0 done, 0 refused of 1\n")
    assert states([made]) == [100]
    code, told, _ = by_command(pk, resume=True, json=True)
    assert (code, json.loads(told)["state"], json.loads(told)["refusals"]) == (0, "done", [])
    assert by_command(pk, stop=True)[0] == 2
    assert by_command(10**9)[0] == 2
    assert by_command(2**70)[0] == 2
    assert json.loads(by_command(json=True)[1]) == []
