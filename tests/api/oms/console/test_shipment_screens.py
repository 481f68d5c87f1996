"""Carriers, sender addresses and parcels on the screen."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ambar.carrier.book import Book
from ambar.carrier.server import Running
from ambar.kit import accounts, clock, vault
from ambar.kit.accounts.models import AuditEntry
from ambar.oms.locations.models import StockLocation
from ambar.oms.packages.models import Package
from ambar.oms.shipments.models import (
    Carrier,
    SenderAddress,
    Shipment,
    ShipmentPackage,
    ShipmentStatusEntry,
)
from tests.worlds.oms_records import World, build, package

pytestmark = pytest.mark.django_db
SECRET = "planted-secret-31"


@pytest.fixture
def world(db: None) -> World:
    return build()


@pytest.fixture
def running(monkeypatch):
    found = Running(Book(failures=False), username="u", password=SECRET)
    monkeypatch.setenv("AMBAR_ALLOWED_TARGETS", found.address)
    yield found
    found.close()


def signed_in(role: str = "admin", **bounds: object) -> Client:
    client = Client()
    client.force_login(accounts.ensure_user(role, "a long password 1", [role], bounds))
    return client


def connected(**given: object) -> Carrier:
    now = clock.now()
    values = {"code": "yurtici", "name": "Yurtiçi", "base_url": "https://93.184.216.34/", "username": "u"}
    return Carrier.objects.create(
        **{**values, "password": vault.seal(SECRET), "created_at": now, "modified_at": now, **given}
    )


def parcel(*packages: int, carrier: Carrier | None = None, **given: object) -> Shipment:
    now = clock.now()
    values: dict[str, object] = {"state": "CREATED", "created_at": now, "modified_at": now, **given}
    made = Shipment.objects.create(carrier=carrier, reference=uuid4() if carrier else None, **values)
    ShipmentPackage.objects.bulk_create(
        ShipmentPackage(shipment=made, package_id=package_id) for package_id in packages
    )
    return made


def told(client: Client, path: str, body: dict[str, object] | None = None) -> list[str]:
    answer = client.post(path, body or {}, follow=True)
    return [str(message) for message in answer.context["messages"]][-1:]


def form(running: Running, **changed: object) -> dict[str, object]:
    return {
        "code": "yurtici",
        "name": "Yurtiçi",
        "adapter": "shipment_flow",
        "base_url": running.url,
        "username": "u",
        "password": SECRET,
        "timeout_seconds": "5",
        "poll_seconds": "60",
        "is_active": "on",
        **changed,
    }


def test_a_carrier_is_connected_tried_and_its_password_never_shown(world, running):
    client = signed_in()
    answer = client.post("/carriers/new/", form(running))
    made = Carrier.objects.get()
    path = f"/carriers/{made.pk}/"
    assert (answer["Location"], vault.open(made.password)) == (path, SECRET)
    for page in ("/carriers/", path):
        assert SECRET not in client.get(page).content.decode()
    assert client.post(f"{path}try/").context["tried"].failure == ""
    client.post(path, form(running, password="********", name="Other"))
    made.refresh_from_db()
    assert (made.name, vault.open(made.password)) == ("Other", SECRET)
    moved = client.post(path, form(running, password="********", base_url=f"{running.url}/x"))
    field = next(one for one in moved.context["fields"] if one.name == "password")
    assert (moved.status_code, field.errors) == (400, ("Give it again when the address changes.",))


def test_a_typed_password_does_not_come_back_when_something_else_is_wrong(world, running):
    client, made = signed_in(), connected()
    body = form(running, password="typed-secret-8", poll_seconds="0", base_url=made.base_url)
    for path, left in (("/carriers/new/", ""), (f"/carriers/{made.pk}/", "********")):
        answer = client.post(path, body)
        field = next(one for one in answer.context["fields"] if one.name == "password")
        assert (answer.status_code, field.value, field.errors) == (400, left, ("Type it again.",))
        assert "typed-secret-8" not in answer.content.decode()


def test_a_wrong_password_is_told_by_the_test_call(world, running):
    made = connected(base_url=running.url, password=vault.seal("another one"))
    tried = signed_in().post(f"/carriers/{made.pk}/try/").context["tried"]
    assert "401" in tried.failure


@pytest.mark.parametrize(
    ("name", "value"),
    [("poll_seconds", "0"), ("timeout_seconds", "x"), ("code", ""), ("name", "n" * 256), ("code", "a\x00b")],
)
def test_a_wrong_field_of_a_carrier_is_refused_beside_it(world, running, name, value):
    answer = signed_in().post("/carriers/new/", form(running, **{"password": "", name: value}))
    assert answer.status_code == 400 and not Carrier.objects.exists()
    assert [one.name for one in answer.context["fields"] if one.errors] == [name]


def test_a_carrier_with_parcels_stays_and_one_without_is_deleted(world):
    made = connected()
    held = parcel(package(world).id, carrier=made, talk="known", due_at=clock.now())
    client = signed_in()
    client.cookies["ambar_language"] = "tr"
    said = told(client, f"/carriers/{made.pk}/delete/")
    assert (
        said == ["Bu kargo firmasına bağlı koli veya gönderici adresi var; bunun yerine kapatın."]
        and Carrier.objects.exists()
    )
    ShipmentPackage.objects.all().delete()
    held.delete()
    told(client, f"/carriers/{made.pk}/delete/")
    assert not Carrier.objects.exists()


def test_the_list_of_carriers_tells_how_the_talk_goes_in_one_statement_more_however_many(world):
    client, one = signed_in(), connected()
    parcel(package(world).id, carrier=one, talk="known", due_at=clock.now())
    client.get("/carriers/")
    with CaptureQueriesContext(connection) as few:
        client.get("/carriers/")
    other = connected(code="aras", name="Aras")
    parcel(package(world).id, carrier=other, talk="error", problem="status 500")
    parcel(package(world).id, carrier=other, talk="to_ask", due_at=clock.now())
    with CaptureQueriesContext(connection) as many:
        rows = client.get("/carriers/").context["carriers"]
    assert len(many) == len(few)
    assert [(row["row"].code, row["to_ask"], row["known"], row["error"]) for row in rows] == [
        ("aras", 1, 0, 1),
        ("yurtici", 0, 1, 0),
    ]
    assert [str(row["talk"].word) for row in rows] == ["Not good", "Good"]


def test_people_bound_to_a_location_manage_no_carriers(world):
    made = connected()
    client = signed_in("location_operator", location_ids=[world.locations["WH1"]])
    for path in ("/carriers/", "/carriers/new/", f"/carriers/{made.pk}/"):
        assert client.get(path).status_code == 403
    assert client.post(f"/carriers/{made.pk}/delete/").status_code == 403 and Carrier.objects.exists()


def test_sender_addresses_are_kept_and_only_the_own_ones_seen(world):
    client, made = signed_in(), connected()
    body = {"stock_location": world.locations["WH1"], "carrier": made.pk, "origin_id": "B-17"}
    assert client.post("/shipments/senders/new/", body)["Location"] == "/shipments/senders/"
    again = client.post("/shipments/senders/new/", body)
    assert "This location has an address for the carrier." in again.content.decode()
    kept = SenderAddress.objects.get()
    path = f"/shipments/senders/{kept.pk}/"
    client.post(path, {"origin_id": "B-18"})
    kept.refresh_from_db()
    assert (kept.origin_id, kept.location_id) == ("B-18", world.locations["WH1"])
    own = signed_in("location_operator", location_ids=[world.locations["WH1"]])
    assert own.get(path).status_code == 200 and own.post(path, {"origin_id": "x"}).status_code == 403
    own.logout()
    other = signed_in("location_operator", location_ids=[world.locations["ST1"]])
    assert other.get(path).status_code == 404
    assert other.get("/shipments/senders/").context["listing"].rows == []
    told(client, f"{path}delete/")
    assert not SenderAddress.objects.exists()


def test_the_carrier_is_asked_for_the_id_of_a_location(world, running):
    client = signed_in()
    made = connected(base_url=running.url, password=vault.seal(SECRET))
    ask = {"stock_location": world.locations["WH1"], "carrier": made.pk, "generate": "1"}
    answer = client.post("/shipments/senders/new/", ask)
    kept = SenderAddress.objects.get()
    path = f"/shipments/senders/{kept.pk}/"
    assert (answer["Location"], kept.location_id, kept.carrier_id) == (path, ask["stock_location"], made.pk)
    assert kept.origin_id
    SenderAddress.objects.update(origin_id="stale")
    said = told(client, path, {"generate": "1"})
    newer = SenderAddress.objects.get()
    assert newer.pk == kept.pk and newer.origin_id not in ("stale", "")
    assert said == [f"The carrier knows the location as {newer.origin_id}."]
    assert AuditEntry.objects.filter(action="sender_address.generated", object_id=kept.pk).count() == 2


def test_an_id_that_can_not_be_had_says_why_and_keeps_what_was_chosen(world, running):
    client, made = signed_in(), connected(base_url=running.url, password=vault.seal(SECRET))
    missing = client.post("/shipments/senders/new/", {"carrier": made.pk, "generate": "1"})
    errors = {one.name: bool(one.errors) for one in missing.context["fields"]}
    assert (missing.status_code, errors["stock_location"], errors["origin_id"]) == (400, True, False)
    StockLocation.objects.update(line="")
    ask = {"stock_location": world.locations["WH1"], "carrier": made.pk, "generate": "1"}
    refused = client.post("/shipments/senders/new/", ask)
    assert [str(one) for one in refused.context["messages"]] == ["Location WH1 has no address line."]
    chosen = {one.name: str(one.value) for one in refused.context["fields"]}
    assert (refused.status_code, chosen["carrier"]) == (409, str(made.pk))
    turkish = client.post("/shipments/senders/new/", ask, headers={"Accept-Language": "tr"})
    assert [str(one) for one in turkish.context["messages"]] == [
        "Location WH1 lokasyonunun adres satırı yok."
    ]
    bound = signed_in("location_operator", location_ids=[world.locations["WH1"]])
    assert bound.post("/shipments/senders/new/", ask).status_code == 403
    assert not SenderAddress.objects.exists()


def test_a_parcel_tells_its_story_late_entries_too_and_links_to_its_package(world):
    made, now = package(world, state=500), clock.now()
    one = parcel(
        made.id,
        carrier=connected(),
        talk="known",
        due_at=now + timedelta(hours=1),
        awb_number="B2",
        tracking_numbers=["A1", "B2"],
        tracking_url="javascript:alert(1)",
    )
    for status, applied, minutes in (("SHIPPING", True, 2), ("CREATED", False, 1)):
        ShipmentStatusEntry.objects.create(
            shipment=one,
            status=status,
            at=now - timedelta(minutes=minutes),
            applied=applied,
            created_at=now,
        )
    client = signed_in()
    answer = client.get(f"/shipments/{one.pk}/")
    assert [(row["entry"].status, row["late"]) for row in answer.context["story"]] == [
        ("CREATED", True),
        ("SHIPPING", False),
    ]
    assert answer.context["numbers"] == ["B2", "A1"]
    html = answer.content.decode()
    assert f"/packages/{made.id}/" in html and "javascript:" not in html
    assert [row["number"] for row in client.get(f"/packages/{made.id}/").context["parcels"]] == ["B2"]
    for text in ("B2", "A1", made.number):
        rows = client.get("/shipments/", {"q": text}).context["listing"].rows
        assert [row["packages"] for row in rows] == [made.number]


def test_a_parcel_is_asked_for_now_again_or_not_at_all(world):
    client, carrier = signed_in(), connected()
    later = clock.now() + timedelta(hours=1)
    known = parcel(package(world).id, carrier=carrier, talk="known", due_at=later)
    given_up = parcel(package(world).id, carrier=carrier, talk="error", problem="status 500")
    ended = parcel(package(world).id, carrier=carrier, talk="ended", state="DELIVERED")
    for one in (known, given_up):
        client.post(f"/shipments/{one.pk}/ask/")
        one.refresh_from_db()
        assert one.talk in ("known", "to_ask") and one.due_at <= clock.now()
    assert told(client, f"/shipments/{ended.pk}/ask/") == [
        "The carrier of this parcel has nothing more to tell, or no connected carrier takes it."
    ]


def test_parcels_of_other_locations_are_missing_and_not_asked_for(world):
    one = parcel(package(world, at="ST1").id, carrier=connected(), talk="error", problem="x")
    client = signed_in("location_operator", location_ids=[world.locations["WH1"]])
    assert client.get("/shipments/").context["listing"].rows == []
    for answer in (
        client.get(f"/shipments/{one.pk}/"),
        client.post(f"/shipments/{one.pk}/ask/"),
        client.post(f"/shipments/{one.pk}/hand-on/", {"what": "dates"}),
    ):
        assert answer.status_code == 404
    one.refresh_from_db()
    assert one.talk == "error"


def test_a_parcel_with_packages_of_two_locations_names_the_own_one_only(world):
    mine, other = package(world), package(world, at="ST1")
    one = parcel(mine.id, other.id)
    client = signed_in("location_operator", location_ids=[world.locations["WH1"]])
    for path in ("/shipments/", f"/shipments/{one.pk}/"):
        html = client.get(path).content.decode()
        assert mine.number in html and other.number not in html


def test_appointments_and_returns_are_handed_on_and_the_answer_shown(world, running):
    carrier = connected(base_url=running.url)
    made = package(world, state=500)
    Package.objects.filter(pk=made.id).update(shipping_company="yurtici")
    one = parcel(made.id, carrier=carrier, talk="known", due_at=clock.now())
    client, path = signed_in(), f"/shipments/{one.pk}/hand-on/"
    bad = client.post(path, {"what": "dates", "details": "[1]"})
    assert bad.status_code == 400 and "Details must be a JSON object." in bad.content.decode()
    asked = client.post(path, {"what": "dates", "details": '{"district": "Moda"}'})
    assert asked.status_code in (200, 409)
    assert client.post(path, {"what": "nothing"}).status_code == 404
    nobody = parcel(package(world).id)
    refused = client.post(f"/shipments/{nobody.pk}/hand-on/", {"what": "return"})
    assert refused.status_code == 409
    assert "No connected carrier knows this parcel." in refused.content.decode()


def test_the_list_of_parcels_costs_the_same_however_long_it_is(world):
    client = signed_in()
    parcel(package(world).id)
    few = statements(client)
    for _ in range(4):
        parcel(package(world).id, package(world).id)
    assert statements(client) == few <= 12


def statements(client) -> int:
    """Of the list. What a process keeps for a second (names of states) may be read anew in one of the tries."""
    counts = []
    for _ in range(3):
        with CaptureQueriesContext(connection) as seen:
            client.get("/shipments/")
        counts.append(len(seen))
    return min(counts)


def test_a_parcel_of_a_transfer_is_found_and_shows_where_it_goes(world):
    from ambar.oms.commands.actions.run_command import run_command
    from ambar.oms.commands.transfers.kind import TRANSFERS
    from tests.worlds.oms_transfers import waiting_package

    _, (transfer,) = waiting_package(world)
    run_command(
        transfer.id,
        kind=TRANSFERS,
        slug="transfer-ready-for-dispatch",
        parameters={"shipping_company": "yurtici"},
        now=clock.now(),
    )
    made, client = Shipment.objects.get(), signed_in()
    assert transfer.number in client.get("/shipments/", {"q": transfer.number}).content.decode()
    page = client.get(f"/shipments/{made.pk}/").content.decode()
    assert all(word in page for word in (transfer.number, "Location WH1", "Location ST1"))
    assert f'href="/shipments/{made.pk}/"' in client.get(f"/transfers/{transfer.id}/").content.decode()
