"""Cancellations: what waits for a location, its two answers, what upstream was told, and the reasons."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.test import Client

from ambar.kit import accounts, clock
from ambar.oms.commands.actions.decide_cancellations import decide_cancellations
from ambar.oms.orders import cancellation_store
from ambar.oms.orders.domain.incoming import IncomingCancellationPlan, IncomingPlanItem
from ambar.oms.orders.models import (
    CancellationPlan,
    CancellationReason,
    CancellationRequest,
    Order,
    OrderItem,
)
from ambar.oms.packages.models import Package, PackageDenialReason
from tests.worlds.oms_records import T0, World, build, package

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None) -> World:
    return build()


def signed_in(role: str = "admin", **bounds: object) -> Client:
    client = Client()
    client.force_login(accounts.ensure_user(role, "a long password 1", [role], bounds))
    return client


def asked_to_cancel(package_id: int, *, pk: int = 1, quantity: int = 1) -> CancellationRequest:
    """A plan of upstream for the first item of the package, decided."""
    order = Order.objects.get(package__id=package_id)
    line = OrderItem.objects.filter(order=order).order_by("id")[0]
    cancellation_store.upsert_cancellation_plans(
        [
            IncomingCancellationPlan(
                source=order.source,
                upstream_id=pk,
                order_upstream_id=order.upstream_id,
                plan_type="cancel",
                status="waiting",
                upstream_modified_at=T0,
                items=(
                    IncomingPlanItem(
                        order_item=line.upstream_id, reason="changed mind", quantity=Decimal(quantity)
                    ),
                ),
            )
        ],
        now=T0,
    )
    decide_cancellations(limit=10, now=clock.now())
    return CancellationRequest.objects.get(plan__upstream_id=pk)


def packed(world: World, **given: object) -> int:
    made = package(world, **given)
    signed_in().post(f"/packages/{made.id}/action/", {"slug": "complete-packaging-from-waiting"})
    assert Package.objects.get(pk=made.id).state == 500
    return made.id


def decisions(client: Client, request_id: int) -> dict[str, str]:
    [(_package, choices)] = client.get(f"/cancellations/{request_id}/").context["decisions"]
    return {choice.command_code: choice.slug for choice in choices}


def test_what_waits_for_a_location_stands_first_and_is_confirmed_in_place(world):
    done = asked_to_cancel(package(world).id, pk=1)
    package_id = packed(world, lines=(("SKU-A", 1),))
    waiting = asked_to_cancel(package_id, pk=2)
    client = signed_in()
    assert [row["id"] for row in client.get("/cancellations/").context["listing"].rows] == [waiting.pk]
    every = client.get("/cancellations/?tab=all").context["listing"].rows
    assert [row["id"] for row in every] == [waiting.pk, done.pk]
    path = f"/cancellations/{waiting.pk}/"
    slug = decisions(client, waiting.pk)["CONFIRM_CANCELLATION"]
    answer = client.post(f"/packages/{package_id}/action/", {"slug": slug, "next": path})
    assert answer["Location"] == path
    assert Package.objects.get(pk=package_id).state == 900
    context = client.get(path).context
    assert context["decisions"] == [] and context["found"].status == "completed"
    assert [(str(part["look"].word), part["quantity"]) for part in context["parts"]] == [
        ("Taken off", Decimal(1))
    ]


def test_refusing_asks_why_and_upstream_is_told_the_reason(world):
    package_id = packed(world)
    waiting = asked_to_cancel(package_id)
    client = signed_in()
    slug = decisions(client, waiting.pk)["REFUSE_CANCELLATION"]
    body = {"slug": slug, "next": f"/cancellations/{waiting.pk}/"}
    assert client.post(f"/packages/{package_id}/action/", body).status_code == 400
    assert Package.objects.get(pk=package_id).state == 800
    client.post(f"/packages/{package_id}/action/", {**body, "reason": "The courier is at the door."})
    assert Package.objects.get(pk=package_id).state == 500
    plan = client.get(f"/cancellations/{waiting.pk}/").context["plan"]
    assert (plan.answer, plan.answer_reason) == ("rejected", "The courier is at the door.")
    assert "The courier is at the door." in client.get(f"/cancellations/plans/{plan.pk}/").content.decode()


def test_an_action_never_leads_to_another_site(world):
    made = package(world)
    body = {"slug": "complete-packaging-from-waiting", "next": "https://evil.example/"}
    answer = signed_in().post(f"/packages/{made.id}/action/", body)
    assert answer["Location"] == f"/packages/{made.id}/"


def test_other_locations_see_neither_request_nor_plan_nor_buttons(world):
    waiting = asked_to_cancel(packed(world, at="ST1"))
    stranger = signed_in("location_operator", location_ids=[world.locations["WH1"]])
    assert stranger.get("/cancellations/").context["listing"].rows == []
    for path in (f"/cancellations/{waiting.pk}/", f"/cancellations/plans/{waiting.plan_id}/"):
        assert stranger.get(path).status_code == 404
    stranger.logout()
    own = signed_in("location_operator", location_ids=[world.locations["ST1"]])
    assert set(decisions(own, waiting.pk)) == {"CONFIRM_CANCELLATION", "REFUSE_CANCELLATION"}


def test_an_answer_that_was_set_aside_is_told_once_more(world):
    request = asked_to_cancel(package(world).id)
    CancellationPlan.objects.update(answer_due_at=None, answer_error="status 409")
    client, path = signed_in(), f"/cancellations/plans/{request.plan_id}/"
    rows = client.get("/cancellations/plans/?answer=refused").context["listing"].rows
    assert [row["problem"] for row in rows] == ["status 409"]
    assert client.get(path).context["may_tell_again"] is True
    client.post(f"{path}tell-again/")
    assert CancellationPlan.objects.get().answer_due_at is not None
    again = client.post(f"{path}tell-again/", follow=True)
    assert [str(one) for one in again.context["messages"]][-1:] == ["No answer of this plan was set aside."]


def test_home_tells_of_waiting_cancellations(world):
    asked_to_cancel(packed(world))
    titles = [alert.title for alert in signed_in().get("/").context["alerts"]]
    assert "1 cancellation waits for its location" in titles


@pytest.mark.parametrize(
    ("kind", "model"), [("denial", PackageDenialReason), ("cancellation", CancellationReason)]
)
def test_reasons_are_added_changed_and_a_title_in_use_is_refused(world, kind, model):
    client = signed_in()
    client.post(f"/reasons/{kind}/new/", {"title": "Wet box", "is_active": "on"})
    made = model.objects.get()
    path = f"/reasons/{kind}/{made.pk}/"
    client.post(path, {"title": "Wet", "remote_id": "r-1"})
    made.refresh_from_db()
    assert (made.title, made.remote_id, made.is_active) == ("Wet", "r-1", False)
    twice = client.post(f"/reasons/{kind}/new/", {"title": "Wet"})
    field = next(one for one in twice.context["fields"] if one.name == "title")
    assert twice.status_code == 400 and "exists already" in field.errors[0]
    assert client.post(f"/reasons/{kind}/new/", {"title": "x" * 256}).status_code == 400
    assert "Wet" in client.get("/reasons/").content.decode()


def test_only_denial_reasons_can_be_deleted(world):
    client, now = signed_in(), clock.now()
    denial = PackageDenialReason.objects.create(title="A", created_at=now, modified_at=now)
    other = CancellationReason.objects.create(title="A", created_at=now, modified_at=now)
    assert client.post(f"/reasons/denial/{denial.pk}/delete/").status_code == 302
    assert client.post(f"/reasons/cancellation/{other.pk}/delete/").status_code == 404
    assert (PackageDenialReason.objects.count(), CancellationReason.objects.count()) == (0, 1)


def test_reasons_are_written_only_with_the_scope(world):
    client = signed_in("location_operator", location_ids=[world.locations["WH1"]])
    assert client.get("/reasons/").status_code == 200
    assert client.post("/reasons/denial/new/", {"title": "x"}).status_code == 403
    assert not PackageDenialReason.objects.exists()
    assert client.get("/reasons/nothing/new/").status_code == 404


def test_a_package_is_cancelled_with_a_reason_from_the_list(world):
    made, now = package(world), clock.now()
    reason = CancellationReason.objects.create(title="Water damage", created_at=now, modified_at=now)
    client, path = signed_in(), f"/packages/{made.id}/"
    chosen = client.get(f"{path}?action=cancel-from-waiting").context["chosen"]
    field = next(one for one in chosen.fields if one.name == "cancellation_reason")
    assert field.options == ((str(reason.pk), "Water damage"),)
    client.post(f"{path}action/", {"slug": "cancel-from-waiting", "cancellation_reason": str(reason.pk)})
    assert Package.objects.get(pk=made.id).state == 900


def test_reasons_of_upstream_are_asked_for_by_a_button_and_a_silent_upstream_is_told(db):
    client = Client()
    client.force_login(accounts.ensure_user("admin", "a long password 1", ["admin"]))
    assert 'action="/reasons/pull/"' in client.get("/reasons/").content.decode()
    answer = client.post("/reasons/pull/", follow=True)
    assert [str(message) for message in answer.context["messages"]] == [
        "OMNITRON_CLIENT_SETTINGS must be set first."
    ]
