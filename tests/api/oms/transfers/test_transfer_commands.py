from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ambar.kit.accounts.models import AuditEntry
from ambar.oms.commands.actions.run_many import run_many
from ambar.oms.commands.transfers.kind import TRANSFERS
from ambar.oms.packages.models import Package
from ambar.oms.stock import holdings
from ambar.oms.stock.models import LedgerEntry
from ambar.oms.transfers.models import Transfer, TransferItem
from tests.worlds.callers import Caller, caller
from tests.worlds.oms_records import T0, World, balances, build, events_of, log_of
from tests.worlds.oms_transfers import add_location, waiting_package
from tests.worlds.waiting import LONG_SECONDS

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None) -> World:
    return build()


@pytest.fixture
def planner(db: None) -> Caller:
    return caller("planner")


def run(client, transfer, slug, **parameters):
    return client.post(f"/transfer_orders/{transfer.id}/command/", {"slug": slug, **parameters})


def everything(transfer):
    row = Transfer.objects.values().get(pk=transfer.id)
    package = Package.objects.values().get(pk=row["package_id"])
    ledger = list(LedgerEntry.objects.order_by("id").values_list("id", flat=True))
    return row, package, ledger, list(TransferItem.objects.order_by("id").values())


def held(kind, ids):
    return [(line.holder_id, line.location_id, line.quantity) for line in holdings.read(kind, ids)]


def test_dispatch_and_delivery_bring_the_goods_and_the_package_goes_to_waiting_by_itself(world, planner):
    made, (transfer,) = waiting_package(world)
    assert balances(world, "WH1") == {"SKU-A": (100, 0), "SKU-B": (100, 2)}
    assert run(planner, transfer, "transfer-dispatch-from-waiting").status_code == 204
    assert balances(world, "WH1") == {"SKU-A": (100, 0), "SKU-B": (100, 2)}
    assert held("transfer_item", transfer.item_ids) == [
        (transfer.item_ids[0], world.locations["WH1"], Decimal(2))
    ]
    assert Package.objects.get(pk=made.id).state == 300
    assert run(planner, transfer, "transfer-delivered").status_code == 204
    assert balances(world, "WH1") == {"SKU-A": (100, 0), "SKU-B": (98, 0)}
    assert balances(world, "ST1") == {"SKU-A": (100, 1), "SKU-B": (102, 2)}
    assert held("transfer_item", transfer.item_ids) == []
    assert held("package_item", made.item_ids) == [
        (made.item_ids[0], world.locations["ST1"], Decimal(1)),
        (made.item_ids[1], world.locations["ST1"], Decimal(2)),
    ]
    assert Package.objects.get(pk=made.id).state == 100
    assert log_of(made.id)[-1] == ("300", "100", "TransferDeliveredCommand")
    assert events_of(made.id) == [("package.created", 1), ("package.status.transitioned", 2)]
    assert events_of(transfer.id, "transfer") == [
        ("transfer.status.created", 1),
        ("transfer.status.in_transit", 2),
        ("transfer.status.transitioned", 3),
        ("transfer.status.transferred", 4),
        ("transfer.status.transitioned", 5),
    ]
    assert (
        planner.post(f"/packages/{made.id}/command/", {"slug": "complete-packaging-from-waiting"}).status_code
        == 204
    )
    assert balances(world, "ST1") == {"SKU-A": (99, 0), "SKU-B": (100, 0)}


def test_the_package_stays_until_its_last_transfer_has_arrived(world, planner):
    add_location(world, "ST3")
    made, (one, two) = waiting_package(world, sources=("WH1", "ST3"))
    for transfer in (one, two):
        assert run(planner, transfer, "transfer-dispatch-from-waiting").status_code == 204
    assert run(planner, one, "transfer-delivered").status_code == 204
    assert Package.objects.get(pk=made.id).state == 300
    assert held("package_item", made.item_ids[1:])[0][2] == Decimal(2)
    assert run(planner, two, "transfer-delivered").status_code == 204
    assert Package.objects.get(pk=made.id).state == 100
    assert held("package_item", made.item_ids[1:])[0][2] == Decimal(4)


