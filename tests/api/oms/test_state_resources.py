from __future__ import annotations

import pytest

from ambar.oms.states import queries
from ambar.oms.states.models import State, StateTransition
from tests.worlds.callers import Caller, caller

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(db: None) -> Caller:
    return caller("admin")


def state_id(value: str, enum_class: str = "PackageStatus") -> int:
    return State.objects.get(enum_class=enum_class, enum_value=value).pk


def test_states_are_seeded_with_both_names(admin):
    rows = admin.get("/states/", enum_class="PackageStatus", limit=100).json()["results"]
    assert len(rows) == 18
    waiting = next(row for row in rows if row["enum_value"] == "100")
    assert waiting["translations"] == {"en-us": {"name": "Waiting"}, "tr-tr": {"name": "Bekliyor"}}
    assert waiting["content_type"] == 26
    assert admin.get("/states/", enum_class="OrderStatus").json()["count"] == 18


def test_a_name_is_changed_and_its_code_is_not(admin):
    path = f"/states/{state_id('920')}/"
    answer = admin.patch(path, {"name": "Contains out of stock products"})
    assert answer.status_code == 200
    assert admin.get(path).json()["name"] == "Contains out of stock products"
    assert admin.patch(path, {"enum_value": "100"}).json() == {
        "enum_value": ["Cannot be changed: the code acts on it."]
    }
    assert admin.patch("/states/999999/", {"name": "x"}).status_code == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "x", "enum_class": "Nope", "enum_value": "1"}, "enum_class"),
        ({"name": "x", "enum_class": "PackageStatus", "enum_value": "1"}, "enum_value"),
        ({"name": "x", "enum_class": "PackageStatus", "enum_value": "100"}, "enum_value"),
        ({"name": "", "enum_class": "PackageStatus", "enum_value": "100"}, "name"),
        ({"enum_class": "PackageStatus", "enum_value": "100"}, "name"),
    ],
)
def test_bad_states_are_refused(admin, body, field):
    answer = admin.post("/states/", body)
    assert answer.status_code == 400
    assert field in answer.json()


def _transition(**changed):
    return {
        "name": "Go", "slug": "go", "command_code": "PKG_STATE_TRANSITION", "source_state": state_id("400"),
        "destination_state": state_id("200"), **changed,
    }  # fmt: skip


def test_a_transition_is_made_and_changed(admin):
    answer = admin.post("/state-transitions/", _transition(parameters={"sync_remote_order_status": False}))
    assert answer.status_code == 201
    row = answer.json()
    assert (row["kind"], row["source_state"]["enum_value"], row["destination_state"]["enum_value"]) == (
        "package",
        "400",
        "200",
    )
    path = f"/state-transitions/{row['id']}/"
    assert admin.patch(path, {"visibility": "api"}).json()["visibility"] == "api"
    assert admin.get(path).json()["visibility"] == "api"
    assert admin.get("/state-transitions/", slug="go").json()["count"] == 1


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"command_code": "NOPE"}, "command_code"),
        ({"command_code": "SHIPMENT_ORDER"}, "source_state"),
        ({"command_code": "CompletePackagingWithoutShipmentCommand"}, "destination_state"),
        ({"source_state": 10**9}, "source_state"),
        ({"slug": "shipment-order"}, "slug"),
        ({"slug": "with space"}, "slug"),
        ({"visibility": "somewhere"}, "visibility"),
        ({"parameters": {"sync_remote_order_status": "yes"}}, "parameters"),
        ({"parameters": {"remote_invoice_call": {}}}, "parameters"),
        ({"colour": 1}, "colour"),
    ],
)
def test_a_transition_that_makes_no_sense_is_refused(admin, changed, field):
    count = StateTransition.objects.count()
    answer = admin.post("/state-transitions/", _transition(**changed))
    assert answer.status_code == 400
    assert field in answer.json()
    assert StateTransition.objects.count() == count


def test_a_change_that_stops_fitting_is_refused(admin):
    row = StateTransition.objects.get(slug="shipment-order")
    answer = admin.patch(f"/state-transitions/{row.pk}/", {"source_state": state_id("100")})
    assert answer.status_code == 400
    assert list(answer.json()) == ["source_state"]
    order_state = admin.patch(
        f"/state-transitions/{row.pk}/", {"source_state": state_id("500", "OrderStatus")}
    )
    assert order_state.json() == {"source_state": ["SHIPMENT_ORDER acts on PackageStatus, not OrderStatus."]}


