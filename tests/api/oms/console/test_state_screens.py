"""Names of states, transitions and their form, the picture, the check, the log."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from ambar.kit import accounts
from ambar.oms.console import floor_words, looks
from ambar.oms.states import queries
from ambar.oms.states.models import State, StateTransition
from tests.worlds.oms_records import World, build, package
from tests.worlds.oms_transfers import waiting_package

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None) -> World:
    return build()


@pytest.fixture(autouse=True)
def forgotten(db: None):
    yield
    queries.forget()


def signed_in(role: str = "admin", **bounds: object) -> Client:
    client = Client()
    client.force_login(accounts.ensure_user(role, "a long password 1", [role], bounds))
    return client


def state(code: int) -> State:
    return State.objects.get(enum_class="PackageStatus", enum_value=str(code))


def form(**changed: object) -> dict[str, object]:
    return {
        "command": "PKG_STATE_TRANSITION",
        "name": "Take it back",
        "turkish": "Geri al",
        "slug": "take-it-back",
        "source_state": state(400).pk,
        "destination_state": state(200).pk,
        "visibility": "everywhere",
        "is_active": "on",
        **changed,
    }


def wrong(answer) -> dict[str, tuple[str, ...]]:
    return {field.name: field.errors for field in answer.context["fields"] if field.errors}


def test_a_state_is_renamed_in_both_languages_at_once(world):
    client = signed_in()
    row = state(100)
    client.post(f"/states/{row.pk}/", {"english": "To do", "turkish": "Yapılacak"})
    row.refresh_from_db()
    assert row.name == "To do" and row.translations["tr-tr"] == {"name": "Yapılacak"}
    with translation.override("tr"):
        assert looks.package(100).word == "Yapılacak"
    long = client.post(f"/states/{row.pk}/", {"english": "x" * 129, "turkish": ""})
    assert long.status_code == 400 and list(wrong(long)) == ["english"]


def test_a_new_button_offers_only_states_that_fit_its_command_and_works(world):
    client = signed_in()
    empty = client.get("/states/transitions/new/").context
    assert empty["fields"] == [] and ("Reschedule · Package") in [words for _code, words in empty["commands"]]
    offered = client.get("/states/transitions/new/?command=RESCHEDULE").context["fields"]
    starts = next(field for field in offered if field.name == "source_state").options
    assert {words for _pk, words in starts} <= {"Needs Rescheduling (910)", "Out of Stock (920)"}
    answer = client.post("/states/transitions/new/", form())
    made = StateTransition.objects.get(slug="take-it-back")
    assert answer["Location"] == f"/states/transitions/{made.pk}/"
    one = package(world, state=400)
    assert "take-it-back" in [c.slug for c in client.get(f"/packages/{one.id}/").context["choices"]]
    client.post(f"/states/transitions/{made.pk}/delete/")
    assert not StateTransition.objects.filter(slug="take-it-back").exists()


def test_what_does_not_fit_is_refused_in_words_with_the_states_own_names(world):
    answer = signed_in().post(
        "/states/transitions/new/",
        form(
            command="REFUSE_WITH_DENIAL_REASON",
            source_state=state(100).pk,
            destination_state=state(100).pk,
        ),
    )
    [said] = wrong(answer)["destination_state"]
    assert answer.status_code == 400 and not StateTransition.objects.filter(slug="take-it-back").exists()
    assert said in (
        "Choose one of the options.",
        "From Waiting this command leads to: Needs Rescheduling.",
    )


def test_a_pair_the_command_does_not_lead_over_is_told_with_where_it_leads(world):
    answer = signed_in().post(
        "/states/transitions/new/",
        form(command="UNBLOCK_THE_PACKAGE", source_state=state(930).pk, destination_state=state(930).pk),
    )
    assert answer.status_code == 400 and list(wrong(answer)) == ["destination_state"]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"slug": "with blanks"}, "slug"),
        ({"slug": "complete-packaging-from-waiting"}, "slug"),
        ({"name": "n" * 129}, "name"),
        ({"visibility": "nobody"}, "visibility"),
        ({"source_state": "x"}, "source_state"),
        ({"source_state": ""}, "source_state"),
    ],
)
def test_a_wrong_input_of_a_transition_is_named(world, changed, field):
    answer = signed_in().post("/states/transitions/new/", form(**changed))
    assert answer.status_code == 400 and list(wrong(answer)) == [field]


def packing(client: Client, **changed: object):
    row = StateTransition.objects.get(slug="complete-packaging-from-waiting")
    body = {
        "command": row.command_code,
        "name": row.name,
        "slug": row.slug,
        "source_state": row.source_id,
        "destination_state": row.destination_id,
        "visibility": "everywhere",
        "is_active": "on",
        **changed,
    }
    return row, client.post(f"/states/transitions/{row.pk}/", body)


def test_parameters_are_fields_and_a_secret_is_sealed_and_never_shown(world):
    client = signed_in()
    row, answer = packing(
        client,
        **{
            "sync_remote_order_status": "false",
            "remote_invoice_call:url": "https://93.184.216.34/invoices/",
            "remote_invoice_call:auth": "basic_auth",
            "remote_invoice_call:username": "oms",
            "remote_invoice_call:password": "planted-secret-5",
            "remote_invoice_call:read": "8",
        },
    )
    assert answer.status_code == 302, wrong(answer)
    row.refresh_from_db()
    call = row.parameters["remote_invoice_call"]
    assert row.parameters["sync_remote_order_status"] is False
    assert (call["remote_url"], call["timeouts"]) == ("https://93.184.216.34/invoices/", {"read": 8})
    assert call["auth"]["username"] == "oms" and "planted" not in str(row.parameters)
    html = client.get(f"/states/transitions/{row.pk}/").content.decode()
    assert "planted" not in html and "********" in html


@pytest.mark.parametrize(
    ("changed", "field", "words"),
    [
        ({"auth": "basic_auth", "url": "https://93.184.216.34/"}, "username", "Fill in this field."),
        ({"auth": "anonymous"}, "url", "Must be a text of 1 to 1024 characters."),
        ({"url": "https://93.184.216.34/", "read": "900"}, "read", "Must be whole seconds from 1 to 300."),
        ({"url": "https://93.184.216.34/", "username": "x"}, "username", "Not used with this sign-in."),
        ({"url": "http://169.254.169.254/"}, "url", "This address may not be connected to"),
    ],
)
def test_a_wrong_parameter_is_refused_beside_its_own_field(world, changed, field, words):
    given = {f"remote_invoice_call:{name}": value for name, value in changed.items()}
    _row, answer = packing(signed_in(), **given)
    said = wrong(answer)[f"remote_invoice_call:{field}"][0]
    assert answer.status_code == 400 and said.startswith(words)


def test_a_transition_that_every_installation_has_is_not_deleted(world):
    row = StateTransition.objects.get(slug="complete-packaging-from-waiting")
    answer = signed_in().post(f"/states/transitions/{row.pk}/delete/", follow=True)
    assert "switch it off" in str(next(iter(answer.context["messages"])))
    assert StateTransition.objects.filter(pk=row.pk).exists()


def test_the_picture_is_drawn_in_the_readers_language_with_names_as_text(world):
    State.objects.filter(pk=state(200).pk).update(
        translations={"en-us": {"name": "<b>Busy</b>"}, "tr-tr": {"name": "Meşgul"}}
    )
    queries.forget()
    client = signed_in()
    html = client.get("/states/picture/").content.decode()
    assert html.count("<svg") > 1 and "&lt;b&gt;Busy" in html and "<b>Busy" not in html
    assert "Transferred" in client.get("/states/picture/?kind=transfer").content.decode()
    client.cookies["ambar_language"] = "tr"
    assert "Meşgul" in client.get("/states/picture/?kind=nothing").content.decode()


def test_the_check_tells_a_dead_end_in_both_languages_and_where_to_mend_it(world):
    StateTransition.objects.filter(source=state(800)).update(is_active=False)
    client = signed_in()
    found = {one.state: one for one, _kind in client.get("/states/check/").context["findings"]}
    assert found["800"].what == "Nothing leads on from Cancellation Waiting: what gets there stays for ever."
    client.cookies["ambar_language"] = "tr"
    html = client.get("/states/check/").content.decode()
    assert "İptal Bekliyor durumundan çıkış yok" in html and "start=package:800" in html


def test_the_log_names_records_and_people_and_is_filtered(world):
    one = package(world)
    client = signed_in()
    client.post(f"/packages/{one.id}/action/", {"slug": "complete-packaging-from-waiting"})
    row = client.get("/states/log/").context["listing"].rows[0]
    assert (row["record"], row["href"], row["by"]) == (one.number, f"/packages/{one.id}/", "admin")
    assert (str(row["before"].word), str(row["after"].word)) == ("Waiting", "Packed")
    packed = client.get(f"/states/log/?after={state(500).pk}&kind=package&days=1").context["listing"]
    assert [row["record"] for row in packed.rows] == [one.number] and len(packed.chips) == 3
    assert client.get("/states/log/?kind=transfer").context["listing"].rows == []
    assert len(client.get(f"/states/log/?q={one.number}").context["listing"].rows) == 2


def test_the_log_of_a_bound_person_holds_its_own_records_only(world):
    package(world)
    own = package(world, at="ST1")
    client = signed_in("location_operator", location_ids=[world.locations["ST1"]])
    rows = client.get("/states/log/").context["listing"].rows
    assert {row["record"] for row in rows if row["kind"] == "Package"} == {own.number}
    assert client.post(f"/states/{state(100).pk}/", {"english": "x"}).status_code == 403
    assert client.get("/states/transitions/new/").status_code == 403


def test_lists_of_states_cost_the_same_however_long(world):
    client = signed_in()
    package(world)
    waiting_package(world)
    client.get("/states/log/")
    with CaptureQueriesContext(connection) as few:
        client.get("/states/log/")
    for _ in range(3):
        package(world)
        waiting_package(world)
    with CaptureQueriesContext(connection) as many:
        client.get("/states/log/")
    assert len(many) == len(few) <= 14


@pytest.mark.parametrize("template", floor_words.SENTENCES)
def test_what_the_floor_refuses_with_has_its_turkish(template):
    with translation.override("tr"):
        assert translation.gettext(template) != template