def test_both_transfers_of_a_package_can_arrive_in_one_call(world, planner):
    add_location(world, "ST3")
    made, coming = waiting_package(world, sources=("WH1", "ST3"))
    ids = [transfer.id for transfer in coming]
    for slug in ("transfer-dispatch-from-waiting", "transfer-delivered"):
        answer = planner.post("/transfer_orders/bulk-command/", {"slug": slug, "transfers": ids})
        assert (answer.status_code, answer.json()["done"]) == (200, 2)
    assert Package.objects.get(pk=made.id).state == 100
    assert [e[0] for e in events_of(made.id)].count("package.status.transitioned") == 1


def test_ready_for_dispatch_and_its_form_with_a_tracking_number(world, planner):
    (_, (one,)), (_, (two,)) = waiting_package(world), waiting_package(world)
    assert run(planner, one, "transfer-ready-for-dispatch").status_code == 204
    carrier = {"shipping_company": "aras", "tracking_number": "TR9"}
    assert run(planner, two, "transfer-order-advanced", **carrier).status_code == 204
    record = planner.get(f"/transfer_orders/{two.id}/").json()
    assert (record["state"]["enum_value"], record["shipping_company"], record["tracking_number"]) == (
        "ready_to_shipment",
        "aras",
        "TR9",
    )
    for transfer in (one, two):
        assert run(planner, transfer, "transfer-dispatch-from-ready").status_code == 204
    assert set(Transfer.objects.values_list("state", flat=True)) == {"in_transit"}
    missing = run(planner, one, "transfer-order-advanced", shipping_company="aras")
    assert (missing.status_code, list(missing.json())) == (400, ["tracking_number"])


def test_goods_for_a_package_given_up_meanwhile_become_free_stock_of_the_destination(world, planner):
    made, (transfer,) = waiting_package(world)
    run(planner, transfer, "transfer-dispatch-from-waiting")
    Package.objects.filter(pk=made.id).update(state=900)
    assert run(planner, transfer, "transfer-delivered").status_code == 204
    assert balances(world, "ST1")["SKU-B"] == (102, 0)
    assert balances(world, "WH1")["SKU-B"] == (98, 0)
    assert Package.objects.get(pk=made.id).state == 900
    assert Transfer.objects.get(pk=transfer.id).state == "transferred"


def test_goods_that_are_not_reserved_at_the_source_cannot_arrive(world, planner):
    _, (bare,) = waiting_package(world)
    _, (good,) = waiting_package(world)
    for transfer in (bare, good):
        run(planner, transfer, "transfer-dispatch-from-waiting")
    holdings.give_back(holdings.read("transfer_item", bare.item_ids), reason="test", cause=None, now=T0)
    before = everything(bare)
    verdicts = planner.post(
        "/transfer_orders/bulk-command/", {"slug": "transfer-delivered", "transfers": [bare.id, good.id]}
    ).json()["verdicts"]
    assert [(v["done"], v.get("code")) for v in verdicts] == [
        (False, "transfer_without_reservation"),
        (True, None),
    ]
    assert everything(bare)[0] == before[0]


def test_the_record_offers_each_end_what_it_may_run_now(world):
    _, (transfer,) = waiting_package(world)
    clients = {
        "WH1": caller("location_operator", username="wh", location_ids=[world.locations["WH1"]]),
        "ST1": caller("location_operator", username="st", location_ids=[world.locations["ST1"]]),
        "planner": caller("planner"),
    }

    def offered():
        path = f"/transfer_orders/{transfer.id}/"
        return {
            name: [o["slug"] for o in client.get(path).json()["commands"]] for name, client in clients.items()
        }

    first = offered()
    assert first["WH1"] == first["planner"]
    assert first["planner"][:3] == [
        "transfer-ready-for-dispatch",
        "transfer-order-advanced",
        "transfer-dispatch-from-waiting",
    ]
    assert first["ST1"] == []
    assert run(clients["WH1"], transfer, "transfer-dispatch-from-waiting").status_code == 204
    assert offered() == {"WH1": [], "ST1": ["transfer-delivered"], "planner": ["transfer-delivered"]}
    assert run(clients["ST1"], transfer, "transfer-delivered").status_code == 204
    assert offered() == {"WH1": [], "ST1": [], "planner": []}


