"""Replays: what they reach, in which order, stopped and gone on with; hooks narrowed to scopes."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from ambar.kit import clock, outbox
from ambar.kit.accounts import Principal
from ambar.kit.accounts.models import User
from ambar.kit.outbox import shapes
from ambar.kit.outbox.actions import replay_events
from ambar.kit.outbox.domain.replay_fields import read_replay
from ambar.kit.outbox.models import Delivery, Event, Replay, ReplayState
from ambar.kit.refusals import Invalid
from tests.outbox_project.delivering import all_delivered, delivering, hook, record, rows
from tests.outbox_project.sink import Sink
from tests.worlds.waiting import until

pytestmark = pytest.mark.django_db(transaction=True)


def everybody() -> Principal:
    return Principal(user_id=1, username="admin", scopes=frozenset({"*"}))


def wanted(**fields: object) -> dict:
    return read_replay(fields, known_type=lambda name: name.startswith("parcel."), kinds=["parcel"])


def run(replay: Replay) -> Replay:
    while replay_events.run_slice(now=clock.now, replay_id=replay.pk):
        pass
    replay.refresh_from_db()
    return replay


def due() -> list[tuple[int, int]]:
    found = Delivery.objects.filter(state=0).order_by("id")
    return list(found.values_list("aggregate_id", "event__sequence"))


def delivered(sink: Sink) -> None:
    """Two records with three events each, one of another type, all delivered."""
    hook(sink.url)
    hook(sink.url, "parcel.lost")
    for parcel in (1, 2):
        for sequence in (1, 2, 3):
            record(parcel, sequence)
    record(1, 9, "parcel.lost")
    Delivery.objects.update(state=1, attempts=1, last_status=200, delivered_at=clock.now())


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"content_type": "parcel", "object_id": 1}, [(1, 1), (1, 2), (1, 3), (1, 9)]),
        ({"event_type": "parcel.lost"}, [(1, 9)]),
        ({"event_type": "parcel.moved", "object_id": 2, "content_type": "parcel"}, [(2, 1), (2, 2), (2, 3)]),
        ({"state": ["parked"]}, [(2, 3)]),
        ({"response_http_status": 500}, [(2, 3)]),
        ({"created_date__gte": "2026-03-01T00:00:00Z", "created_date__lt": "2026-03-02T00:00:00Z"}, [(2, 2)]),
        ({"created_date__gte": "2999-01-01"}, []),
    ],
)
def test_a_replay_reaches_what_was_asked_for_oldest_first(sink: Sink, fields: dict, expected: list) -> None:
    delivered(sink)
    Event.objects.filter(aggregate_id=2, sequence=2).update(created_at="2026-03-01T12:00:00Z")
    Delivery.objects.filter(aggregate_id=2, event__sequence=3).update(state=2, last_status=500)
    asked = wanted(**fields)
    assert replay_events.preview_replay(asked, principal=everybody()) == len(expected)
    made = replay_events.start_replay(asked, principal=everybody(), now=clock.now())
    found = run(made)
    assert due() == expected
    assert (found.state, found.total, found.done) == ("done", len(expected), len(expected))


def test_one_event_is_sent_again_with_the_same_bytes_and_uuid(sink: Sink) -> None:
    hook(sink.url)
    uuid = record(1, 1)
    with delivering():
        until(all_delivered)
        made = replay_events.start_replay(wanted(event=uuid.hex), principal=everybody(), now=clock.now())
        run(made)
        until(lambda: len(sink.received) == 2)
        until(all_delivered)
    assert sink.received[0].body == sink.received[1].body
    (told,) = shapes.replays([made])
    assert (told["delivered"], told["waiting"], told["parked"]) == (1, 0, 0)
    assert rows("select number, status from outbox_attempt order by number") == [(1, 200), (2, 200)]


def test_a_stopped_replay_makes_nothing_more_due_and_goes_on_where_it_was(
    sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay_events, "SLICE", 2)
    delivered(sink)
    made = replay_events.start_replay(
        wanted(event_type="parcel.moved"), principal=everybody(), now=clock.now()
    )
    assert replay_events.run_slice(now=clock.now) == 2
    replay_events.stop_replay(made.pk, now=clock.now())
    assert replay_events.run_slice(now=clock.now) == 0
    assert due() == [(1, 1), (1, 2)]
    replay_events.resume_replay(made.pk, now=clock.now())
    assert run(made).done == 6
    assert len(due()) == 6
    with pytest.raises(replay_events.ReplayIsOver):
        replay_events.stop_replay(made.pk, now=clock.now())


@pytest.mark.django_db
def test_a_worker_that_looks_for_replays_in_vain_asks_one_question(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_num_queries(1):
        assert replay_events.run_slice(now=clock.now) == 0


def test_no_more_is_made_due_while_enough_of_it_waits(sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay_events, "SLICE", 2)
    monkeypatch.setattr(replay_events, "UNDER_WAY", 2)
    delivered(sink)
    replay_events.start_replay(wanted(event_type="parcel.moved"), principal=everybody(), now=clock.now())
    assert replay_events.run_slice(now=clock.now) == 2
    assert replay_events.run_slice(now=clock.now) == 0
    Delivery.objects.filter(state=0).update(state=1)
    assert replay_events.run_slice(now=clock.now) == 2


def test_what_is_recorded_after_the_replay_was_asked_for_is_no_part_of_it(sink: Sink) -> None:
    delivered(sink)
    made = replay_events.start_replay(
        wanted(event_type="parcel.lost"), principal=everybody(), now=clock.now()
    )
    record(2, 10, "parcel.lost")
    assert run(made).done == 1
    assert Delivery.objects.filter(replay_id=made.pk).count() == 1


def test_somebody_replays_only_the_own_hooks(sink: Sink) -> None:
    delivered(sink)
    stranger = Principal(user_id=4711, username="x", scopes=frozenset({"hooks:write"}))
    asked = wanted(event_type="parcel.moved")
    assert replay_events.preview_replay(asked, principal=stranger) == 0
    owner = Principal(user_id=User.objects.get(username="integration").pk, username="integration")
    assert replay_events.preview_replay(asked, principal=owner) == 6
    with pytest.raises(Invalid) as refused:
        replay_events.preview_replay(wanted(webhook=1), principal=stranger)
    assert set(refused.value.fields) == {"webhook"}


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"non_field_errors"}),
        ([], {"non_field_errors"}),
        ({"evnt": 1}, {"evnt"}),
        ({"event": "x"}, {"event"}),
        ({"event_type": "order.created"}, {"event_type"}),
        ({"webhook": True}, {"webhook"}),
        ({"webhook": "99999999999999999999"}, {"webhook"}),
        ({"object_id": 3}, {"content_type"}),
        ({"content_type": "\x00"}, {"content_type"}),
        ({"content_type": "parcels", "object_id": 3}, {"content_type"}),
        ({"state": ["gone"]}, {"state"}),
        ({"created_date__gte": "yesterday"}, {"created_date__gte"}),
        ({"created_date__lt": "0001-01-01T00:00:00+14:00"}, {"created_date__lt"}),
        ({"response_http_status": 700}, {"response_http_status"}),
    ],
)
def test_a_wrong_wish_names_the_field(body: object, fields: set) -> None:
    with pytest.raises(Invalid) as refused:
        read_replay(body, known_type=lambda name: name.startswith("parcel."), kinds=["parcel"])
    assert set(refused.value.fields) == fields


def test_replays_are_listed_with_one_statement_for_their_figures(sink: Sink) -> None:
    delivered(sink)
    made = [
        replay_events.start_replay(wanted(event_type="parcel.moved"), principal=everybody(), now=clock.now())
        for _ in range(4)
    ]
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert len(shapes.replays(made)) == 4
    assert len(queries) == 1


def test_what_a_later_replay_sends_once_more_counts_there_and_is_told_here(sink: Sink) -> None:
    delivered(sink)
    first, second = (
        run(replay_events.start_replay(wanted(**asked), principal=everybody(), now=clock.now()))
        for asked in (
            {"event_type": "parcel.moved"},
            {"event_type": "parcel.moved", "content_type": "parcel", "object_id": 2},
        )
    )
    Delivery.objects.filter(aggregate_id=1, event__sequence=1).update(state=1)
    Delivery.objects.filter(aggregate_id=1, event__sequence=2).update(state=3)
    figures = ("done", "delivered", "waiting", "parked", "superseded", "counted_elsewhere")
    told = [tuple(row[name] for name in figures) for row in shapes.replays([first, second])]
    assert told == [(6, 1, 1, 0, 1, 3), (3, 0, 3, 0, 0, 0)]


def test_a_hook_narrowed_by_its_config_hears_only_of_what_carries_the_scope(sink: Sink) -> None:
    from ambar.kit.outbox.actions.save_hook import change_hook

    outbox.register_scope("channel")
    made = hook(sink.url)
    change_hook(made.pk, {"config": {"channel": [5, "6"]}}, now=clock.now())
    for parcel, scopes in ((1, "channel:5"), (2, "channel:6 region:1"), (3, "channel:55"), (4, "")):
        record(parcel, 1, scopes=scopes)
    assert [aggregate for aggregate, _ in due()] == [1, 2]
    change_hook(made.pk, {"config": {}}, now=clock.now())
    record(5, 1, scopes="channel:7")
    assert [aggregate for aggregate, _ in due()] == [1, 2, 5]
    for wrong in ("x", [], True, -1, [None]):
        with pytest.raises(Invalid) as refused:
            change_hook(made.pk, {"config": {"channel": wrong}}, now=clock.now())
        assert set(refused.value.fields) == {"config"}


def test_events_without_a_count_of_their_own_are_counted_by_the_clock_above_the_last_one() -> None:
    future = 10**17
    events = [
        outbox.Event(uuid=record_id, type="parcel.moved", kind="parcel", aggregate_id=1, sequence=sequence, payload={})
        for record_id, sequence in zip(map(_uuid, range(5)), (None, None, future, None, None), strict=True)
    ]  # fmt: skip
    for event in events[:3]:
        outbox.record([event], now=clock.now())
    outbox.record(events[3:], now=clock.now())
    counted = list(Event.objects.order_by("id").values_list("sequence", flat=True))
    assert counted == sorted(set(counted)) and counted[3] > future > counted[1] > 10**15


def _uuid(number: int):
    from uuid import UUID

    return UUID(int=number + 1)


def test_the_command_sends_again_follows_to_the_end_and_tells_what_came_of_it(sink: Sink) -> None:
    delivered(sink)
    out = io.StringIO()
    with delivering():
        call_command(
            "events", "replay", "--event-type", "parcel.moved", "--object", "parcel:2", "--json",
            stdout=out, stderr=io.StringIO(),
        )  # fmt: skip
    told = json.loads(out.getvalue())
    assert (told["state"], told["total"], told["done"], told["delivered"]) == ("done", 3, 3, 3)
    assert [one.payload["n"] for one in sink.received] == [1, 2, 3]


def test_the_command_previews_lists_stops_and_goes_on(sink: Sink) -> None:
    delivered(sink)
    out = io.StringIO()
    call_command("events", "replay", "--event-type", "parcel.moved", "--preview", stdout=out)
    assert out.getvalue().strip() == "6 deliveries would be sent again"
    assert Replay.objects.count() == 0
    made = replay_events.start_replay(
        wanted(event_type="parcel.moved"), principal=everybody(), now=clock.now()
    )
    call_command("events", "stop", str(made.pk), stdout=out)
    listed = io.StringIO()
    call_command("events", "replays", stdout=listed)
    assert f"{made.pk}  stopped  0 of 6" in listed.getvalue()
    with delivering():
        call_command("events", "resume", str(made.pk), stdout=out, stderr=io.StringIO())
    assert "done: 6 of 6 sent again, 6 delivered, 0 parked" in out.getvalue()
    with pytest.raises(CommandError, match="there is no replay 999"):
        call_command("events", "stop", "999")
    with pytest.raises(
        CommandError, match="Name at least one of --event, --event-type, --hook, --object, --since"
    ):
        call_command("events", "replay")
    with pytest.raises(CommandError, match="--since: "):
        call_command("events", "replay", "--since", "soon")


def test_the_command_refuses_a_record_it_can_not_read_and_says_when_nothing_fits(sink: Sink) -> None:
    delivered(sink)
    for text, why in (
        ("parcel", "--object: 'parcel' is no record such as parcel:17"),
        ("parcel:", "--object: 'parcel:' is no record such as parcel:17"),
        ("parcels:2", '--object: "parcels" is none of parcel'),
    ):
        with pytest.raises(CommandError, match=why) as refused:
            call_command("events", "replay", "--object", text)
        assert refused.value.returncode == 2
    out = io.StringIO()
    call_command("events", "replay", "--event", "0" * 31 + "1", stdout=out, stderr=io.StringIO())
    assert out.getvalue().strip() == "nothing fits: no delivery of an active hook is so"


def test_a_replay_that_was_over_before_it_was_interrupted_says_so(
    sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivered(sink)

    def run_to_the_end_and_be_interrupted(**given: Any) -> None:
        Replay.objects.update(state=ReplayState.DONE)
        raise KeyboardInterrupt

    monkeypatch.setattr(replay_events, "run_slice", run_to_the_end_and_be_interrupted)
    with pytest.raises(CommandError, match=r"all of replay \d+ is due; the worker delivers it") as ended:
        call_command("events", "replay", "--event-type", "parcel.moved", stderr=io.StringIO())
    assert ended.value.returncode == 130
