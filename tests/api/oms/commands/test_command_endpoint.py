from __future__ import annotations

import pytest
from django.db import connection

from ambar.oms.packages.models import Package
from ambar.oms.shipments.models import Shipment
from ambar.oms.states.models import StateTransition
from tests.worlds.callers import Caller, caller
from tests.worlds.oms_records import World, build, events_of, package, picture
from tests.worlds.waiting import LONG_SECONDS

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None) -> World:
    return build()


@pytest.fixture
def planner(db: None) -> Caller:
    return caller("planner")


def _id_of(slug: str) -> int:
    return StateTransition.objects.get(slug=slug).pk


@pytest.mark.parametrize("by", ["slug", "transition", "both"])
def test_a_command_answers_204_without_a_body(world, planner, by):
    made = package(world)
    body = {
        "slug": {"slug": "deallocate-reservations"},
        "transition": {"transition": _id_of("deallocate-reservations")},
    }
    answer = planner.post(
        f"/packages/{made.id}/command/",
        {"package": made.id, **(body["slug"] | body["transition"] if by == "both" else body[by])},
    )
    assert (answer.status_code, answer.content) == (204, b"")
    assert Package.objects.get(pk=made.id).state == 200


def test_the_path_works_without_its_final_slash(world, planner):
    made = package(world)
    assert (
        planner.post(f"/packages/{made.id}/command", {"slug": "deallocate-reservations"}).status_code == 204
    )


def test_the_user_who_ran_it_is_in_the_log(world, planner):
    from ambar.kit.accounts.models import User

    made = package(world)
    planner.post(f"/packages/{made.id}/command/", {"slug": "deallocate-reservations"})
    log = planner.get("/state-transition-logs/", object_id=made.id, content_type=26).json()
    assert log["count"] == 2
    newest = log["results"][0]
    assert newest["user"] == User.objects.get(username="planner").pk
    assert {k: newest["old_state"][k] for k in ("name", "enum_value", "enum_class")} == {
        "name": "Waiting", "enum_value": "100", "enum_class": "PackageStatus",
    }  # fmt: skip
    assert newest["new_state"]["enum_value"] == "200"
    assert newest["attributes"] == {
        "command.slug": "PKG_DEALLOCATE_RESERVATIONS",
        "transition.slug": "deallocate-reservations",
        "command.transition_id": _id_of("deallocate-reservations"),
    }
    assert (newest["object_id"], newest["content_type"]) == (made.id, 26)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "transition"),
        ({"slug": "no-such"}, "slug"),
        ({"slug": 5}, "slug"),
        ({"slug": ""}, "slug"),
        ({"transition": "1"}, "transition"),
        ({"transition": True}, "transition"),
        ({"transition": -1}, "transition"),
        ({"transition": 10**30}, "transition"),
        ({"slug": "deallocate-reservations", "package": 10**9}, "package"),
        ({"slug": "deallocate-reservations", "colour": "red"}, "colour"),
        ({"slug": "shipment-order"}, "transition"),
    ],
)
def test_bad_bodies_answer_400_with_the_field(world, planner, body, field):
    made = package(world)
    before = picture(made.id)
    answer = planner.post(f"/packages/{made.id}/command/", body)
    assert answer.status_code == 400
    assert field in answer.json()
    assert picture(made.id) == before


@pytest.mark.parametrize(
    "raw", [b"", b"[]", b"5", b"null", b'{"slug": NaN}', b'{"slug":"a","slug":"b"}', b"{", b"\xff"]
)
def test_broken_json_answers_400(world, planner, raw):
    made = package(world)
    before = picture(made.id)
    assert planner.post(f"/packages/{made.id}/command/", raw).status_code == 400
    assert picture(made.id) == before


def test_wrong_state_tells_the_new_one(world, planner):
    made = package(world)
    planner.post(f"/packages/{made.id}/command/", {"slug": "deallocate-reservations"})
    answer = planner.post(f"/packages/{made.id}/command/", {"slug": "deallocate-reservations"})
    assert answer.status_code == 400
    assert answer.json() == {
        "transition": ["The package is in Preparing (200) now; this transition starts from Waiting (100)."]
    }


def test_a_rule_conflict_answers_406_with_code_and_text(world, planner):
    made = package(world, reserved_at=None)
    answer = planner.post(f"/packages/{made.id}/command/", {"slug": "complete-packaging-from-waiting"})
    assert answer.status_code == 406
    assert answer.json()["code"] == "package_without_reservation"
    assert "MANUAL_PLANNING" in answer.json()["en"]


def test_unknown_packages_answer_404(world, planner):
    for package_id in (0, 10**9, 2**63 - 1, 10**30):
        answer = planner.post(f"/packages/{package_id}/command/", {"slug": "deallocate-reservations"})
        assert answer.status_code == 404


