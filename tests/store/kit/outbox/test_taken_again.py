"""A received event that was set aside is seen with its reason and applied again, over REST and on the command line."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from uuid import UUID

import orjson
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from ambar.kit import accounts, clock
from ambar.kit.accounts.models import AuditEntry, User
from ambar.kit.outbox import inbox
from ambar.kit.outbox.actions import take_again
from ambar.kit.outbox.models import Inbox
from tests.outbox_project import receiving

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls("tests.outbox_project.hook_urls")]
NOW = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
STATES = ["preparing", "packed", "shipped"]
RECEIVED = "/api/v1/whisperer/received_events/"

accounts.register_role("hook tester", {"hooks:read", "hooks:write"}, "Hook tester")
accounts.register_role("hook overseer", {"*"}, "Hook overseer")


@pytest.fixture(autouse=True)
def tables(transactional_db) -> None:
    receiving.make_tables()
    with connection.cursor() as cursor:
        cursor.execute("truncate parcel, parcel_effect")


def envelope(sequence: int, *, poison: bool = False) -> inbox.Envelope:
    state = STATES[sequence - 1]
    payload = {"id": 7, "state": state, "poison": poison}
    return inbox.Envelope(
        uuid=UUID(int=sequence), type=f"parcel.{state}", aggregate="parcel:7", sequence=sequence, payload=payload,
        raw=orjson.dumps({"event": {"type": f"parcel.{state}", "uuid": ""}, "payload": payload}),
    )  # fmt: skip


def drain() -> None:
    while inbox.drain(receiving.apply, types=["parcel.*"], now=clock.now()):
        pass


def mend() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "update outbox_inbox set payload = replace(payload, '\"poison\":true', '\"poison\":false')"
        )


def test_its_loop_is_woken_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    woken: list[set[str]] = []
    monkeypatch.setattr(take_again, "soon", woken.append)
    monkeypatch.setattr(take_again, "loops_for", lambda types: set(types))
    inbox.store_one("oms:1", envelope(1, poison=True), now=NOW)
    drain()
    take_again.take_again(Inbox.objects.get())
    assert woken == [{"parcel.preparing"}]


def parcel() -> list[tuple[str, int]]:
    with connection.cursor() as cursor:
        cursor.execute("select state, sequence from parcel where id = 7")
        return cursor.fetchall()


def call(role: str, method: str, path: str = "") -> tuple[int, dict]:
    user, _ = User.objects.get_or_create(username=role, defaults={"password": "", "roles": [role]})
    key = accounts.issue_token(user, name="test")
    answer = Client().generic(method, RECEIVED + path, headers={"Authorization": f"Token {key}"})
    return answer.status_code, json.loads(answer.content)


def test_what_was_set_aside_is_seen_with_its_reason_and_applied_again_once() -> None:
    inbox.store("a", [envelope(1), envelope(2, poison=True)], now=NOW)
    drain()
    assert parcel() == [("preparing", 1)]
    _, listed = call(
        "hook overseer", "GET", "?state=parked&source=a&aggregate=parcel:7&event_type=PARCEL.PACKED"
    )
    (row,) = listed["results"]
    assert {name: row[name] for name in ("uuid", "event_type", "sequence", "state", "late", "reason", "due_date")} == {
        "uuid": UUID(int=2).hex, "event_type": "parcel.packed", "sequence": 2, "state": "parked", "late": False,
        "reason": "ValueError: poisoned", "due_date": None,
    }  # fmt: skip
    status, whole = call("hook overseer", "GET", f"{row['id']}/")
    assert (status, whole["request_payload"]["payload"]["state"]) == (200, "packed")

    status, told = call("hook overseer", "POST", f"{row['id']}/retry/")
    assert (status, told["state"], told["attempts"]) == (200, "waiting", 0)
    drain()
    assert Inbox.objects.get(pk=row["id"]).state == 2, "the cause is not mended yet"
    mend()
    assert call("hook overseer", "POST", f"{row['id']}/retry/")[0] == 200
    refused = (406, {"code": "inbox_100_1", "en": "The event is not set aside."})
    assert call("hook overseer", "POST", f"{row['id']}/retry/") == refused, "it waits"
    drain()
    assert parcel() == [("packed", 2)]
    assert call("hook overseer", "POST", f"{row['id']}/retry/") == refused, "it is applied"
    with connection.cursor() as cursor:
        cursor.execute("select sequence, late from parcel_effect order by n")
        assert cursor.fetchall() == [(1, False), (2, False)]
    assert AuditEntry.objects.filter(action="event.taken_again").count() == 2


def test_what_is_late_by_then_turns_nothing_back() -> None:
    inbox.store("a", [envelope(1), envelope(2, poison=True), envelope(3)], now=NOW)
    drain()
    mend()
    assert call("hook overseer", "POST", f"{Inbox.objects.get(state=2).pk}/retry/")[0] == 200
    drain()
    assert parcel() == [("shipped", 3)]
    assert [(row.sequence, row.late) for row in Inbox.objects.order_by("id")] == [
        (1, False),
        (2, True),
        (3, False),
    ]


def test_only_who_sees_the_hooks_of_all_sees_what_came() -> None:
    inbox.store("a", [envelope(1, poison=True)], now=NOW)
    drain()
    row = Inbox.objects.get()
    assert call("hook overseer", "GET")[1]["count"] == 1
    assert call("hook tester", "GET")[1]["count"] == 0
    for method, path in (("GET", f"{row.pk}/"), ("POST", f"{row.pk}/retry/")):
        status, told = call("hook tester", method, path)
        assert (status, told) == call("hook tester", method, path.replace(str(row.pk), "987654"))
        assert status == 404
    row.refresh_from_db()
    assert row.state == 2
    assert call("hook overseer", "GET", "?even_typ=x")[0] == 400
    assert call("hook overseer", "GET", "?uuid=x") == (400, {"uuid": ["Must be a UUID."]})


def test_the_command_lists_and_takes_again(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("events", "aside")
    assert capsys.readouterr().out == "no received event is set aside\n"
    inbox.store("a", [envelope(1, poison=True)], now=NOW)
    drain()
    number = Inbox.objects.get().pk
    call_command("events", "aside")
    assert capsys.readouterr().out == f"{number}  parcel.preparing  a  parcel:7  ValueError: poisoned\n"
    call_command("events", "aside", "--json")
    assert json.loads(capsys.readouterr().out)[0]["id"] == number
    mend()
    call_command("events", "take", str(number))
    assert capsys.readouterr().out == "parcel.preparing waits to be applied\n"
    for wrong, told in (
        (number, "The event is not set aside."),
        (987654, "there is no received event 987654"),
        (2**70, "there is no"),
    ):
        with pytest.raises(CommandError, match=told) as refused:
            call_command("events", "take", str(wrong))
        assert refused.value.returncode == 2
    drain()
    assert parcel() == [("preparing", 1)]
