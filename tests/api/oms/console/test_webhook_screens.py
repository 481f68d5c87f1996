"""*Webhooks*: registry, form, on and off, a new secret, parked lanes as a work queue, replays with progress."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ambar.kit import accounts, clock, vault, work
from ambar.kit.accounts.models import AuditEntry, User
from ambar.kit.outbox.models import Delivery, EndpointHealth, Hook, Inbox, Replay
from tests.api.oms.console.test_oms_screens import signed_in
from tests.worlds.oms_records import T0, World, build, package

pytestmark = pytest.mark.django_db
FORM = {
    "target_url": "https://93.184.216.34/in/",
    "event_type": "package.created",
    "secret_key": "a secret of mine",
    "retry_countdown_config": '{"choice": "fixed", "kwargs": {"seconds": 5}}',
    "additional_headers": '{"Authorization": "Token abcdefgh1234"}',
    "config": "{}",
}


@pytest.fixture
def world(db: None) -> World:
    return build()


@pytest.fixture
def admin(world: World) -> Client:
    return signed_in("admin")


def hook(event_type: str = "package.created", *, username: str = "admin", **columns: Any) -> Hook:
    values = {"target_url": "https://93.184.216.34/in/", "created_at": T0, "modified_at": T0, **columns}
    return Hook.objects.create(
        user=User.objects.get(username=username), event_type=event_type,
        retry_countdown_config={"choice": "fixed", "kwargs": {"seconds": 5}}, **values,
    )  # fmt: skip


def words(answer: Any) -> str:
    return answer.content.decode()


def test_a_hook_is_made_with_the_form_and_its_secrets_never_come_back(admin: Client) -> None:
    assert admin.get("/webhooks/new/?type=package.created").status_code == 200
    answer = admin.post("/webhooks/new/", FORM)
    made = Hook.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/webhooks/{made.pk}/")
    assert vault.open(made.secret_sealed or "") == "a secret of mine"
    shown = words(admin.get(f"/webhooks/{made.pk}/"))
    assert "a secret of mine" not in shown and "abcdefgh1234" not in shown and "****1234" in shown
    assert AuditEntry.objects.filter(action="hook.created", object_id=made.pk).count() == 1


def test_saving_the_form_as_it_is_shown_changes_no_secret(admin: Client) -> None:
    admin.post("/webhooks/new/", FORM)
    made = Hook.objects.get()
    shown = {
        **FORM,
        "secret_key": "********",
        "additional_headers": '{"Authorization": "****1234"}',
        "target_url": "https://93.184.216.34/other/",
    }
    assert admin.post(f"/webhooks/{made.pk}/", shown).status_code == 302
    changed = Hook.objects.get()
    assert changed.target_url.endswith("/other/")
    assert vault.open(changed.secret_sealed or "") == "a secret of mine"
    assert vault.open(changed.additional_headers["Authorization"]) == "Token abcdefgh1234"


def test_the_form_sends_nobodys_stored_credentials_to_another_address(admin: Client) -> None:
    admin.post("/webhooks/new/", FORM)
    made = Hook.objects.get()
    other = Client()
    other.force_login(accounts.ensure_user("other admin", "a long password 1", ["admin"], {}))
    shown = {**FORM, "secret_key": "********", "additional_headers": '{"Authorization": "****1234"}'}
    answer = other.post(f"/webhooks/{made.pk}/", {**shown, "target_url": "https://93.184.216.35/in/"})
    assert answer.status_code == 400 and "Only its owner may send this hook" in words(answer)
    assert Hook.objects.get().target_url == FORM["target_url"]
    assert other.post(f"/webhooks/{made.pk}/", shown).status_code == 302


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"target_url": "http://127.0.0.1/"}, "loopback"),
        ({"config": "{"}, "This is not valid JSON."),
        ({"retry_countdown_config": '{"choice": "often"}'}, "kwargs: This field is required."),
        ({"config": '{"channel": "x"}'}, "Expected an id or a list of ids."),
        ({"config": '{"rate_per_second": 0}'}, "Expected a number above 0"),
        (
            {"config": '{"chanel": 5}'},
            "config.chanel is not known. Known: auth, channel, collapse, rate_per_second.",
        ),
        ({"additional_headers": '{"webhook-id": "x"}'}, "is set by the sender"),
    ],
)
def test_a_wrong_field_is_told_beside_it_and_nothing_is_saved(admin: Client, change: dict, told: str) -> None:
    answer = admin.post("/webhooks/new/", {**FORM, **change})
    assert answer.status_code == 400 and told in words(answer)
    assert "a secret of mine" not in words(answer)
    assert not Hook.objects.exists()


def test_the_same_hook_twice_is_refused_with_words(admin: Client) -> None:
    admin.post("/webhooks/new/", FORM)
    answer = admin.post("/webhooks/new/", FORM)
    assert answer.status_code == 409 and "already registered" in words(answer)


def test_a_hook_is_switched_off_and_on(admin: Client) -> None:
    made = hook()
    for to, active in (("off", False), ("on", True)):
        assert admin.post(f"/webhooks/{made.pk}/switch/", {"to": to}).status_code == 302
        assert Hook.objects.get().is_active is active


def test_a_secret_in_the_path_of_an_address_is_shown_to_its_owner_only_and_not_found_by_others(
    admin: Client, world: World
) -> None:
    canary = "canary-7f3a9c-0000"
    accounts.ensure_user("another", "a long password", roles=["admin"])
    made = hook(username="another", target_url=f"https://93.184.216.34/services/{canary}/in/")
    package(world)
    Delivery.objects.update(state=2, last_error="HTTP 422")
    pages = ("", f"{made.pk}/", f"log/{Delivery.objects.get().pk}/", "parked/", "log/")
    told = [words(admin.get(f"/webhooks/{page}")) for page in pages]
    assert canary not in "".join(told)
    assert all("https://93.184.216.34/services/****0000/in/" in one for one in told[:3])

    def found(text: str) -> bool:
        return "services/****0000" in words(admin.get("/webhooks/", {"q": text}))

    assert found("93.184.216.34/SERVICES") and found("services/****0000/in")
    assert not found(canary) and not found("services/c")
    form = {**FORM, "secret_key": "", "target_url": "https://93.184.216.34/services/****0000/v2/"}
    assert admin.post(f"/webhooks/{made.pk}/", form).status_code == 302
    assert Hook.objects.get().target_url == f"https://93.184.216.34/services/{canary}/v2/"


def test_a_new_secret_is_shown_once_and_overlaps_with_the_old_one(admin: Client) -> None:
    admin.post("/webhooks/new/", FORM)
    made = Hook.objects.get()
    shown = words(admin.post(f"/webhooks/{made.pk}/rotate/"))
    rotated = Hook.objects.get()
    fresh = vault.open(rotated.secret_sealed or "")
    assert fresh in shown and fresh not in words(admin.get(f"/webhooks/{made.pk}/"))
    assert vault.open(rotated.previous_secret_sealed or "") == "a secret of mine"


def test_values_in_the_query_of_an_address_are_shown_to_its_owner_only(admin: Client, world: World) -> None:
    canary = "canary-of-a-brand"
    accounts.ensure_user("another", "a long password", roles=["admin"])
    made = hook(username="another", target_url=f"https://93.184.216.34/in/?api_key={canary}&shop=7")
    listed, form = words(admin.get("/webhooks/")), words(admin.get(f"/webhooks/{made.pk}/"))
    package(world)
    Delivery.objects.update(state=2, last_error="HTTP 422")
    sent = words(admin.get(f"/webhooks/log/{Delivery.objects.get().pk}/"))
    assert "https://93.184.216.34/in/?api_key=****rand&amp;shop=****" in sent
    lanes = words(admin.get("/webhooks/parked/")) + words(admin.get("/webhooks/log/"))
    assert canary not in listed + form + sent + lanes
    assert "https://93.184.216.34/in/?api_key=****rand&amp;shop=****" in listed
    assert 'value="https://93.184.216.34/in/?api_key=****rand&amp;shop=****"' in form
    assert "Masked parts keep what is stored." in form

    def found(text: str) -> bool:
        return "api_key=****rand" in words(admin.get("/webhooks/", {"q": text}))

    assert found("93.184.216.34/IN") and found("package.created")
    assert not found(canary) and not found("api_key=canary")

    kept = {**FORM, "secret_key": "", "target_url": "https://93.184.216.34/in/?api_key=****rand&shop=****"}
    assert admin.post(f"/webhooks/{made.pk}/", {**kept, "config": '{"collapse": true}'}).status_code == 302
    row = Hook.objects.get()
    assert row.config == {"collapse": True}
    assert row.target_url == f"https://93.184.216.34/in/?api_key={canary}&shop=7"
    elsewhere = {
        **kept,
        "target_url": "https://93.184.216.35/in/?api_key=****rand",
        "additional_headers": "{}",
    }
    refused = admin.post(f"/webhooks/{made.pk}/", elsewhere)
    assert refused.status_code == 400 and "The value of api_key is masked" in words(refused)
    admin.cookies["ambar_language"] = "tr"
    assert "api_key değeri maskeli: değerin kendisini yazın." in words(
        admin.post(f"/webhooks/{made.pk}/", elsewhere)
    )
    admin.cookies["ambar_language"] = "en"

    own = hook(target_url="https://93.184.216.34/mine/?api_key=of-the-reader")
    assert 'value="https://93.184.216.34/mine/?api_key=of-the-reader"' in words(
        admin.get(f"/webhooks/{own.pk}/")
    )
    assert "/mine/?api_key=of-the-reader" in words(admin.get("/webhooks/", {"q": "of-the-reader"}))
    told = " ".join(str(one) for one in AuditEntry.objects.values_list("detail", flat=True))
    assert canary not in told


def test_a_sixth_new_secret_within_a_day_is_refused_with_when_there_is_room(admin: Client) -> None:
    admin.post("/webhooks/new/", FORM)
    made = Hook.objects.get()
    for _ in range(5):
        assert admin.post(f"/webhooks/{made.pk}/rotate/").status_code == 200
    shown = words(admin.get(f"/webhooks/{made.pk}/"))
    assert "Events are signed with the new secret and the 5 before it, which end: <time " in shown
    assert shown.count(">in 23 h</time>") == 5
    before = Hook.objects.get().secret_sealed
    told = words(admin.post(f"/webhooks/{made.pk}/rotate/", follow=True))
    assert "5 secrets were replaced within 24 hours and sign still. There is room for another from " in told
    assert Hook.objects.get().secret_sealed == before
    admin.cookies["ambar_language"] = "tr"
    assert "Olaylar yeni anahtarla ve ondan önceki 5 anahtarla imzalanır; bunların bitişi:" in words(
        admin.get(f"/webhooks/{made.pk}/")
    )


def test_the_registry_tells_what_there_is_and_who_listens(admin: Client) -> None:
    hook()
    shown = words(admin.get("/webhooks/types/"))
    assert "stock_location.updated" in shown and "order.planned" in shown
    assert "/webhooks/new/?type=package.created" in shown


def test_a_paused_endpoint_is_a_notice_and_is_asked_at_once(admin: Client) -> None:
    made = hook()
    ill = EndpointHealth.objects.create(
        origin="https://93.184.216.34", failing_since=clock.now() - timedelta(days=2), paused_at=clock.now(),
        failures=99, last_status=503, last_error="HTTP 503", modified_at=clock.now(),
    )  # fmt: skip
    shown = words(admin.get("/webhooks/"))
    assert "It is paused" in shown and "https://93.184.216.34" in shown
    assert "Paused" in words(admin.get(f"/webhooks/{made.pk}/"))
    assert admin.post(f"/webhooks/endpoints/{ill.pk}/ask/").status_code == 302
    ill.refresh_from_db()
    assert ill.paused_at is None and ill.asked_at is not None
    assert admin.post("/webhooks/endpoints/987654/ask/").status_code == 404


def test_a_refused_token_is_a_notice(admin: Client, world: World) -> None:
    made = hook()
    package(world)
    Delivery.objects.update(last_status=401, attempts=1)
    assert f"package.created · {made.pk}" in words(admin.get("/webhooks/"))


def test_parked_lanes_are_a_queue_freed_one_by_one_or_hook_by_hook(admin: Client, world: World) -> None:
    hook("package.created")
    hook("package.status.transitioned")
    for _ in range(3):
        made = package(world)
        admin.post(f"/packages/{made.id}/action/", {})
    Delivery.objects.update(state=2, attempts=18, last_error="HTTP 422")
    first, second, _third = Delivery.objects.order_by("id")
    shown = words(admin.get("/webhooks/parked/"))
    assert shown.count("HTTP 422") == 3
    answer = admin.post(f"/webhooks/log/{first.pk}/resend/", {"back": "parked"})
    assert answer["Location"] == "/webhooks/parked/"
    first.refresh_from_db()
    assert first.state == 0
    answer = admin.post("/webhooks/parked/free/", {"hook": second.hook_id})
    work.run_loop("outbox_replays")
    assert answer["Location"] == f"/webhooks/replays/{Replay.objects.get().pk}/"
    assert not Delivery.objects.filter(state=2).exists()


def test_a_replay_is_counted_first_then_run_stopped_and_gone_on_with(admin: Client, world: World) -> None:
    made = hook()
    package(world)
    Delivery.objects.update(state=1, attempts=1)
    counted = admin.post("/webhooks/replays/new/", {"webhook": made.pk, "count": "1"})
    assert "1 delivery would be sent again." in words(counted) and not Replay.objects.exists()
    answer = admin.post("/webhooks/replays/new/", {"webhook": made.pk, "state": ["delivered"]})
    replay = Replay.objects.get()
    assert answer["Location"] == f"/webhooks/replays/{replay.pk}/"
    page = words(admin.get(f"/webhooks/replays/{replay.pk}/"))
    assert 'hx-trigger="every 1s"' in page and "0 of 1 sent again" in page
    for to, state in (("stop", "stopped"), ("on", "running")):
        admin.post(f"/webhooks/replays/{replay.pk}/turn/", {"to": to})
        assert Replay.objects.get().state == state
    work.run_loop("outbox_replays")
    assert "1 of 1 sent again" in words(admin.get(f"/webhooks/replays/{replay.pk}/"))
    assert Delivery.objects.get().state == 0
    assert "Delivered" in words(admin.get("/webhooks/replays/"))


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({}, "Fill in at least one field."),
        ({"event": "x"}, "Must be a UUID."),
        ({"object_id": "4"}, "An object_id needs the content_type"),
        ({"created_date__gte": "yesterday"}, "Expected an ISO 8601 date and time."),
        ({"webhook": "987654"}, "There is no active hook of this id."),
    ],
)
def test_a_replay_that_can_not_be_read_is_told(admin: Client, form: dict, told: str) -> None:
    answer = admin.post("/webhooks/replays/new/", form)
    assert answer.status_code == 400 and told in words(answer)
    assert not Replay.objects.exists()


def test_a_received_event_that_was_set_aside_is_shown_with_its_reason_and_applied_again(
    admin: Client,
) -> None:
    shown = words(admin.get("/webhooks/aside/"))
    assert "Nothing is set aside." in shown
    made = Inbox.objects.create(
        source="seller_center", uuid=uuid4(), type="order.created", aggregate="order:7", state=2, reason="ValueError: broken",
        payload="{}", due_at=T0, received_at=T0,
    )  # fmt: skip
    shown = words(admin.get("/webhooks/aside/"))
    assert (
        "ValueError: broken" in shown and "order:7" in shown and f"/webhooks/aside/{made.pk}/take/" in shown
    )
    integration = signed_in("integration")
    assert "ValueError: broken" not in words(integration.get("/webhooks/aside/"))
    assert integration.post(f"/webhooks/aside/{made.pk}/take/").status_code == 404
    made.refresh_from_db()
    assert made.state == 2
    told = words(admin.post(f"/webhooks/aside/{made.pk}/take/", follow=True))
    assert "It is applied again now." in told and "Nothing is set aside." in told
    made.refresh_from_db()
    assert made.state == 0
    admin.cookies["ambar_language"] = "tr"
    again = words(admin.post(f"/webhooks/aside/{made.pk}/take/", follow=True))
    assert "Olay kenara alınmış değil." in again and "Gelen, kenara alınan" in again
    admin.cookies["ambar_language"] = "en"
    assert AuditEntry.objects.get(action="event.taken_again").object_id == made.pk


def test_replays_and_other_tries_are_refused_in_turkish_on_turkish_screens(
    admin: Client, world: World
) -> None:
    admin.cookies["ambar_language"] = "tr"
    for form, told in (
        ({"event": "x"}, "Bir UUID olmalı."),
        ({"object_id": "4"}, "Kayıt kimliği için kayıt türü de gerekir, örneğin package."),
        ({"created_date__gte": "dün"}, "ISO 8601 biçiminde tarih ve saat bekleniyor."),
        ({"webhook": "987654"}, "Bu numarada etkin bir kanca yok."),
        ({"content_type": "paket"}, "&quot;paket&quot; şunlardan biri değil: "),
    ):
        assert told in words(admin.post("/webhooks/replays/new/", form))
    lost = admin.post("/webhooks/parked/free/", {"hook": "987654"}, follow=True)
    assert "Bu numarada etkin bir kanca yok." in words(lost)
    made = hook()
    package(world)
    resend = f"/webhooks/log/{Delivery.objects.get().pk}/resend/"
    admin.post(f"/webhooks/{made.pk}/switch/", {"to": "off"}, follow=True)
    off = words(admin.post(resend, follow=True))
    assert "Kancası açılınca yeniden gönderilecek." in off
    Delivery.objects.update(state=1)
    assert "Olay zaten teslim edilmiş" in words(admin.post(resend, follow=True))
    admin.cookies["ambar_language"] = "en"


def test_people_see_their_own_hooks_only_and_readers_change_nothing(admin: Client, world: World) -> None:
    theirs = hook()
    package(world)
    integration = signed_in("integration")
    delivery = Delivery.objects.get()
    paths = (f"/webhooks/{theirs.pk}/", f"/webhooks/log/{delivery.pk}/")
    assert [integration.get(path).status_code for path in paths] == [404, 404]
    assert "93.184.216.34" not in words(integration.get("/webhooks/"))
    assert "package.created" not in words(integration.get("/webhooks/log/"))
    for path in ("switch/", "rotate/"):
        assert integration.post(f"/webhooks/{theirs.pk}/{path}").status_code == 404
    accounts.register_role("hook reader", {"hooks:read"}, "Hook reader")
    reader = signed_in("hook reader")
    assert "New hook" not in words(reader.get("/webhooks/"))
    assert reader.get("/webhooks/new/").status_code == 403
    assert reader.post("/webhooks/replays/new/", {"webhook": theirs.pk}).status_code == 403


def test_the_work_queue_costs_one_statement_however_long_it_is(admin: Client, world: World) -> None:
    hook()
    counts = []
    for _ in range(2):
        for _ in range(4):
            package(world)
        Delivery.objects.update(state=2)
        with CaptureQueriesContext(connection) as captured:
            assert admin.get("/webhooks/parked/").status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_a_hook_whose_address_takes_no_events_is_told_from_one_whose_token_is_refused(
    admin: Client, world: World
) -> None:
    astray, refused = (
        hook(target_url="https://93.184.216.34/a/very/long/way/to/nowhere/"),
        hook(target_url="https://93.184.216.35/in/"),
    )
    package(world)
    Delivery.objects.filter(hook=astray).update(last_status=404)
    Delivery.objects.filter(hook=refused).update(last_status=401)
    shown = words(admin.get("/webhooks/"))
    assert shown.count("nothing takes events at its address (404 or 405)") == 1
    assert shown.count("its token or secret is refused (401 or 403)") == 1
    assert f"package.created · {astray.pk}</a>: nothing takes events" in shown
    # The end of a path is what tells addresses of one system apart.
    assert (
        '<span title="https://93.184.216.34/a/very/long/way/to/nowhere/">93.184.216.34/…/long/way/to/nowhere/</span>'
        in shown
    )


def test_the_log_names_records_in_the_readers_language(admin: Client, world: World) -> None:
    hook()
    made = package(world)
    assert f"package\N{NO-BREAK SPACE}{made.id}" in words(admin.get("/webhooks/log/"))
    admin.cookies["ambar_language"] = "tr"
    assert f"paket\N{NO-BREAK SPACE}{made.id}" in words(admin.get("/webhooks/log/"))