def test_an_operator_of_another_location_sees_nothing_at_all(world):
    made = package(world)
    operator = caller("location_operator", location_ids=[world.locations["ST1"]])
    before = picture(made.id)
    foreign = operator.post(f"/packages/{made.id}/command/", {"slug": "deallocate-reservations"})
    missing = operator.post("/packages/999999999/command/", {"slug": "deallocate-reservations"})
    assert (foreign.status_code, foreign.json()) == (missing.status_code, missing.json())
    assert foreign.status_code == 404
    bulk = operator.post(
        "/packages/bulk-command/", {"slug": "deallocate-reservations", "packages": [made.id]}
    )
    assert bulk.json()["verdicts"] == [
        {"package": made.id, "done": False, "code": "not_found", "en": "Package not found."}
    ]
    assert picture(made.id) == before
    for path in (f"/packages/{made.id}/", "/packages/package-items/1/", "/orders/1/"):
        assert operator.get(path).status_code == 404
    for path in (
        "/packages/",
        "/packages/short/",
        "/packages/package-items/",
        "/orders/",
        "/shipments/",
        "/state-transition-logs/",
    ):
        assert operator.get(path).json()["count"] == 0, path


def test_reaching_for_a_foreign_package_leaves_an_audit_entry(world):
    from ambar.kit.accounts.models import AuditEntry

    made = package(world)
    operator = caller("location_operator", location_ids=[world.locations["ST1"]])
    operator.post(f"/packages/{made.id}/command/", {"slug": "deallocate-reservations"})
    for missing in (999999999, 10**30):
        answer = operator.post(f"/packages/{missing}/command/", {"slug": "deallocate-reservations"})
        assert answer.status_code == 404
    operator.post("/packages/bulk-command/", {"slug": "deallocate-reservations", "packages": [made.id]})
    entries = AuditEntry.objects.filter(action="package.command.foreign")
    assert [(e.object_kind, e.object_id) for e in entries] == [("package", made.id)] * 2


def test_a_shared_parcel_shows_an_operator_only_its_own_packages(world):
    from ambar.oms.shipments.models import ShipmentPackage

    here, there = package(world), package(world, at="ST1")
    planner = caller("planner")
    for made in (here, there):
        planner.post(f"/packages/{made.id}/command/", {"slug": "complete-packaging-from-waiting"})
        planner.post(f"/packages/{made.id}/command/", {"slug": "shipment-order"})
    parcel = Shipment.objects.order_by("id").first()
    ShipmentPackage.objects.create(shipment=parcel, package_id=there.id)
    operator = caller("location_operator", location_ids=[world.locations["ST1"]])
    for client, numbers in ((planner, [here.number, there.number]), (operator, [there.number])):
        record = client.get(f"/shipments/{parcel.pk}/").json()
        assert [p["number"] for p in record["packages"]] == numbers


def test_an_operator_works_on_its_own_location(world):
    made = package(world, at="ST1")
    operator = caller("location_operator", location_ids=[world.locations["ST1"]])
    assert (
        operator.post(f"/packages/{made.id}/command/", {"slug": "deallocate-reservations"}).status_code == 204
    )
    for path in ("/packages/", "/packages/short/", "/orders/"):
        assert operator.get(path).json()["count"] == 1, path
    assert operator.get("/packages/package-items/").json()["count"] == 2
    assert operator.get("/state-transition-logs/").json()["count"] == 2


def test_without_a_token_nothing_happens(world):
    made = package(world)
    assert (
        Caller(None).post(f"/packages/{made.id}/command/", {"slug": "deallocate-reservations"}).status_code
        == 401
    )
    assert Package.objects.get(pk=made.id).state == 100


def test_the_record_offers_what_can_be_run_now_with_its_parameters(world, planner):
    made = package(world)
    offers = planner.get(f"/packages/{made.id}/").json()["commands"]
    assert [(o["slug"], o["command_code"], o["destination"]["enum_value"]) for o in offers] == [
        ("deallocate-reservations", "PKG_DEALLOCATE_RESERVATIONS", "200"),
        ("complete-packaging-from-waiting", "CompletePackagingWithoutShipmentCommand", "500"),
        ("complete-packaging-with-shipment-from-waiting", "CompletePackingCommand", "500"),
        ("block-from-waiting", "BlockThePackageCommand", "930"),
        ("refuse-from-waiting", "REFUSE_WITH_DENIAL_REASON", "910"),
        ("manual-planning-from-waiting", "MANUAL_PLANNING", "900"),
        ("product-not-found-from-waiting", "DETECTED_OUT_OF_STOCK_ITEM", "910"),
        ("product-not-found-advanced-from-waiting", "DetectedOutOfStockItemCommandAdvanced", "910"),
        ("cancel-from-waiting", "CANCEL_PACKAGE", "900"),
        ("packed-for-refund-from-waiting", "PackagePackedForRefundCommand", "1100"),
        ("channel-based-complete-packaging-from-waiting", "ChannelBasedCompletePackingCommand", "500"),
        ("split-from-waiting", "SPLIT_PACKAGE", "900"),
        ("merge-from-waiting", "MERGE_PACKAGES", "900"),
        ("move-reservation-from-waiting", "MOVE_RESERVATION", "910"),
        ("replace-product-waiting", "REPLACE_PRODUCT", "100"),
        ("prepare-package", "PREPARE_PACKAGE_COMMAND", "200"),
        ("prepare-and-keep-reservation", "PKG_STATE_TRANSITION", "200"),
    ]
    assert set(offers[3]["parameters"]["properties"]) == {"user", "token"}
    planner.post(f"/packages/{made.id}/command/", {"slug": "block-from-waiting"})
    offers = planner.get(f"/packages/{made.id}/").json()["commands"]
    assert [o["slug"] for o in offers] == ["unblock-to-waiting"]


