"""Events recorded together: one statement at the end, in order; nothing of a block that failed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Thread
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from ambar.kit import outbox
from ambar.kit.accounts.models import User
from ambar.kit.outbox import events
from ambar.kit.outbox.models import Delivery, Hook
from ambar.kit.rest.answers import dumps
from tests.outbox_project.delivering import moved

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)


def record(sequence, now=NOW):
    outbox.record([moved(1, sequence)], now=now)


def stored():
    with connection.cursor() as cursor:
        cursor.execute("select sequence, created_at from outbox_event order by id")
        return cursor.fetchall()


def heard(*types):
    with connection.cursor() as cursor:
        cursor.execute(f"select {outbox.HEARD}", [list(types)])
        return cursor.fetchone()[0]


def test_they_are_stored_at_the_end_in_one_statement_and_in_order():
    with CaptureQueriesContext(connection) as seen, outbox.together():
        for sequence in (1, 2, 3):
            record(sequence)
        with outbox.together():
            record(4)
        assert seen.captured_queries == []
    assert len(seen) == 1
    assert [row[0] for row in stored()] == [1, 2, 3, 4]


def test_much_is_stored_in_several_statements_and_still_in_order(monkeypatch):
    two = 2 * len(dumps(moved(1, 1).payload))
    monkeypatch.setattr(events, "LARGEST", two + 1)  # of three the third stands in the next statement
    with CaptureQueriesContext(connection) as seen, outbox.together():
        for sequence in (1, 2, 3, 4, 5):
            record(sequence)
    assert len(seen) == 3
    assert [row[0] for row in stored()] == [1, 2, 3, 4, 5]


def test_each_keeps_its_own_moment():
    later = NOW + timedelta(seconds=5)
    with outbox.together():
        record(1)
        record(2, now=later)
    assert stored() == [(1, NOW), (2, later)]


def test_nothing_of_a_block_that_failed_is_stored_and_the_next_one_is_whole():
    with pytest.raises(KeyError), outbox.together():
        record(1)
        raise KeyError
    assert stored() == []
    record(2)
    assert [row[0] for row in stored()] == [2]


def test_the_same_uuid_again_is_neither_stored_nor_sent_again():
    user = User.objects.create(username="integration", password="")
    Hook.objects.create(
        user=user, target_url="http://a.example/", event_type="parcel.moved", retry_countdown_config={},
        created_at=NOW, modified_at=NOW,
    )  # fmt: skip
    for _ in range(2):
        record(1)
    with outbox.together():
        record(1)
    assert stored() == [(1, NOW)]
    assert Delivery.objects.count() == 1


def test_what_was_recorded_unheard_is_kept_and_never_sent_although_a_hook_came_in_between(django_user_model):
    assert heard("parcel.moved") is None
    user = django_user_model.objects.create(username="integration", password="")
    Hook.objects.create(
        user=user, target_url="http://a.example/", event_type="parcel.moved", retry_countdown_config={},
        created_at=NOW, modified_at=NOW,
    )  # fmt: skip
    outbox.record([replace(moved(1, 1), payload=outbox.UNHEARD), moved(1, 2)], now=NOW)
    assert [row[0] for row in stored()] == [1, 2]
    assert list(Delivery.objects.values_list("event__sequence", flat=True)) == [2]
    assert heard("parcel.moved", "parcel.lost") == "parcel.moved"
    Hook.objects.update(is_active=False)
    assert heard("parcel.moved") is None


def test_payloads_are_not_compressed_as_they_are_stored():
    with connection.cursor() as cursor:
        outbox.record([replace(moved(1, 1), payload={"id": 1, "text": "ambar " * 1000})], now=NOW)
        cursor.execute(
            "select pg_column_compression(payload), octet_length(payload) > 6000 from outbox_event"
        )
        assert cursor.fetchall() == [(None, True)]


def test_an_unknown_type_is_refused_where_it_is_recorded():
    with outbox.together(), pytest.raises(ValueError, match="unregistered"):
        outbox.record(
            [outbox.Event(uuid=UUID(int=1), type="x.y", kind="x", aggregate_id=1, sequence=1, payload={})],
            now=NOW,
        )
    assert stored() == []


def test_another_thread_records_for_itself():
    seen = []

    def elsewhere():
        from ambar.kit.outbox import events

        seen.append(list(events._together.frames))

    with outbox.together():
        thread = Thread(target=elsewhere)
        thread.start()
        thread.join()
    assert seen == [[]]


def test_a_savepoint_rolled_back_takes_its_events_with_it():
    with outbox.together():
        record(1)
        with pytest.raises(KeyError), transaction.atomic(), outbox.together():
            record(2)
            raise KeyError
        with transaction.atomic(), outbox.together():
            record(3)
    assert [row[0] for row in stored()] == [1, 3]


def test_recording_under_a_savepoint_without_a_block_of_its_own_is_a_mistake_that_shows():
    with pytest.raises(RuntimeError, match="of their own"), outbox.together(), transaction.atomic():
        record(1)
    assert stored() == []


def test_chosen_hooks_are_told_at_once_and_no_other(django_user_model):
    user = django_user_model.objects.create(username="listener")
    hooks = [
        Hook.objects.create(
            user=user,
            target_url=f"https://{name}.example.com/",
            event_type="parcel.moved",
            created_at=NOW,
            modified_at=NOW,
            retry_countdown_config={"choice": "fixed", "kwargs": {"seconds": 1}},
        )
        for name in ("one", "two", "three")
    ]
    Hook.objects.filter(pk=hooks[2].pk).update(is_active=False)
    again = outbox.Event(
        uuid=UUID(int=9), type="parcel.moved", kind="parcel", aggregate_id=1, sequence=9, payload={}
    )
    with outbox.together():
        record(1)
        outbox.record([again], now=NOW, hooks=[hooks[1].pk, hooks[2].pk])
        assert list(Delivery.objects.values_list("event__sequence", "hook_id")) == [(9, hooks[1].pk)]
    told = set(Delivery.objects.values_list("event__sequence", "hook_id"))
    assert told == {(9, hooks[1].pk), (1, hooks[0].pk), (1, hooks[1].pk)}