def test_the_other_end_is_refused_and_a_stranger_finds_nothing(world):
    _, (transfer,) = waiting_package(world)
    add_location(world, "ST3")
    before = everything(transfer)
    receiver = caller("location_operator", username="st", location_ids=[world.locations["ST1"]])
    answer = run(receiver, transfer, "transfer-dispatch-from-waiting")
    assert (answer.status_code, answer.json()["code"], answer.json()["side"]) == (
        406,
        "transfer_other_end",
        "source",
    )
    stranger = caller("location_operator", username="other", location_ids=[world.locations["ST3"]])
    answer = run(stranger, transfer, "transfer-dispatch-from-waiting")
    assert (answer.status_code, "Transfer not found." in answer.content.decode()) == (404, True)
    bulk = {"slug": "transfer-dispatch-from-waiting", "transfers": [transfer.id, 987_654_321]}
    verdicts = stranger.post("/transfer_orders/bulk-command/", bulk).json()["verdicts"]
    assert [v["code"] for v in verdicts] == ["not_found", "not_found"]
    assert everything(transfer) == before
    entries = AuditEntry.objects.filter(action="transfer.command.foreign")
    assert [e.object_id for e in entries] == [transfer.id, transfer.id]


def test_a_wrong_state_is_told_with_the_state_it_is_in(world, planner):
    _, (transfer,) = waiting_package(world)
    before = everything(transfer)
    answer = run(planner, transfer, "transfer-delivered")
    assert answer.status_code == 400
    assert answer.json() == {
        "transition": [
            "The transfer is in Waiting for Transfer (waiting) now; this transition starts from In Transit (in_transit)."
        ]
    }
    assert everything(transfer) == before


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "transition"),
        ({"slug": "nope"}, "slug"),
        ({"slug": "deallocate-reservations"}, "slug"),
        ({"transition": 10**9}, "transition"),
        ({"slug": "transfer-dispatch-from-waiting", "colour": 1}, "colour"),
        ({"slug": "transfer-dispatch-from-waiting", "transfer": 1}, "transfer"),
        ({"slug": 5}, "slug"),
    ],
)
def test_bad_bodies_answer_400_naming_the_field(world, planner, body, field):
    _, (transfer,) = waiting_package(world)
    before = everything(transfer)
    answer = planner.post(f"/transfer_orders/{transfer.id}/command/", body)
    assert (answer.status_code, list(answer.json())) == (400, [field])
    assert everything(transfer) == before


def test_the_id_of_the_transition_does_as_well_and_both_must_agree(world, planner):
    _, (transfer,) = waiting_package(world)
    offers = planner.get(f"/transfer_orders/{transfer.id}/").json()["commands"]
    ids = {offer["slug"]: offer["transition"] for offer in offers}
    path = f"/transfer_orders/{transfer.id}/command/"
    mixed = {"slug": "transfer-ready-for-dispatch", "transition": ids["transfer-dispatch-from-waiting"]}
    assert planner.post(path, mixed).status_code == 400
    body = {"transition": ids["transfer-dispatch-from-waiting"], "transfer": transfer.id}
    assert planner.post(path, body).status_code == 204


def test_the_same_idempotency_key_acts_once(world, planner):
    _, (transfer,) = waiting_package(world)
    path, body = f"/transfer_orders/{transfer.id}/command/", {"slug": "transfer-dispatch-from-waiting"}
    answers = [planner.post(path, body, Idempotency_Key="k-1").status_code for _ in range(2)]
    assert answers == [204, 204]
    assert len(events_of(transfer.id, "transfer")) == 3
    other = planner.post(path, {"slug": "transfer-ready-for-dispatch"}, Idempotency_Key="k-1")
    assert other.status_code == 422


