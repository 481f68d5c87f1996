"""*Select Action* forms of packages and transfers, bulk actions, lineage and reservations on the screen."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ambar.kit import accounts, work
from ambar.oms.commands.actions import bulk
from ambar.oms.commands.models import BulkAction
from ambar.oms.console import other_packages
from ambar.oms.packages.models import Package, PackageDenialReason, PackageItem
from ambar.oms.states import queries as states
from ambar.oms.states.models import StateTransition
from ambar.oms.transfers.models import Transfer
from tests.worlds.oms_records import T0, World, build, package
from tests.worlds.oms_transfers import waiting_package

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None) -> World:
    return build()


def signed_in(role: str = "admin", **bounds: object) -> Client:
    client = Client()
    client.force_login(accounts.ensure_user(role, "a long password 1", [role], bounds))
    return client


def slug_of(client: Client, path: str, word: str) -> str:
    choices = client.get(path).context["choices"]
    return next(choice.slug for choice in choices if word in choice.label)


def field_of(client: Client, path: str, slug: str, name: str):
    chosen = client.get(f"{path}?action={slug}").context["chosen"]
    return next(field for field in chosen.fields if field.name == name)


def test_refusing_asks_for_a_reason_from_the_list_and_the_screen_tells_it(world):
    made = package(world)
    reason = PackageDenialReason.objects.create(title="Damaged", created_at=T0, modified_at=T0)
    PackageDenialReason.objects.create(title="Old reason", is_active=False, created_at=T0, modified_at=T0)
    client, path = signed_in(), f"/packages/{made.id}/"
    slug = slug_of(client, path, "Refuse")
    assert field_of(client, path, slug, "denial_reason").options == ((str(reason.pk), "Damaged"),)
    empty = client.post(f"{path}action/", {"slug": slug})
    assert empty.status_code == 400 and Package.objects.get(pk=made.id).state == 100
    client.post(f"{path}action/", {"slug": slug, "denial_reason": str(reason.pk), "note": "wet box"})
    assert Package.objects.get(pk=made.id).state == 910
    assert "Refused: Damaged – wet box" in client.get(path).content.decode()


def test_missing_products_are_ticked_item_by_item(world):
    made = package(world)
    client, path = signed_in(), f"/packages/{made.id}/"
    slug = slug_of(client, path, "Product Not Found")
    field = field_of(client, path, slug, "package_items")
    assert [word for _value, word in field.options] == [
        "SKU-A × 1  Product SKU-A",
        "SKU-B × 1  Product SKU-B",
    ]
    nothing = client.post(f"{path}action/", {"slug": slug})
    assert "Choose at least one." in nothing.content.decode()
    client.post(
        f"{path}action/", {"slug": slug, "package_items": [field.options[0][0]], "reason": "not_found"}
    )
    assert Package.objects.get(pk=made.id).state != 100


def test_manual_planning_chooses_a_location_per_item_and_links_old_and_new(world):
    made = package(world)
    client, path = signed_in(), f"/packages/{made.id}/"
    slug = slug_of(client, path, "Manual Planning")
    items = list(PackageItem.objects.filter(package_id=made.id).order_by("id").values_list("pk", flat=True))
    field = field_of(client, path, slug, f"assign:{items[0]}")
    assert ("ST1", "Location ST1 (100 in stock)") in field.options
    wanted = {f"assign:{items[0]}": "ST1", f"assign:{items[1]}": "WH1"}
    assert client.post(f"{path}action/", {"slug": slug, **wanted}).status_code == 302
    assert Package.objects.get(pk=made.id).state == 900
    new = list(Package.objects.filter(lineage__contains=[made.id]).order_by("id"))
    assert [row.location.erp_code for row in new] == ["ST1", "WH1"]
    assert [one["id"] for one in client.get(path).context["beside"]["children"]] == [row.pk for row in new]
    child = client.get(f"/packages/{new[0].pk}/")
    assert child.context["beside"]["parents"] == [{"id": made.id, "number": made.number}]


def test_reservations_of_the_package_stand_on_its_screen(world):
    made = package(world, lines=(("SKU-A", 3),))
    [held] = signed_in().get(f"/packages/{made.id}/").context["reservations"]
    assert (held["sku"], held["location"], held["quantity"]) == ("SKU-A", "Location WH1", 3)


def test_a_reservation_is_moved_to_a_package_chosen_by_its_number(world):
    giver, poor, other = package(world), package(world), package(world)
    Package.objects.filter(pk__in=(poor.id, other.id)).update(state=920)
    Package.objects.filter(pk=other.id).update(location_id=world.locations["ST1"])
    client, path = signed_in(), f"/packages/{giver.id}/"
    slug = slug_of(client, path, "Move Reservation")
    field = field_of(client, path, slug, "to_package")
    assert (field.kind, field.options) == (
        "choice",
        ((str(poor.id), f"{poor.number}: SKU-A × 1, SKU-B × 1"),),
    )
    PackageItem.objects.filter(package_id=poor.id, product__sku="SKU-B").update(
        quantity=0, cancelled_quantity=1
    )
    assert field_of(client, path, slug, "to_package").options == (
        (str(poor.id), f"{poor.number}: SKU-A × 1"),
    )
    refused = client.post(f"{path}action/", {"slug": slug, "to_package": "999999"})
    assert refused.status_code == 400 and "Choose one of the options." in refused.content.decode()
    Package.objects.filter(pk=poor.id).update(state=100)
    assert (
        "No package at this location is Out of Stock" in client.get(f"{path}?action={slug}").content.decode()
    )


def test_a_long_choice_of_packages_says_that_it_is_cut_off(world, monkeypatch):
    monkeypatch.setattr(other_packages, "MOST", 2)
    giver, *poor = [package(world) for _ in range(4)]
    Package.objects.filter(pk__in=[one.id for one in poor[:1]]).update(state=920)
    client, path = signed_in(), f"/packages/{giver.id}/"
    slug = slug_of(client, path, "Move Reservation")
    assert "oldest" not in field_of(client, path, slug, "to_package").help
    Package.objects.filter(pk__in=[one.id for one in poor]).update(state=920)
    field = field_of(client, path, slug, "to_package")
    assert [value for value, _word in field.options] == [str(one.id) for one in poor[:2]]
    assert "The oldest 2 are shown." in field.help


def test_packages_of_the_order_that_can_go_together_are_ticked(world):
    first = package(world)
    second = Package.objects.get(pk=package(world).id)
    Package.objects.filter(pk=second.pk).update(order_id=Package.objects.get(pk=first.id).order_id)
    package(world)
    client, path = signed_in(), f"/packages/{first.id}/"
    field = field_of(client, path, "merge-from-waiting", "packages")
    assert (field.kind, [value for value, _word in field.options]) == ("checks", [str(second.pk)])
    client.post(f"{path}action/", {"slug": "merge-from-waiting", "packages": [str(second.pk)]})
    assert Package.objects.get(pk=second.pk).state == 900


def test_bulk_runs_on_the_chosen_packages_and_shows_the_outcome_of_each(world):
    one, two, other = package(world), package(world), package(world, state=500)
    client = signed_in()
    listed = client.get("/packages/?tab=waiting")
    offered = [choice.slug for choice in listed.context["bulk"]]
    assert "complete-packaging-from-waiting" in offered
    body = {"slug": "complete-packaging-from-waiting", "id": [one.id, two.id, other.id]}
    answer = client.post("/packages/bulk/", body)
    assert (answer.context["done"], answer.context["refused"]) == (2, 1)
    words = {row["record"].number: row["words"] for row in answer.context["outcomes"]}
    assert words[one.number] == "" and "this transition starts from" in words[other.number]
    client.cookies["ambar_language"] = "tr"
    turkish = client.post("/packages/bulk/", body).content.decode()
    assert "durumundan başlar." in turkish


def test_many_packages_become_a_bulk_action_whose_page_shows_progress_and_outcome(world):
    made = [package(world) for _ in range(3)]
    many = [one.id for one in made]
    for n in range(50):
        row = Package.objects.get(pk=made[0].id)
        row.pk, row.number = None, f"COPY-{n}"
        row.save()
        many.append(row.pk)
    client = signed_in()
    answer = client.post("/packages/bulk/", {"slug": "block-from-waiting", "id": many})
    action = BulkAction.objects.get()
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/bulk-actions/{action.pk}/")
    page = client.get(f"/bulk-actions/{action.pk}/")
    assert 'hx-trigger="every 1s"' in page.content.decode()
    stop = client.post(f"/bulk-actions/{action.pk}/turn/", {"to": "stop"})
    assert stop.status_code == 302
    assert BulkAction.objects.get().state == "cancelled"
    client.post(f"/bulk-actions/{action.pk}/turn/", {"to": "on"})
    Package.objects.filter(pk=made[1].id).update(state=500)
    work.run_loop(bulk.LOOP)
    page = client.get(f"/bulk-actions/{action.pk}/")
    assert "hx-trigger" not in page.content.decode().split('id="progress"')[1][:200]
    first = page.context["outcomes"][0]
    assert (first["number"], "this transition starts from" in first["words"]) == (made[1].number, True)
    assert (page.context["found"].done, page.context["found"].refused) == (52, 1)
    listed = client.get("/bulk-actions/").content.decode()
    assert "Block" in listed
    client.cookies["ambar_language"] = "tr"
    assert "durumundan başlar." in client.get(f"/bulk-actions/{action.pk}/").content.decode()


def test_what_asks_services_outside_is_carried_out_in_the_background(world):
    made = package(world)
    StateTransition.objects.filter(slug="complete-packaging-from-waiting").update(
        parameters={"remote_invoice_call": True}
    )
    client = signed_in()
    answer = client.post("/packages/bulk/", {"slug": "complete-packaging-from-waiting", "id": [made.id]})
    assert answer.headers["Location"].startswith("/bulk-actions/")


def test_replacing_and_preparing_ask_item_by_item(world):
    made = package(world, lines=(("SKU-A", 2), ("SKU-B", 3)))
    a, b = made.item_ids
    client = signed_in()
    path = f"/packages/{made.id}/"
    client.post(
        f"{path}action/",
        {"slug": "replace-product-waiting", f"replace:{a}": "SKU-B", "replaced_missing": [str(a)]},
    )
    assert PackageItem.objects.get(pk=a).product_id == world.products["SKU-B"]
    form = client.get(f"{path}?action=prepare-package").context["chosen"]
    assert "select_items_by_omnitron_id" not in [field.name for field in form.fields]
    answer = client.post(
        f"{path}action/",
        {
            "slug": "prepare-package",
            "missing_items": [str(b)],
            "reason": "not_found",
            f"barcodes:{a}": "111\n222",
        },
    )
    assert answer.status_code == 302, answer.context["chosen"]
    kept = Package.objects.get(state=200)
    assert kept.packageitem_set.get().extra_data == {"barcodes": ["111", "222"]}


def test_bulk_of_a_bound_person_leaves_others_packages_alone_and_names_none(world):
    other = package(world, at="ST1")
    client = signed_in("location_operator", location_ids=[world.locations["WH1"]])
    answer = client.post("/packages/bulk/", {"slug": "complete-packaging-from-waiting", "id": [other.id]})
    assert answer.context["outcomes"] == [] and Package.objects.get(pk=other.id).state == 100
    assert other.number not in answer.content.decode()


def test_a_transfer_is_walked_to_delivered_and_the_package_shows_it(world):
    made, _moves = waiting_package(world)
    client = signed_in()
    transfer = Transfer.objects.get(package_id=made.id)
    path = f"/transfers/{transfer.pk}/"
    assert [row["number"] for row in client.get(f"/packages/{made.id}/").context["transfers"]] == [
        transfer.number
    ]
    for word in ("Ready", "Dispatch", "Delivered"):
        slug = slug_of(client, path, word)
        answer = client.post(f"{path}action/", {"slug": slug})
        assert answer.status_code == 302, answer.context["chosen"]
    assert Transfer.objects.get(pk=transfer.pk).state == "transferred"
    assert Package.objects.get(pk=made.id).state == 100


def test_a_bound_person_sees_transfers_of_its_ends_only_and_runs_only_its_own_side(world):
    waiting_package(world)
    transfer = Transfer.objects.get()
    sender = signed_in("location_operator", location_ids=[world.locations["WH1"]])
    labels = [choice.label for choice in sender.get(f"/transfers/{transfer.pk}/").context["choices"]]
    assert labels and not any("Delivered" in label for label in labels)
    sender.logout()
    stranger = signed_in("location_operator", location_ids=[999])
    assert stranger.get(f"/transfers/{transfer.pk}/").status_code == 404
    assert stranger.get("/transfers/").context["listing"].rows == []


def test_the_list_of_transfers_costs_the_same_however_long_it_is(world):
    client = signed_in()
    waiting_package(world)
    client.get("/transfers/")
    states.forget()
    with CaptureQueriesContext(connection) as few:
        client.get("/transfers/")
    for _ in range(3):
        waiting_package(world)
    # On a machine that has much to do the names of the states may be asked for again meanwhile.
    states.forget()
    with CaptureQueriesContext(connection) as many:
        client.get("/transfers/")
    assert len(many) == len(few) <= 12