def test_the_form_knows_which_command_fits_where(admin):
    commands = {c["code"]: c for c in admin.get("/state-transitions/commands/").json()["commands"]}
    assert commands["PKG_DEALLOCATE_RESERVATIONS"]["pairs"] == [["100", "200"]]


def test_reading_is_for_operators_and_writing_is_not(db):
    operator = caller("location_operator", location_ids=[1])
    assert operator.get("/states/").status_code == 200
    assert (
        operator.post(
            "/states/", {"name": "x", "enum_class": "PackageStatus", "enum_value": "100"}
        ).status_code
        == 403
    )
    assert (
        operator.patch(f"/state-transitions/{StateTransition.objects.first().pk}/", {"name": "x"}).status_code
        == 403
    )


def test_a_new_name_shows_in_english_too(admin):
    path = f"/states/{state_id('920')}/"
    row = admin.patch(path, {"name": "Sold out"}).json()
    assert row["translations"] == {"en-us": {"name": "Sold out"}, "tr-tr": {"name": "Stokta Yok"}}


def test_the_form_asks_what_fits_between_two_states(admin):
    ask = lambda **query: admin.get("/state-transitions/commands/", **query)  # noqa: E731
    found = ask(source_state=state_id("930"), destination_state=state_id("100")).json()["commands"]
    assert [(c["code"], c["pairs"]) for c in found] == [("UNBLOCK_THE_PACKAGE", [["930", "100"]])]
    sources = ask(code="SHIPMENT_ORDER").json()["commands"]
    assert [(c["code"], c["pairs"]) for c in sources] == [("SHIPMENT_ORDER", [["500", "600"]])]
    assert {c["kind"] for c in ask(kind="transfer").json()["commands"]} == {"transfer"}
    assert ask(source_state=state_id("500", "OrderStatus")).json()["commands"] == []
    for query in (
        {"kind": "x"},
        {"code": "x"},
        {"source_state": "x"},
        {"source_state": 10**9},
        {"colour": 1},
    ):
        answer = ask(**query)
        assert (answer.status_code, list(answer.json())) == (400, list(query))


def test_own_transitions_can_be_deleted_and_seeded_ones_not(admin):
    made = admin.post("/state-transitions/", _transition()).json()
    assert (
        admin.client.delete(f"/api/v1/oms/state-transitions/{made['id']}/", headers=admin.headers).status_code
        == 204
    )
    assert not StateTransition.objects.filter(slug="go").exists()
    seeded = StateTransition.objects.get(slug="shipment-order")
    answer = admin.client.delete(f"/api/v1/oms/state-transitions/{seeded.pk}/", headers=admin.headers)
    assert (answer.status_code, answer.json()["code"]) == (406, "transition_is_seeded")
    assert StateTransition.objects.filter(pk=seeded.pk).exists()
    missing = admin.client.delete("/api/v1/oms/state-transitions/999999/", headers=admin.headers)
    assert missing.status_code == 404


def test_the_check_names_a_dead_end_as_soon_as_the_way_on_is_switched_off(admin):
    before = admin.get("/state-transitions/check/").json()["findings"]
    assert not [f for f in before if f["state"] == "620"]
    StateTransition.objects.filter(source__enum_value="620", kind="package").update(is_active=False)
    answer = admin.get("/state-transitions/check/").json()
    found = [f for f in answer["findings"] if f["state"] == "620"]
    assert answer["ok"] is False
    assert [(f["code"], f["level"], f["kind"]) for f in found] == [("dead_end", "error", "package")]
    assert admin.get("/state-transitions/check/", colour=1).status_code == 400


