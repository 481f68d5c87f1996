"""A hook may ask not to be told of what its own program changed and was answered: decision 96."""

from datetime import UTC, datetime

import pytest
from django.test import RequestFactory

from ambar.kit import outbox, work
from ambar.kit.accounts.models import User
from ambar.kit.outbox import events, registry
from ambar.kit.outbox.domain.hook_fields import read_hook
from ambar.kit.outbox.models import Delivery, DeliveryState, Hook
from ambar.kit.refusals import Invalid
from tests.outbox_project.delivering import moved

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)


@pytest.fixture
def wakes(monkeypatch):
    woken = []
    monkeypatch.setattr(work, "wake", woken.append)
    return woken


def hook(user, name, **config):
    return Hook.objects.create(
        user=user, target_url=f"https://{name}.example.com/", event_type="parcel.moved", created_at=NOW,
        modified_at=NOW, retry_countdown_config={"choice": "fixed", "kwargs": {"seconds": 1}}, config=config,
    )  # fmt: skip


def record(sequence, caller):
    outbox.record([moved(1, sequence)], now=NOW, caller=caller)


def states(hook):
    return list(Delivery.objects.filter(hook=hook).order_by("id").values_list("state", flat=True))


def test_its_hook_has_the_change_noted_and_all_others_are_told(wakes):
    one, two = (User.objects.create(username=name) for name in ("one", "two"))
    mine, plain, other = hook(one, "a", caller="center"), hook(one, "b"), hook(one, "c", caller="shop")
    stranger = hook(two, "d", caller="center")
    record(1, outbox.Caller(user_id=one.pk, word="center"))
    record(2, None)
    pending = DeliveryState.PENDING
    assert states(mine) == [DeliveryState.DELIVERED, pending]
    assert [states(row) for row in (plain, other, stranger)] == [[pending, pending]] * 3
    noted = Delivery.objects.get(hook=mine, state=DeliveryState.DELIVERED)
    assert (noted.last_error, noted.delivered_at is not None, noted.attempts) == (events.KNOWN, True, 0)
    assert wakes == [events.WAKE] * 2


def test_nobody_is_woken_where_all_who_listen_know(wakes):
    one = User.objects.create(username="one")
    mine = hook(one, "a", caller="center")
    with outbox.together():
        record(1, outbox.Caller(user_id=one.pk, word="center"))
    assert (states(mine), wakes) == ([DeliveryState.DELIVERED], [])


@pytest.mark.parametrize("word", ["", " ", 5, None, "x" * 65])
def test_a_word_that_is_none_is_refused(word):
    body = {"config": {"caller": word}}
    with pytest.raises(Invalid) as refused:
        read_hook(body, partial=True, known_type=registry.is_known)
    assert list(refused.value.fields["config"]) == ["caller"]


def test_a_request_without_a_word_has_no_caller():
    assert outbox.caller_of(RequestFactory().get("/")) is None
