"""Pick and pack: the list of a location, scanning, sheets; commands with parameters on many records."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ambar.kit import accounts
from ambar.oms.packages.models import Package, PackageDenialReason, PackageItem
from ambar.oms.shipments.models import Shipment
from ambar.oms.transfers.models import Transfer
from tests.worlds.oms_records import T0, World, build, package
from tests.worlds.oms_transfers import waiting_package

pytestmark = pytest.mark.django_db
PACK = "complete-packaging-from-waiting"


@pytest.fixture
def world(db: None) -> World:
    return build()


def signed_in(role: str = "admin", **bounds: object) -> Client:
    client = Client()
    client.force_login(accounts.ensure_user(role, "a long password 1", [role], bounds))
    return client


def scanned(client: Client, code: str, **more: object) -> str:
    answer = client.get("/picking/scan/", {"code": code, **more})
    return answer["Location"] if answer.status_code == 302 else ""


def test_the_list_holds_the_own_packages_the_oldest_first_with_what_is_in_them(world):
    first, second = package(world, lines=(("SKU-A", 2),)), package(world)
    package(world, at="ST1")
    package(world, state=500)
    client = signed_in("location_operator", location_ids=[world.locations["WH1"]])
    context = client.get("/picking/").context
    rows = context["listing"].rows
    assert [row["number"] for row in rows] == [first.number, second.number]
    assert (rows[0]["pieces"], rows[0]["items"]) == (2, "2 × SKU-A Product SKU-A")
    assert [(str(tab.label), tab.count) for tab in context["tabs"]][:2] == [("To pick", 2), ("Preparing", 0)]
    assert context["listing"].choices == []


def test_a_scanned_number_opens_its_package_transfer_or_the_packages_with_that_product(world):
    one, two = package(world, lines=(("SKU-A", 1),)), package(world, lines=(("SKU-B", 1),))
    order = Package.objects.get(pk=one.id).order_number
    client = signed_in()
    here = f"/packages/{one.id}/?scan=1"
    assert scanned(client, one.number) == here
    assert scanned(client, f" {order}\r\n") == here
    assert scanned(client, "8690000000001") == here
    assert scanned(client, "SKU-B") == f"/packages/{two.id}/?scan=1"
    client.post(f"/packages/{one.id}/action/", {"slug": PACK})
    choices = client.get(f"/packages/{one.id}/").context["choices"]
    ship = next(one.slug for one in choices if one.command_code == "ShipThePackageAdvancedCommand")
    given = {"slug": ship, "tracking_number": "YK1", "shipping_company": "yurtici"}
    client.post(f"/packages/{one.id}/action/", given)
    assert Shipment.objects.filter(awb_number="YK1").exists()
    assert scanned(client, "YK1") == here
    Shipment.objects.update(tracking_numbers=["YK0", "YK1"])
    assert scanned(client, "YK0") == here
    waiting_package(world)
    move = Transfer.objects.get()
    assert scanned(client, move.number) == f"/transfers/{move.pk}/"


def test_several_packages_with_a_product_are_listed_the_oldest_first(world):
    made = [package(world) for _ in range(2)]
    answer = signed_in().get("/picking/scan/", {"code": "SKU-A"})
    assert [row["number"] for row in answer.context["rows"]] == [one.number for one in made]


def test_numbers_of_other_locations_and_unknown_ones_answer_alike(world):
    other = package(world, at="ST1")
    client = signed_in("location_operator", location_ids=[world.locations["WH1"]])
    for code in (other.number, "nothing", "%00", "8690000000001"):
        answer = client.get("/picking/scan/", {"code": code}, follow=True)
        assert answer.redirect_chain == [("/picking/", 302)]
        assert [str(one) for one in answer.context["messages"]] == [f"Nothing here has the number {code}."]
    assert scanned(client, "") == "/picking/"


def test_a_cancelled_package_leads_to_the_one_that_took_its_place(world):
    made = package(world)
    items = list(PackageItem.objects.filter(package_id=made.id).order_by("id").values_list("pk", flat=True))
    client = signed_in()
    client.post(
        f"/packages/{made.id}/action/",
        {"slug": "manual-planning-from-waiting", **{f"assign:{item}": "ST1" for item in items}},
    )
    new = Package.objects.get(lineage__contains=[made.id])
    assert scanned(client, made.number) == f"/packages/{new.pk}/?scan=1"


def test_a_wrong_scan_inside_a_package_says_so_and_keeps_what_is_ticked(world):
    made, other = package(world, lines=(("SKU-A", 2), ("SKU-B", 1))), package(world)
    first = PackageItem.objects.filter(package_id=made.id).order_by("id").values_list("pk", flat=True)[0]
    client, kept = signed_in(), f"/packages/{made.id}/?scan=1&got={first}x1"
    answer = client.get(
        "/picking/scan/", {"code": "0000", "package": made.id, "got": f"{first}x1"}, follow=True
    )
    assert answer.redirect_chain[-1][0] == kept
    assert "Nothing here has the number 0000." in answer.content.decode()
    again = {"code": "SKU-A", "package": made.id, "got": f"{first}x2"}
    page = client.get("/picking/scan/", again, follow=True)
    assert "All of SKU-A in this package is scanned already." in page.content.decode()
    assert page.redirect_chain[-1][0] == f"/packages/{made.id}/?scan=1&got={first}x2"
    assert scanned(client, other.number, package=made.id, got=f"{first}x1") == f"/packages/{other.id}/?scan=1"


def test_items_are_ticked_off_scan_by_scan_until_all_are(world):
    made = package(world, lines=(("SKU-A", 2), ("SKU-B", 1)))
    first, second = PackageItem.objects.filter(package_id=made.id).order_by("id").values_list("pk", flat=True)
    client = signed_in()
    inside = f"/packages/{made.id}/?scan=1&got="
    address = scanned(client, "SKU-A", package=made.id)
    assert address == f"{inside}{first}x1"
    context = client.get(address).context
    assert [str(row["scanned"].word) for row in context["items"]] == ["1 of 2", "0 of 1"]
    assert context["done_scanning"] is False
    assert scanned(client, "SKU-A", package=made.id, got=f"{first}x2,{second}x1") == (
        f"{inside}{first}x2%2C{second}x1"
    )
    full = f"{inside}{first}x2%2C{second}x1"
    assert scanned(client, "8690000000002", package=made.id, got=f"{first}x2") == full
    html = client.get(full)
    assert html.context["done_scanning"] is True and "All items are scanned." in html.content.decode()
    nonsense = client.get(f"{inside}x,7x,{first}x99,999x1,{'9' * 50}x1")
    assert nonsense.context["got"] == f"{first}x2"


def test_pick_lists_and_slips_are_pdf_of_the_own_packages(world):
    mine, other = package(world), package(world, at="ST1")
    client = signed_in("location_operator", location_ids=[world.locations["WH1"]])
    for sheet in ("picks", "slips"):
        answer = client.post("/picking/sheets/", {"sheet": sheet, "id": [mine.id, other.id]})
        assert answer["Content-Type"] == "application/pdf" and answer.content.startswith(b"%PDF")
    refused = client.post("/picking/sheets/", {"sheet": "picks", "id": [other.id]}, follow=True)
    assert [str(one) for one in refused.context["messages"]] == ["Choose from 1 to 200 packages."]


def test_the_list_costs_the_same_however_long_it_is(world):
    client = signed_in()
    package(world)
    client.get("/picking/")
    with CaptureQueriesContext(connection) as few:
        client.get("/picking/")
    for _ in range(5):
        package(world)
    with CaptureQueriesContext(connection) as many:
        client.get("/picking/")
    assert len(many) == len(few) <= 14


def refusing(client: Client) -> str:
    offered = client.get("/packages/?tab=waiting").context["bulk"]
    return next(choice.slug for choice in offered if choice.command_code == "REFUSE_WITH_DENIAL_REASON")


def test_many_packages_are_refused_with_one_reason_asked_once(world):
    made = [package(world) for _ in range(3)]
    reason = PackageDenialReason.objects.create(title="Closed", created_at=T0, modified_at=T0)
    client = signed_in()
    body = {"slug": refusing(client), "id": [one.id for one in made], "back": "?tab=waiting"}
    asked = client.post("/packages/bulk/", body)
    fields = {field.name: field for field in asked.context["form"].shared}
    assert fields["denial_reason"].options == ((str(reason.pk), "Closed"),)
    assert asked.context["count"] == 3 and Package.objects.filter(state=100).count() == 3
    empty = client.post("/packages/bulk/", {**body, "answered": "1"})
    assert empty.status_code == 400 and Package.objects.filter(state=100).count() == 3
    answer = client.post("/packages/bulk/", {**body, "answered": "1", "denial_reason": str(reason.pk)})
    assert (answer.context["done"], answer.context["refused"]) == (3, 0)
    assert Package.objects.filter(pk__in=[one.id for one in made], state=910).count() == 3


def test_commands_about_single_items_are_not_offered_for_many(world):
    package(world)
    codes = {choice.command_code for choice in signed_in().get("/packages/?tab=waiting").context["bulk"]}
    assert "MANUAL_PLANNING" not in codes and "DETECTED_OUT_OF_STOCK_ITEM" not in codes
    assert "REFUSE_WITH_DENIAL_REASON" in codes


def test_each_package_gets_its_own_tracking_number(world):
    one, two = package(world), package(world)
    client = signed_in()
    client.post("/packages/bulk/", {"slug": PACK, "id": [one.id, two.id]})
    offered = client.get("/packages/?tab=packed").context["bulk"]
    slug = next(c.slug for c in offered if c.command_code == "ShipThePackageAdvancedCommand")
    body = {"slug": slug, "id": [one.id, two.id]}
    asked = client.post("/packages/bulk/", body)
    assert [field.name for field in asked.context["form"].each] == ["tracking_number", "query_number"]
    given = {**body, "answered": "1", "shipping_company": "aras", f"tracking_number:{one.id}": "T1"}
    missing = client.post("/packages/bulk/", given)
    assert missing.status_code == 400 and Package.objects.filter(state=500).count() == 2
    answer = client.post("/packages/bulk/", {**given, f"tracking_number:{two.id}": "T2"})
    assert answer.context["done"] == 2
    numbers = {
        parcel.packages.get().pk: (parcel.awb_number, parcel.cargo_company)
        for parcel in Shipment.objects.all()
    }
    assert numbers == {one.id: ("T1", "aras"), two.id: ("T2", "aras")}


def test_transfers_are_moved_many_at_once_with_the_outcome_of_each(world):
    for _ in range(2):
        waiting_package(world)
    moves = list(Transfer.objects.order_by("pk"))
    client = signed_in()
    offered = client.get("/transfers/?state=waiting").context["bulk"]
    slug = next(choice.slug for choice in offered if choice.slug == "transfer-dispatch-from-waiting")
    answer = client.post("/transfers/bulk/", {"slug": slug, "id": [one.pk for one in moves]})
    assert (answer.context["done"], answer.context["refused"]) == (2, 0)
    again = client.post("/transfers/bulk/", {"slug": slug, "id": [one.pk for one in moves]})
    assert again.context["refused"] == 2
    assert all("this transition starts from" in row["words"] for row in again.context["outcomes"])


def test_the_other_end_moves_no_transfer_and_a_stranger_sees_none(world):
    waiting_package(world)
    move = Transfer.objects.get()
    slug = "transfer-dispatch-from-waiting"
    receiver = signed_in("location_operator", location_ids=[world.locations["ST1"]])
    answer = receiver.post("/transfers/bulk/", {"slug": slug, "id": [move.pk]})
    assert answer.context["refused"] == 1 and Transfer.objects.get().state == "waiting"
    receiver.logout()
    stranger = signed_in("location_operator", location_ids=[999])
    answer = stranger.post("/transfers/bulk/", {"slug": slug, "id": [move.pk]})
    assert answer.context["outcomes"] == [] and Transfer.objects.get().state == "waiting"
