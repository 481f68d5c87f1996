"""A bundle is answered call by call, as each would be answered alone, and kept with one statement."""

from __future__ import annotations

import json
import re
import sys
from typing import Any

import pytest

from ambar.kit.http import bundle
from ambar.kit.outbox.models import Inbox
from ambar.kit.rest import receiving
from tests.worlds.seller_center_calls import (
    CASES,
    ORDERS,
    STATUS,
    call,
    event,
    outcome,
    signed,
    spoiled,
    whole_way,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("given_back")]

CONTENT = {"CONTENT_TYPE": bundle.TYPE}
ALONE = [case for case in CASES if not {"signature", "token", "scheme", "signed"} & set(case.split())]
"""What is wrong with one call, and not with who calls."""


@pytest.fixture(params=["whole", "shortest"])
def way(request: pytest.FixtureRequest, whole: Any) -> Any:
    return whole if request.param == "whole" else receiving.Reception(whole_way)


def parts(path: str, cases: list[str], token: str) -> list[bundle.Part]:
    made = []
    for case in cases:
        body, given = spoiled(event(path), case, token)
        own = {"X-Ambar-Sequence": given["HTTP_X_AMBAR_SEQUENCE"]} if "HTTP_X_AMBAR_SEQUENCE" in given else {}
        made.append(bundle.Part(body, own))
    return made


def answers(content: bytes, calls: int) -> list[bundle.Told]:
    told = bundle.read_answers(content, calls=calls)
    assert told is not None, content
    return told


@pytest.mark.parametrize("path", [STATUS, ORDERS])
def test_each_call_is_answered_and_kept_as_it_would_be_alone(way: Any, callers: Any, path: str) -> None:
    alone = [outcome(way, path, case, callers[path]) for case in ALONE]
    status, _, content = call(
        way,
        path,
        bundle.write(parts(path, ALONE, callers[path])),
        HTTP_AUTHORIZATION=callers[path],
        **CONTENT,
    )
    assert status.startswith("200")
    told = [(one.status, re.sub("[0-9a-f]{32}", "U", one.body)) for one in answers(content, calls=len(ALONE))]
    assert told == [(int(said[0][:3]), said[2].decode()) for said, _ in alone]
    kept = list(Inbox.objects.order_by("id").values_list("source", "type", "aggregate", "sequence", "state"))
    assert kept == [row for _, rows in alone for row in rows]
    assert len(kept) in (1, 2)  # a rehearsal of an order is an order
    assert {201, 400} <= {status for status, _ in told}


def test_a_bundle_is_kept_with_one_statement_and_a_repeat_in_it_is_known(
    way: Any, callers: Any, monkeypatch: Any
) -> None:
    bodies = [event(STATUS) for _ in range(20)]
    raw = bundle.write([bundle.Part(body) for body in [*bodies, bodies[3]]])
    store, together = sys.modules["ambar.kit.outbox.inbox.store"], []
    keep = store._keep
    monkeypatch.setattr(
        store, "_keep", lambda beside, calls: together.append(len(calls)) or keep(beside, calls)
    )
    _, _, content = call(way, STATUS, raw, HTTP_AUTHORIZATION=callers[STATUS], **CONTENT)
    assert together == [20, 1]  # the repeat is asked for after the first of its kind is kept
    assert [one.status for one in answers(content, calls=21)] == [201] * 20 + [200]
    assert list(Inbox.objects.order_by("id").values_list("uuid", flat=True).distinct()) == [
        Inbox.objects.get(uuid=json.loads(body)["event"]["uuid"]).uuid for body in bodies
    ]
    _, _, content = call(way, STATUS, raw, HTTP_AUTHORIZATION=callers[STATUS], **CONTENT)
    assert {one.status for one in answers(content, calls=21)} == {200}
    assert Inbox.objects.count() == 20


def test_a_signature_is_one_over_the_whole_bundle(way: Any, whole: Any, callers: Any) -> None:
    raw = bundle.write([bundle.Part(event(STATUS)), bundle.Part(event(STATUS))])
    status, _, content = call(way, STATUS, raw, **CONTENT, **signed(raw))
    assert [one.status for one in answers(content, calls=2)] == [201, 201]
    for other in (raw.replace(b"packed", b"packet"), raw + bundle.write([bundle.Part(event(STATUS))])):
        status, _, _ = call(way, STATUS, other, **CONTENT, **signed(raw))
        assert status.startswith("401")
    # A signature that only a part shows signs nothing.
    inner = bundle.write([bundle.Part(event(STATUS), {"webhook-signature": "v1,x"})])
    assert call(whole, STATUS, inner, **CONTENT)[0][:3] in ("400", "401")
    assert call(whole, STATUS, raw, **CONTENT)[0].startswith("401")
    assert Inbox.objects.count() == 2


def test_who_may_not_call_is_told_so_once_and_nothing_is_kept(way: Any, callers: Any) -> None:
    raw = bundle.write([bundle.Part(event(STATUS)), bundle.Part(event(STATUS))])
    for given in (
        {"HTTP_AUTHORIZATION": "Token nobody"},
        signed(raw, "another"),
        {"HTTP_AUTHORIZATION": callers[ORDERS]},
    ):
        status, _, content = call(way, STATUS, raw, **CONTENT, **given)
        assert status[:3] in ("401", "403")
        assert b"answers" not in content
    assert not Inbox.objects.exists()


def test_what_is_no_bundle_is_refused_with_its_reason(way: Any, callers: Any) -> None:
    for raw in (b"", b"{}", bundle.write([bundle.Part(event(STATUS))])[:-5]):
        status, _, content = call(way, STATUS, raw, HTTP_AUTHORIZATION=callers[STATUS], **CONTENT)
        assert status.startswith("400")
        assert re.search("Call 1 does not|A bundle of nothing", content.decode())


def test_a_receiver_says_that_it_takes_bundles(way: Any, callers: Any) -> None:
    for path in (STATUS, ORDERS):
        _, headers, _ = call(way, path, event(path), HTTP_AUTHORIZATION=callers[path])
        assert headers["Accept-Post"] == "application/json, application/vnd.ambar.bundle"
