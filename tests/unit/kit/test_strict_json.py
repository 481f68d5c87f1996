"""Strict JSON: whatever comes in is read as the standard says or refused by name."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ambar.kit import rest
from ambar.kit.refusals import Invalid

texts = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\x00"))
documents = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)


@given(documents, st.booleans())
def test_good_json_reads_like_any_parser(document, ascii_only):
    assert rest.loads(json.dumps(document, ensure_ascii=ascii_only).encode()) == document


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(raw):
    try:
        data = rest.loads(raw)
    except Invalid:
        return
    assert not isinstance(data, float) or math.isfinite(data)


@given(st.lists(st.sampled_from(list('[]{}:,"\\u0du8aNInf1e+-. \n')), max_size=60).map("".join))
def test_near_json_is_read_or_refused_and_its_refusal_can_be_written(text):
    try:
        rest.loads(text.encode())
    except Invalid as refusal:
        json.loads(rest.dumps(refusal.fields or refusal.as_dict()))


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        (b'{"a": {"b": [1, "\\udc00"]}}', "a.b.1"),
        (b'{"a": {"x\\u0000": 1}}', "a.(key)"),
        (b'{"\\ud800": 1, "\\ud800": 2}', "?"),
        (b'{"a": [[99999999999999999999]]}', "a.0.0"),
        (b'["\\u0000"]', "0"),
        (b'"\\u0000"', "non_field_errors"),
    ],
)
def test_what_can_not_be_stored_is_named_by_its_path(raw, field):
    with pytest.raises(Invalid) as caught:
        rest.loads(raw)
    assert list(caught.value.fields) == [field]


def test_a_pair_of_surrogates_is_a_letter():
    assert rest.loads(b'"\\ud83d\\ude00"') == "\U0001f600"


def test_answers_carry_exact_values():
    from datetime import UTC, date, datetime
    from decimal import Decimal
    from uuid import UUID

    body = {
        "at": datetime(2026, 1, 2, tzinfo=UTC), "day": date(2026, 1, 2), "price": Decimal("12.30"), "big": 2**70,
        "id": UUID(int=1), 7: {"b", "a"}, "bad": "\ud800",
    }  # fmt: skip
    del body["big"], body["bad"]
    assert json.loads(rest.dumps(body)) == {
        "at": "2026-01-02T00:00:00.000000Z", "day": "2026-01-02", "price": "12.30",
        "id": "00000000-0000-0000-0000-000000000001", "7": ["a", "b"],
    }  # fmt: skip
    assert json.loads(rest.dumps({"big": 2**70, "bad": "\ud800"})) == {"big": 2**70, "bad": "\ud800"}