def test_bulk_answers_a_verdict_for_each_transfer(world, planner):
    (_, (one,)), (_, (two,)) = waiting_package(world), waiting_package(world)
    run(planner, two, "transfer-ready-for-dispatch")
    body = {
        "slug": "transfer-order-advanced",
        "transfers": [
            {"transfer": one.id, "tracking_number": "TR1", "shipping_company": "aras"},
            two.id,
            one.id,
        ],
        "parameters": {"tracking_number": "TR2", "shipping_company": "mng"},
    }
    answer = planner.post("/transfer_orders/bulk-command/", body).json()
    assert (answer["done"], answer["refused"]) == (1, 2)
    first, second, third = answer["verdicts"]
    assert first == {"transfer": one.id, "done": True, "state": "ready_to_shipment"}
    assert list(second["errors"]) == ["transition"]
    assert third["errors"] == {"transfers": ["The transfer is named twice in this call."]}
    assert Transfer.objects.get(pk=one.id).tracking_number == "TR1"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"slug": "transfer-delivered"}, "transfers"),
        ({"slug": "transfer-delivered", "transfers": []}, "transfers"),
        ({"slug": "transfer-delivered", "transfers": ["a"]}, "transfers"),
        ({"slug": "transfer-delivered", "transfers": [1], "colour": 1}, "colour"),
        ({"transfers": [1]}, "transition"),
    ],
)
def test_bad_bulk_bodies_answer_400(world, planner, body, field):
    answer = planner.post("/transfer_orders/bulk-command/", body)
    assert answer.status_code == 400
    assert any(name.startswith(field) for name in answer.json())


def test_a_bulk_call_costs_the_same_statements_for_two_as_for_eight(world, django_assert_num_queries):
    ids = [waiting_package(world)[1][0].id for _ in range(10)]
    for slug in ("transfer-dispatch-from-waiting", "transfer-delivered"):
        with CaptureQueriesContext(connection) as few:
            run_many(slug, ids[:2], kind=TRANSFERS, now=T0)
        with django_assert_num_queries(len(few)):
            assert all(v.refusal is None for v in run_many(slug, ids[2:], kind=TRANSFERS, now=T0))


def test_who_may_not_command_transfers_is_refused(world):
    _, (transfer,) = waiting_package(world)
    assert run(Caller(None), transfer, "transfer-dispatch-from-waiting").status_code == 401


def at_once(calls):
    barrier = Barrier(len(calls))

    def one(call):
        try:
            barrier.wait(timeout=LONG_SECONDS)
            answer = call()
            return answer.status_code, answer.content
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(one, calls))


@pytest.mark.django_db(transaction=True)
def test_of_four_operators_at_once_one_wins_and_the_others_get_the_new_state():
    world = build()
    _, (transfer,) = waiting_package(world)
    slugs = ["transfer-dispatch-from-waiting", "transfer-ready-for-dispatch"] * 2
    clients = [caller("planner", username=f"planner-{n}") for n in range(4)]
    calls = [lambda c=c, s=s: run(c, transfer, s) for c, s in zip(clients, slugs, strict=True)]
    answers = at_once(calls)
    assert sorted(status for status, _ in answers) == [204, 400, 400, 400]
    winner = next(n for n, (status, _) in enumerate(answers) if status == 204)
    state = ("in_transit", "ready_to_shipment")[winner % 2]
    assert Transfer.objects.get(pk=transfer.id).state == state
    assert all(status == 204 or f"({state}) now".encode() in content for status, content in answers)
    assert len(events_of(transfer.id, "transfer")) == 3


@pytest.mark.django_db(transaction=True)
def test_the_last_two_transfers_arriving_at_once_send_the_package_on_exactly_once():
    world = build()
    add_location(world, "ST3")
    made, coming = waiting_package(world, sources=("WH1", "ST3"))
    planner = caller("planner")
    for transfer in coming:
        assert run(planner, transfer, "transfer-dispatch-from-waiting").status_code == 204
    clients = [caller("planner", username=f"planner-{n}") for n in range(4)]
    answers = at_once(
        [
            lambda c=c, t=t: run(c, t, "transfer-delivered")
            for c, t in zip(clients, [*coming] * 2, strict=True)
        ]
    )
    assert sorted(status for status, _ in answers) == [204, 204, 400, 400]
    assert Package.objects.get(pk=made.id).state == 100
    assert events_of(made.id) == [("package.created", 1), ("package.status.transitioned", 2)]
    assert balances(world, "ST1")["SKU-B"] == (104, 4)
    assert balances(world, "WH1")["SKU-B"] == (98, 0)
