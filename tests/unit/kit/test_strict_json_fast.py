"""The fast way through strict JSON answers what the strict parser answers, or leaves the document to it."""

import json

import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ambar.kit.refusals import Invalid
from ambar.kit.rest import strict_json

SPACES = st.sampled_from(["", "", "", " ", "\n", "\t", "\r\n  "])
LITERALS = [
    "0", "-0", "-0.0", "1e400", "-1e400", "1e-400", "NaN", "Infinity", "-Infinity", "true", "null", "01", "1.", "+1",
    "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809",
    "18446744073709551616", "123456789012345678", "0.1", "1E5", "5e-324", "1" * 5000,
]  # fmt: skip
TEXTS = [
    '"a"', '"b"', '"c\\":"', '"\\u0022:"', '"\\"\\u003a"', '"\\u0000"', '"\\ud800"', '"\\ud83d\\ude00"', '"\\udc00\\ud800"',
    '"ü"', '"\\u00fc"', '"a":', '""', '":"', '"\x01"', '"\\x"', '"[{"', '"\ufeff"', '"' + "1" * 30 + '"',
]  # fmt: skip


@st.composite
def documents(draw):
    """Texts that are JSON, nearly JSON, or JSON that must be refused."""
    depth = draw(st.sampled_from([0, 1, 2, 3, 3, 4]))

    def value(left):
        kind = draw(
            st.sampled_from(
                ["number", "text", "free", "object", "object", "array"] if left else ["number", "text"]
            )
        )
        if kind == "number":
            return draw(
                st.sampled_from(LITERALS) | st.integers().map(str) | st.floats(allow_nan=False).map(repr)
            )
        if kind == "text":
            return draw(st.sampled_from(TEXTS))
        if kind == "free":
            return json.dumps(draw(st.text(max_size=6)), ensure_ascii=draw(st.booleans()))
        inside = range(draw(st.integers(0, 4)))
        if kind == "array":
            return f"[{','.join(space() + value(left - 1) + space() for _ in inside)}]"
        return f"{{{','.join(space() + key() + space() + ':' + space() + value(left - 1) + space() for _ in inside)}}}"

    def key():
        return draw(st.sampled_from(['"a"', '"a"', '"b"', '"\\u0061"', '"\\":"', '"ş"', '"c "']))

    def space():
        return draw(SPACES)

    around = draw(st.sampled_from([0, 0, 0, 60, 63, 64, 65, 300, 2000]))
    return space() + "[" * around + value(depth) + "]" * around + space()


def outcome(parse, raw):
    """What a parser says, exactly: the value with its types, or the refusal."""
    try:
        return "value", repr(parse(raw))
    except Invalid as refusal:
        return "refused", refusal.as_dict()


@settings(max_examples=1500)
@given(documents())
@example('{"a":1,"a" :2}')
@example('{"a":1,"a":2,"b":"\\":"}')
@example('{"a":"\\u0022:","a":1}')
@example('{"a"\n:1}')
@example("[-0]")
@example("[1e400]")
@example("")
@example("\ufeff{}")
def test_every_document_gets_the_answer_of_the_strict_parser(text):
    raw = text.encode("utf-8", "surrogatepass")
    assert outcome(strict_json.loads, raw) == outcome(strict_json._strictly, raw)


@settings(max_examples=500)
@given(st.binary(max_size=40))
@example(b"\xff")
@example(b'"\xed\xa0\x80"')
@example(b'{"a":1}\x00')
def test_any_bytes_get_the_answer_of_the_strict_parser(raw):
    assert outcome(strict_json.loads, raw) == outcome(strict_json._strictly, raw)


def test_an_ordinary_body_never_reaches_the_slow_parser():
    for body in (
        {"orders": [{"id": 1, "amount": "12.30", "lines": [{"sku": "A-1", "city": "İstanbul"}]}]},
        [],
        {},
        "x",
        1.5,
    ):
        for raw in (orjson.dumps(body), json.dumps(body).encode(), json.dumps(body, indent=2).encode()):
            assert strict_json._plainly_fine(raw) == body


@pytest.mark.parametrize(
    "raw",
    [
        b'{"a":1,"a":2}',
        b'{"a":1,"a" :2}',
        b'{"a":1,"a"\n:2}',
        b'{"a":{"b":1,"b":1}}',
        b'{"a":1,"\\u0061":2}',
        b"[" * 65 + b"]" * 65,
        b'{"a":"\\u0000"}',
        b'"\\ud800"',
        b"[NaN]",
        b"[1e400]",
        b"[9223372036854775808]",
        b"[123456789012345678901234567890]",
        b"{'a':1}",
    ],
)
def test_what_must_be_refused_is_left_to_the_strict_parser(raw):
    assert strict_json._plainly_fine(raw) is strict_json._DOUBTFUL
    with pytest.raises(Invalid):
        strict_json.loads(raw)


def test_depth_64_is_taken_by_the_fast_way():
    assert strict_json._plainly_fine(b"[" * 64 + b"]" * 64) is not strict_json._DOUBTFUL