def test_the_flowchart_is_drawn_from_the_rows_in_both_languages(admin):
    StateTransition.objects.filter(source__enum_value="620", kind="package").update(is_active=False)
    answer = admin.get("/state-transitions/flowchart/")
    assert answer.headers["Content-Type"] == "image/svg+xml; charset=utf-8"
    drawn = answer.content.decode()
    assert "Nothing leads on" in drawn and "Start Preparing" in drawn
    turkish = admin.get("/state-transitions/flowchart/", language="tr").content.decode()
    assert "Buradan çıkış yok" in turkish and "Hazırlamaya Başla" in turkish
    assert "Transfers: states" in admin.get("/state-transitions/flowchart/", kind="transfer").content.decode()
    for query in ({"kind": "order"}, {"language": "de"}, {"colour": 1}):
        refused = admin.get("/state-transitions/flowchart/", **query)
        assert (refused.status_code, list(refused.json())) == (400, list(query))


INVOICE = {
    "auth": {"request_type": "basic_auth", "username": "erp", "password": "open sesame"},
    "timeouts": {"read": 10, "connect": 60},
    "remote_url": "http://93.184.216.34/invoices",
    "generate_invoice_number": False,
    "generate_invoice_url": True,
}


def _packing() -> StateTransition:
    return StateTransition.objects.get(slug="complete-packaging-from-waiting")


def test_the_invoice_call_is_kept_sealed_answered_masked_and_given_in_clear_to_its_command(admin):
    row = _packing()
    path = f"/state-transitions/{row.pk}/"
    answer = admin.patch(path, {"parameters": {"remote_invoice_call": INVOICE}})
    assert answer.status_code == 200, answer.content
    assert answer.json()["parameters"]["remote_invoice_call"]["auth"]["password"] == "********"
    assert "open sesame" not in str(_packing().parameters) + admin.get(path).content.decode()
    known = queries.transition("package", slug=row.slug)
    assert known.parameters["remote_invoice_call"] == INVOICE
    masked = {**INVOICE, "auth": {**INVOICE["auth"], "password": "********"}}
    assert admin.patch(path, {"parameters": {"remote_invoice_call": masked}}).status_code == 200
    assert admin.patch(path, {"visibility": "api"}).status_code == 200
    assert queries.transition("package", slug=row.slug).parameters["remote_invoice_call"] == INVOICE
    elsewhere = {**masked, "remote_url": "http://93.184.216.35/invoices"}
    assert "give it again" in str(
        admin.patch(path, {"parameters": {"remote_invoice_call": elsewhere}}).json()["parameters"]
    )


@pytest.mark.parametrize(
    "parameters",
    [
        {"remote_invoice_call": True},
        {"remote_invoice_call": {}},
        {"remote_invoice_call": {**INVOICE, "colour": 1}},
        {"remote_invoice_call": {**INVOICE, "generate_invoice_url": "yes"}},
        {"remote_invoice_call": {**INVOICE, "auth": {"request_type": "magic"}}},
        {"remote_invoice_call": {**INVOICE, "auth": {"request_type": ["token"]}}},
        {"remote_invoice_call": {**INVOICE, "auth": {"request_type": "basic_auth", "username": "a"}}},
        {"remote_invoice_call": {**INVOICE, "auth": {"request_type": "anonymous", "password": "a"}}},
        {"remote_invoice_call": {**INVOICE, "auth": {"request_type": "token", "token": "********"}}},
        {"remote_invoice_call": {**INVOICE, "timeouts": {"read": 0}}},
        {"remote_invoice_call": {**INVOICE, "timeouts": {"read": True}}},
        {"remote_invoice_call": {**INVOICE, "remote_url": "ftp://93.184.216.34/"}},
        {"remote_invoice_call": {**INVOICE, "remote_url": "http://169.254.169.254/"}},
        {"remote_bill_fulfillment_call": 1},
        {"sync_remote_order_status": None},
    ],
)
def test_parameters_of_the_wrong_type_are_refused(admin, parameters):
    row = _packing()
    answer = admin.patch(f"/state-transitions/{row.pk}/", {"parameters": parameters})
    assert (answer.status_code, list(answer.json())) == (400, ["parameters"])
    assert _packing().parameters == row.parameters


def test_a_parameter_without_effect_is_refused(admin):
    row = StateTransition.objects.get(slug="block-from-waiting")
    answer = admin.patch(
        f"/state-transitions/{row.pk}/", {"parameters": {"remote_bill_fulfillment_call": True}}
    )
    assert answer.json() == {
        "parameters": ["remote_bill_fulfillment_call has no effect on a package transition from 100 to 930."]
    }