def test_every_offer_can_really_be_run(world, planner):
    for slug in ("deallocate-reservations", "complete-packaging-from-waiting", "block-from-waiting"):
        made = package(world)
        assert slug in [o["slug"] for o in planner.get(f"/packages/{made.id}/").json()["commands"]]
        assert planner.post(f"/packages/{made.id}/command/", {"slug": slug}).status_code == 204


def test_the_same_idempotency_key_acts_once_and_another_body_is_refused(world, planner):
    made = package(world)
    planner.post(f"/packages/{made.id}/command/", {"slug": "complete-packaging-from-waiting"})
    path, body = f"/packages/{made.id}/command/", {"slug": "shipment-order", "tracking_number": "TR1"}
    first = planner.post(path, body, Idempotency_Key="k-1")
    again = planner.post(path, body, Idempotency_Key="k-1")
    assert (first.status_code, again.status_code) == (204, 204)
    assert Shipment.objects.count() == 1
    assert len(events_of(made.id)) == 6
    other = planner.post(path, {**body, "tracking_number": "TR2"}, Idempotency_Key="k-1")
    assert other.status_code == 422
    assert Shipment.objects.get().awb_number == "TR1"


def test_bulk_answers_a_verdict_for_each_package(world, planner):
    one, two, bare = package(world), package(world), package(world, reserved_at=None)
    body = {
        "slug": "complete-packaging-from-waiting",
        "packages": [one.id, {"package": two.id}, bare.id, one.id],
    }
    answer = planner.post("/packages/bulk-command/", body)
    assert answer.status_code == 200
    json = answer.json()
    assert (json["done"], json["refused"]) == (2, 2)
    assert json["verdicts"][:2] == [
        {"package": one.id, "done": True, "state": "500"}, {"package": two.id, "done": True, "state": "500"},
    ]  # fmt: skip
    assert json["verdicts"][2]["code"] == "package_without_reservation"
    assert json["verdicts"][3]["errors"] == {"packages": ["The package is named twice in this call."]}
    ship = {
        "slug": "shipment-order",
        "packages": [
            {"package": one.id, "tracking_number": "TR1"},
            {"package": two.id, "tracking_number": 5},
        ],
    }
    verdicts = planner.post("/packages/bulk-command/", ship).json()["verdicts"]
    assert verdicts[0] == {"package": one.id, "done": True, "state": "600"}
    assert verdicts[1]["errors"] == {"tracking_number": ["Input should be a valid string"]}
    assert Shipment.objects.get().awb_number == "TR1"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"slug": "shipment-order"}, "packages"),
        ({"slug": "shipment-order", "packages": []}, "packages"),
        ({"slug": "shipment-order", "packages": ["a"]}, "packages"),
        ({"slug": "shipment-order", "packages": [1], "colour": 1}, "colour"),
        ({"packages": [1]}, "transition"),
        ({"slug": "nope", "packages": [1]}, "slug"),
    ],
)
def test_bad_bulk_bodies_answer_400(world, planner, body, field):
    answer = planner.post("/packages/bulk-command/", body)
    assert answer.status_code == 400
    assert any(name.startswith(field) for name in answer.json())


@pytest.mark.django_db(transaction=True)
def test_of_two_operators_at_once_one_wins_and_the_other_gets_the_new_state():
    from concurrent.futures import ThreadPoolExecutor
    from threading import Barrier

    world = build()
    made = package(world)
    clients = [caller("planner", username=f"planner-{n}") for n in range(4)]
    slugs = [
        "deallocate-reservations",
        "complete-packaging-from-waiting",
        "block-from-waiting",
        "deallocate-reservations",
    ]
    barrier = Barrier(4)

    def run(n: int):
        try:
            barrier.wait(timeout=LONG_SECONDS)
            answer = clients[n].post(f"/packages/{made.id}/command/", {"slug": slugs[n]})
            return answer.status_code, answer.content
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(run, range(4)))
    assert sorted(status for status, _ in answers) == [204, 400, 400, 400]
    winner = next(n for n, (status, _) in enumerate(answers) if status == 204)
    state = {
        "deallocate-reservations": 200,
        "complete-packaging-from-waiting": 500,
        "block-from-waiting": 930,
    }[slugs[winner]]
    assert Package.objects.get(pk=made.id).state == state
    for status, content in answers:
        assert status == 204 or f"({state}) now".encode() in content
    assert len([e for e in events_of(made.id) if e[0] == "package.status.transitioned"]) == 1
