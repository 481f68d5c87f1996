"""`oms_hook_events/`: publish an event of a record as it stands now, send an event again, the log."""

from __future__ import annotations

import json
from functools import partial
from typing import Any
from uuid import uuid4

import pytest

from ambar.kit import work
from ambar.kit.accounts.models import User
from ambar.kit.outbox.models import Delivery, Event, Hook
from ambar.oms.shipments.models import Shipment
from tests.worlds.callers import Caller, caller
from tests.worlds.oms_records import T0, World, build, events_of, package, take
from tests.worlds.oms_transfers import waiting_package

pytestmark = pytest.mark.django_db
PUBLISH, RESEND = "/oms_hook_events/publish-event/", "/oms_hook_events/resend-event/"


@pytest.fixture
def world(db: None) -> World:
    return build()


@pytest.fixture
def owner(world: World) -> Caller:
    return caller("integration")


def hook(
    event_type: str, url: str = "https://93.184.216.34/in/", *, user: str = "integration", **columns: Any
) -> Hook:
    return Hook.objects.create(
        user=User.objects.get(username=user), target_url=url, event_type=event_type,
        retry_countdown_config={"choice": "fixed", "kwargs": {"seconds": 1}}, created_at=T0, modified_at=T0, **columns,
    )  # fmt: skip


def publish(owner: Caller, made: Hook, model: str, pk: int) -> Any:
    return owner.post(PUBLISH, {"hook": made.pk, "instance": {"pk": pk, "model": model}})


def test_a_package_is_published_to_one_hook_with_the_next_sequence(world: World, owner: Caller) -> None:
    made, _other = (
        hook("package.status.packed"),
        hook("package.status.packed", "https://93.184.216.34/other/"),
    )
    target = package(world)
    before = events_of(target.id)[-1][1]
    answer = publish(owner, made, "package", target.id)
    assert answer.status_code == 202
    (delivery,) = Delivery.objects.select_related("event")
    assert answer.json() == {
        "id": delivery.pk, "uuid": delivery.event.uuid.hex, "event_type": "package.status.packed",
    }  # fmt: skip
    assert (delivery.hook_id, delivery.event.sequence) == (made.pk, before + 1)
    sent = json.loads(delivery.event.payload)
    assert (sent["id"], sent["sequence"], sent["state"]["enum_value"]) == (target.id, before + 1, "100")


def test_every_kind_of_record_can_be_published(world: World, owner: Caller) -> None:
    parcel, order = package(world), take(world)
    planner = caller("planner")
    for body in (
        {"slug": "complete-packaging-from-waiting"},
        {"slug": "shipment-order", "tracking_number": "T"},
    ):
        assert planner.post(f"/packages/{parcel.id}/command/", body).status_code == 204
    _, (transfer,) = waiting_package(world)
    for event_type, model, pk in (
        ("shipment.created", "shipment", Shipment.objects.get().pk),
        ("transfer.status.transitioned", "transfer", transfer.id),
        ("order.updated", "order", order),
        ("stock_location.updated", "stock_location", world.locations["WH1"]),
    ):
        made = hook(event_type)
        assert publish(owner, made, model, pk).status_code == 202, event_type
        event = Event.objects.filter(deliveries__hook_id=made.pk).latest("id")
        assert (event.kind, event.aggregate_id, json.loads(event.payload)["id"]) == (model, pk, pk)


@pytest.mark.parametrize(
    ("event_type", "model", "pk", "columns", "field"),
    [
        ("package.created", "order", None, {}, "instance"),
        ("package.created", "nothing", None, {}, "instance"),
        ("package.created", "package", 987654321, {}, "instance"),
        ("package.created", "package", None, {"is_active": False}, "hook"),
        ("package.created", "package", None, {"scopes": ["channel:987654321"]}, "instance"),
    ],
)
def test_what_can_not_be_published_is_refused_and_leaves_nothing(
    world: World, owner: Caller, event_type: str, model: str, pk: int | None, columns: dict, field: str
) -> None:
    target, made = package(world), hook(event_type, **columns)
    before = events_of(target.id)
    answer = publish(owner, made, model, pk or target.id)
    assert answer.status_code == 400 and set(answer.json()) == {field}
    assert events_of(target.id) == before and not Delivery.objects.exists()


