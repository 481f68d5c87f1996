"""What a sender may do to a receiver: copies at once, replays, nonsense, bodies without end (W7, W9, W13, W14)."""

from __future__ import annotations

import gzip
import io
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier
from uuid import UUID

import pytest
from django.core.handlers.wsgi import WSGIRequest
from django.db import connection
from django.test import RequestFactory
from hypothesis import given, settings
from hypothesis import strategies as st

from ambar.kit.outbox import inbox
from ambar.kit.outbox.domain import signatures
from ambar.kit.outbox.models import Inbox
from ambar.kit.refusals import Invalid, Refusal
from tests.worlds.waiting import LONG_SECONDS

NOW = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
BODY = b'{"event":{"type":"parcel.packed","uuid":"6f1c1c1d2b7a7c3e9a50c86d0f1f2a02"},"payload":{"id":5}}'


def request(body: bytes, **headers: str) -> WSGIRequest:
    return RequestFactory().post("/in/", body, content_type="application/json", headers=headers)


@pytest.mark.django_db(transaction=True)
def test_w7_of_thirty_two_copies_at_once_one_is_new() -> None:
    envelope = inbox.verify(request(BODY), now=NOW)
    together = Barrier(8)

    def deliver(_: int) -> list[set[UUID]]:
        together.wait(LONG_SECONDS)
        try:
            return [inbox.store("oms:1", envelope, now=NOW) for _ in range(4)]
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        found = [new for answers in threads.map(deliver, range(8)) for new in answers]
    assert len(found) == 32 and sorted(map(len, found)) == [0] * 31 + [1]
    assert Inbox.objects.count() == 1


def signed(body: bytes, *, at: int, secret: str = "s") -> dict[str, str]:  # noqa: S107
    return {
        "X-Whisperer-Signature": signatures.whisperer(secret, body),
        "webhook-id": "m",
        "webhook-timestamp": str(at),
        "webhook-signature": signatures.standard([secret.encode()], message_id="m", timestamp=at, body=body),
    }


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-timestamp": str(int(NOW.timestamp()) - 301)},
        {"webhook-timestamp": str(int(NOW.timestamp()) + 301)},
        {"webhook-timestamp": "soon"},
        {"webhook-timestamp": ""},
        {"webhook-id": "other"},
        {"webhook-id": ""},
        {"webhook-signature": "v1,AAAA"},
        {"webhook-signature": ""},
        {"webhook-signature": "v2," + "A" * 44},
        {"X-Whisperer-Signature": ""},
        {"X-Whisperer-Signature": "sha256="},
        {"X-Whisperer-Signature": "sha1=00"},
    ],
)
def test_w9_a_captured_or_altered_event_is_refused_without_saying_which_part(change: dict[str, str]) -> None:
    good = signed(BODY, at=int(NOW.timestamp()))
    assert inbox.verify(request(BODY, **good), secrets=["s"], now=NOW).payload == {"id": 5}
    with pytest.raises(inbox.SignatureRefused) as refused:
        inbox.verify(request(BODY, **{**good, **change}), secrets=["s"], now=NOW)
    with pytest.raises(inbox.SignatureRefused) as altered:
        inbox.verify(request(BODY.replace(b"5", b"6"), **good), secrets=["s"], now=NOW)
    assert refused.value.message == altered.value.message


NONSENSE = [
    b"", b" ", b"null", b"[]", b"1", b'"x"', b"{", b"{}}", b"nul", b"\xef\xbb\xbf{}", b"\xff\xfe{\x00}\x00", b"\x00",
    b'{"event":1}', b'{"event":{}}', b'{"event":{"type":"a","uuid":1},"payload":{}}',
    b'{"event":{"type":"a","uuid":"g"},"payload":{}}', b'{"event":{"type":"","uuid":""},"payload":{}}',
    b'{"event":{"type":"a\\u0000","uuid":"6f1c1c1d2b7a7c3e9a50c86d0f1f2a02"},"payload":{}}',
    b'{"event":{"type":"a","uuid":"6f1c1c1d2b7a7c3e9a50c86d0f1f2a02"},"payload":[]}',
    b'{"event":{"type":"a","uuid":"6f1c1c1d2b7a7c3e9a50c86d0f1f2a02"},"payload":{"n":NaN}}',
    b'{"event":{"type":"a","uuid":"6f1c1c1d2b7a7c3e9a50c86d0f1f2a02"},"payload":{"n":1e400}}',
    b'{"event":{"type":"a","uuid":"6f1c1c1d2b7a7c3e9a50c86d0f1f2a02"},"payload":{"n":-Infinity}}',
    b'{"event":{"type":"a","uuid":"6f1c1c1d2b7a7c3e9a50c86d0f1f2a02"},"payload":{"a":1,"a":2}}',
    b'{"event":{"type":"a","uuid":"6f1c1c1d2b7a7c3e9a50c86d0f1f2a02"},"payload":{"t":"\\ud800"}}',
    b"[" * 10_000, b'{"a":' * 10_000, b"[" * 10_000 + b"]" * 10_000, gzip.compress(b"0" * 10_000_000, mtime=0),
    '{"event":{"type":"a"}}'.encode("utf-16"), b'{"event":{"type":"a"},"payload":{"t":"\xe9"}}',
]  # fmt: skip


@pytest.mark.parametrize("body", NONSENSE, ids=lambda body: repr(body[:40]))
def test_w13_nonsense_is_refused_as_such(body: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        inbox.verify(request(body, **{"Content-Encoding": "gzip"}), now=NOW)
    assert refused.value.fields or refused.value.message


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)


def spliced(place: int, length: int, put: bytes) -> bytes:
    return BODY[:place] + put + BODY[place + length :]


@settings(max_examples=150)
@given(
    body=st.one_of(
        st.binary(max_size=300),
        st.builds(spliced, st.integers(0, len(BODY)), st.integers(0, len(BODY)), st.binary(max_size=40)),
        ANY_JSON.map(lambda value: repr(value).encode()),
    ),
    sequence=st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126), max_size=24),
    aggregate=st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126), max_size=250),
)
def test_w13_whatever_arrives_is_read_or_refused(body: bytes, sequence: str, aggregate: str) -> None:
    headers = {"X-Ambar-Sequence": sequence, "X-Ambar-Aggregate": aggregate}
    try:
        read = inbox.verify(request(body, **headers), now=NOW)
    except Refusal:
        return
    assert isinstance(read.payload, dict) and read.raw == body and 0 < len(read.aggregate) <= 200


class Endless(io.RawIOBase):
    """A body that must not be read."""

    def read(self, size: int = -1) -> bytes:
        raise AssertionError("the body was read")


@pytest.mark.parametrize("length", ["10485761", "99999999999999999999"])
def test_w14_a_body_announced_as_too_large_is_refused_before_a_byte_of_it_is_read(length: str) -> None:
    made = request(BODY)
    huge = WSGIRequest({**made.environ, "CONTENT_LENGTH": length, "wsgi.input": Endless()})
    with pytest.raises(inbox.TooLarge):
        inbox.verify(huge, now=NOW)


def test_w14_a_body_shorter_than_announced_is_refused_as_malformed() -> None:
    made = request(BODY)
    short = WSGIRequest(
        {**made.environ, "CONTENT_LENGTH": str(len(BODY)), "wsgi.input": io.BytesIO(BODY[:-10])}
    )
    with pytest.raises(Refusal):
        inbox.verify(short, now=NOW)
