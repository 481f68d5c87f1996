"""Several calls in one body: what is written is read again, and what is no bundle is told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ambar.kit.gathering import Gathering, Left
from ambar.kit.http import bundle

HEADERS = st.dictionaries(
    st.sampled_from(["X-Ambar-Sequence", "X-Ambar-Aggregate", "traceparent"]), st.text(max_size=20)
)
PARTS = st.lists(st.builds(bundle.Part, st.binary(max_size=60), HEADERS), min_size=1, max_size=5)


@given(PARTS)
def test_what_is_written_is_read_again_byte_for_byte(parts: list[bundle.Part]) -> None:
    read = bundle.read(bundle.write(parts))
    assert [part.body for part in read] == [part.body for part in parts]
    assert [part.headers for part in read] == [
        {name.lower(): value for name, value in part.headers.items()} for part in parts
    ]


@given(PARTS, st.data())
def test_a_bundle_that_was_cut_off_is_none(parts: list[bundle.Part], data: st.DataObject) -> None:
    raw = bundle.write(parts)
    ends = {len(bundle.write(parts[:n])) for n in range(len(parts) + 1)}
    cut = data.draw(st.integers(0, len(raw)).filter(lambda at: at not in ends))
    with pytest.raises(bundle.Malformed):
        bundle.read(raw[:cut])


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "A bundle of nothing."),
        (b"{}\n\n", "Call 1 does not begin with a JSON object of its headers and its Content-Length."),
        (b"[1]\n\n", "Call 1 does not begin"),
        (b'{"Content-Length":"2"}\n{}\n', "Call 1: Content-Length is a whole number"),
        (b'{"Content-Length":true}\n{\n', "Call 1: Content-Length is a whole number"),
        (b'{"Content-Length":-1}\n', "Call 1: Content-Length is a whole number"),
        (b'{"Content-Length":2,"X-Ambar-Sequence":3}\n{}\n', "other headers are texts"),
        (
            b'{"Content-Length":2,"Webhook-Signature":"v1,x"}\n{}\n',
            "Call 1: webhook-signature is not for one call",
        ),
        (
            b'{"Content-Length":2,"authorization":"Token x"}\n{}\n',
            "Call 1: authorization is not for one call",
        ),
        (b'{"Content-Length":2}\n{}\n{"Content-Length":9}\n{}\n', "Call 2 does not end where it says."),
        (b'{"Content-Length":2}', "Call 1 does not end where it says."),
        (b'{"Content-Length":2}\n{}', "Call 1 does not end where it says."),
        (bundle.write([bundle.Part(b"{}")] * 101), "At most 100 calls in one bundle."),
    ],
)
def test_what_is_no_bundle_is_told_by_its_call(raw: bytes, said: str) -> None:
    with pytest.raises(bundle.Malformed) as refused:
        bundle.read(raw)
    assert said in str(refused.value)


def test_answers_are_read_again_and_nothing_else_is_taken_for_them() -> None:
    told = [bundle.Told(201, '{"number":"P-1"}'), bundle.Told(503, "", "7")]
    raw = bundle.write_answers(told)
    assert bundle.read_answers(raw, calls=2) == told
    for other in (
        b"", b"<html>", b"[]", b"{}", b'{"answers":1}', b'{"answers":[[200,""]]}', b'{"answers":[["200","",null],[200,"",null]]}',
        b'{"answers":[[200,1,null],[200,"",null]]}', b'{"answers":[[200,"",7],[200,"",null]]}',
    ):  # fmt: skip
        assert bundle.read_answers(other, calls=2) is None
    assert bundle.read_answers(raw, calls=3) is None


def test_calls_asked_at_once_are_carried_out_together_but_for_those_that_must_be_apart() -> None:
    rounds: list[list[str]] = []

    def carry_out(group: str, calls: list[str]) -> list[str | Exception]:
        rounds.append(list(calls))
        return [ValueError(call) if call == "bad" else f"{group} {call}" for call in calls]

    by = Gathering(carry_out, apart=lambda call: [call], most=3)
    answers = by.ask_all("to", ["a", "b", "a", "bad", "c"])
    assert rounds == [["a", "b", "bad"], ["a", "c"]]
    assert [str(answer) for answer in answers] == ["to a", "to b", "to a", "bad", "to c"]
    assert isinstance(answers[3], ValueError)


def test_what_is_left_of_a_call_is_asked_alone_and_more_can_be_made_of_its_answer() -> None:
    by = Gathering(lambda group, calls: [len(group + call) for call in calls], apart=lambda call: [call])
    left = Left(by=by, group="ab", call="c", make=lambda answer: answer + 1)
    assert left.then(str).asked() == "4"