def test_somebody_else_s_hook_can_not_be_published_to(world: World, owner: Caller) -> None:
    caller("integration", username="stranger")
    made = hook("package.created", user="stranger")
    answer = publish(owner, made, "package", package(world).id)
    missing = owner.post(PUBLISH, {"hook": 987654321, "instance": {"pk": 1, "model": "package"}})
    assert (answer.status_code, missing.status_code) == (400, 400)
    assert answer.content == missing.content.replace(b"987654321", str(made.pk).encode())
    assert owner.post(PUBLISH, {"hook": made.pk}).status_code == 400
    assert caller("planner").post(PUBLISH, {"hook": made.pk}).status_code == 403


def test_an_event_is_sent_again_though_it_was_delivered(world: World, owner: Caller) -> None:
    hook("package.created")
    package(world)
    Delivery.objects.update(state=1, attempts=1)
    event = Event.objects.get(type="package.created")
    answer = owner.post(RESEND, {"event": event.uuid.hex})
    assert (answer.status_code, answer.json()["total"]) == (202, 1)
    work.run_loop("outbox_replays")
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.attempts, delivery.event_id) == (0, 1, event.pk)
    assert delivery.replay_id == answer.json()["replay"]


def test_an_unknown_event_and_a_wrong_uuid_are_told_apart(owner: Caller) -> None:
    assert owner.post(RESEND, {"event": uuid4().hex}).status_code == 404
    wrong = owner.post(RESEND, {"event": "no"})
    assert wrong.status_code == 400 and set(wrong.json()) == {"event"}


def test_an_event_whose_hooks_are_all_off_is_told_from_an_unknown_one(world: World, owner: Caller) -> None:
    hook("package.created", is_active=True)
    package(world)
    Hook.objects.update(is_active=False)
    event = Event.objects.get(type="package.created")
    answer = owner.post(RESEND, {"event": event.uuid.hex})
    assert (answer.status_code, answer.json()) == (
        400, {"event": ["Every hook that had this event is switched off."]}
    )  # fmt: skip
    assert (
        caller("integration", username="stranger").post(RESEND, {"event": event.uuid.hex}).status_code == 404
    )


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"hook": True, "instance": {"pk": 1, "model": "package"}}, "hook"),
        ({"hook": 1, "instance": {"pk": True, "model": "package"}}, "instance.pk"),
    ],
)
def test_a_flag_is_no_id(owner: Caller, body: dict, field: str) -> None:
    answer = owner.post(PUBLISH, body)
    assert (answer.status_code, answer.json()) == (400, {field: ["A valid integer is required."]})


def test_the_log_is_that_of_the_hooks_resource(world: World, owner: Caller) -> None:
    hook("package.created")
    made = package(world)
    listed = owner.get("/oms_hook_events/").json()
    assert (listed["count"], listed["results"][0]["object_id"]) == (1, str(made.id))
    whisperer = owner.client.get("/api/v1/whisperer/hook_events/", headers=owner.headers).json()
    assert whisperer["results"] == listed["results"]
    key = listed["results"][0]["uuid"]
    assert owner.get(f"/oms_hook_events/{key}/").json() == listed["results"][0]
    assert caller("integration", username="other").get("/oms_hook_events/").json()["results"] == []


def test_a_hook_that_could_never_fire_is_refused(owner: Caller) -> None:
    """Locations belong to no channel: their events carry none that a hook could be narrowed to."""
    body = {
        "target_url": "https://93.184.216.34/in/",
        "event_type": "stock_location.updated",
        "retry_countdown_config": {"choice": "fixed", "kwargs": {"seconds": 1}},
        "config": {"channel": 3},
    }

    def made(**fields: Any) -> Any:
        path = "/api/v1/whisperer/hooks/"
        return owner.client.post(path, {**body, **fields}, "application/json", headers=owner.headers)

    refused = made()
    assert (refused.status_code, list(refused.json()["config"])) == (400, ["channel"])
    assert made(event_type="package.created").status_code == 201
    assert made(config={}).status_code == 201


def test_a_hook_that_never_fires_and_is_there_already_can_be_switched_off(owner: Caller) -> None:
    made = hook("stock_location.updated", config={"channel": 3}, scopes=["channel:3"])
    path, headers = f"/api/v1/whisperer/hooks/{made.pk}/", owner.headers
    send = partial(owner.client.patch, path, content_type="application/json", headers=headers)
    assert send({"is_active": False}).json()["is_active"] is False
    assert send({"config": {"channel": 4}}).status_code == 400
