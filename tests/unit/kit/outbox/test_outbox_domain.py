"""Waits, signatures, envelopes, verdicts and the breaker, without a database."""

import base64
from datetime import UTC, datetime
from uuid import UUID

import pytest
from aiohttp.helpers import calculate_timeout_when
from standardwebhooks.webhooks import Webhook

from ambar.kit.outbox.deliveries import identity, sender
from ambar.kit.outbox.domain import envelope, signatures
from ambar.kit.outbox.domain.breaker import TRIPS_AFTER, Breaker
from ambar.kit.outbox.domain.countdown import LONGEST_WAIT_SECONDS, parse_countdown
from ambar.kit.outbox.domain.hook_fields import read_hook
from ambar.kit.outbox.domain.verdicts import Answer, Verdict, retry_after_seconds
from ambar.kit.refusals import Invalid

NOW = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
UUID_HEX = "6f1c1c1d2b7a7c3e9a50c86d0f1f2a02"


@pytest.mark.parametrize(
    ("config", "waits"),
    [
        ({"choice": "fixed", "kwargs": {"seconds": 7}}, [7, 7, 7]),
        ({"choice": "linear", "kwargs": {"base": 3}}, [3, 6, 9]),
        ({"choice": "linear", "kwargs": {"base": 3, "limit": 5}}, [3, 5, 5]),
        ({"choice": "exponential", "kwargs": {"base": 2}}, [2, 4, 8]),
        ({"choice": "exponential", "kwargs": {"base": 2, "factor": 3, "limit": 20}}, [6, 12, 20]),
        ({"choice": "random", "kwargs": {"min_value": 4, "max_value": 9}}, [4, 4, 4]),
        ({"choice": "exponential", "kwargs": {"base": 604800}}, [LONGEST_WAIT_SECONDS] * 3),
    ],
)
def test_waits_follow_the_configured_countdown(config: dict, waits: list[int]) -> None:
    countdown = parse_countdown(config)
    assert [countdown.seconds(attempt=n, roll=0.0) for n in (1, 2, 3)] == waits


def test_jitter_lengthens_by_at_most_a_tenth_and_random_stays_within_its_bounds() -> None:
    fixed = parse_countdown({"choice": "fixed", "kwargs": {"seconds": 100}})
    assert fixed.seconds(attempt=1, roll=0.5) == 105.0
    between = parse_countdown({"choice": "random", "kwargs": {"min_value": 10, "max_value": 20}})
    assert between.seconds(attempt=9, roll=0.25) == 12.5


def test_countdown_defaults_are_filled_in_and_answered() -> None:
    config = {"choice": "exponential", "kwargs": {"base": 2}}
    assert parse_countdown(config).as_dict() == {"choice": "exponential", "kwargs": {"base": 2, "factor": 1}}


@pytest.mark.parametrize(
    ("config", "errors"),
    [
        ({"choice": "nope", "kwargs": {}}, {"choice": ['"nope" is not a valid choice.']}),
        ({"choice": "fixed"}, {"kwargs": ["This field is required."]}),
        ({"choice": "fixed", "kwargs": {}}, {"kwargs": {"seconds": ["This field is required."]}}),
        (
            {"choice": "fixed", "kwargs": {"seconds": "x"}},
            {"kwargs": {"seconds": ["A valid integer is required."]}},
        ),
        (
            {"choice": "fixed", "kwargs": {"seconds": "²"}},
            {"kwargs": {"seconds": ["A valid integer is required."]}},
        ),
        (
            {"choice": "fixed", "kwargs": {"seconds": -1}},
            {"kwargs": {"seconds": ["Ensure this value is greater than or equal to 0."]}},
        ),
        (
            {"choice": "random", "kwargs": {"min_value": 5, "max_value": 5}},
            {"kwargs": {"non_field_errors": ["'max_value' must be greater than 'min_value'."]}},
        ),
    ],
)
def test_a_wrong_countdown_is_refused_with_the_nested_field(config: dict, errors: dict) -> None:
    with pytest.raises(Invalid) as refused:
        parse_countdown(config)
    assert refused.value.fields == {"retry_countdown_config": errors}


def test_our_standard_signature_is_accepted_by_the_reference_library() -> None:
    key = base64.b64encode(b"k" * 24).decode()
    secret = "whsec_" + key
    moment = int(datetime.now(UTC).timestamp())
    body = b'{"a":1}'
    header = signatures.standard([signatures.key_of(secret)], message_id="m1", timestamp=moment, body=body)
    headers = {"webhook-id": "m1", "webhook-timestamp": str(moment), "webhook-signature": header}
    assert Webhook(secret).verify(body, headers) == {"a": 1}


def test_signatures_hold_for_either_secret_and_break_with_body_secret_or_age() -> None:
    body, moment = b"{}", 1_800_000_000
    old, new = "old-secret", "new-secret"
    header = signatures.standard([b"new-secret", b"old-secret"], message_id="m", timestamp=moment, body=body)
    held = {"message_id": "m", "timestamp": str(moment), "body": body, "now_seconds": moment + 299}
    assert signatures.standard_holds(header, secrets=[old], **held)
    assert signatures.standard_holds(header, secrets=[new], **held)
    assert not signatures.standard_holds(header, secrets=["other"], **held)
    assert not signatures.standard_holds(header, secrets=[new], **{**held, "body": b"{ }"})
    assert not signatures.standard_holds(header, secrets=[new], **{**held, "now_seconds": moment + 301})
    assert not signatures.standard_holds(header, secrets=[new], **{**held, "timestamp": "٣"})
    assert signatures.whisperer_holds(signatures.whisperer(old, body), secrets=[new, old], body=body)
    assert not signatures.whisperer_holds("sha256=" + "0" * 64, secrets=[new, old], body=body)


def test_the_body_is_composed_of_the_stored_bytes() -> None:
    body = envelope.compose(type="package.created", uuid_hex=UUID_HEX, payload='{"n":"İ"}'.encode())
    assert (
        body == f'{{"event":{{"type":"package.created","uuid":"{UUID_HEX}"}},"payload":{{"n":"İ"}}}}'.encode()
    )


def test_an_envelope_is_read_with_its_headers_or_without_them() -> None:
    body = {"event": {"type": "package.created", "uuid": UUID_HEX}, "payload": {"id": 12}}
    read = envelope.read(body, raw=b"raw", sequence="4", aggregate="package:9")
    assert (read.uuid, read.aggregate, read.sequence, read.raw) == (UUID(UUID_HEX), "package:9", 4, b"raw")
    bare = envelope.read(body, raw=b"", sequence=None, aggregate=None)
    assert (bare.aggregate, bare.sequence) == ("package:12", None)


@pytest.mark.parametrize(
    ("body", "headers", "fields"),
    [
        ([], {}, {"non_field_errors"}),
        ({"payload": {}}, {}, {"event"}),
        ({"event": {"type": "a", "uuid": "x"}, "payload": {}}, {}, {"event"}),
        ({"event": {"type": 5, "uuid": UUID_HEX}, "payload": {}}, {}, {"event"}),
        ({"event": {"type": "a", "uuid": UUID_HEX}}, {}, {"payload"}),
        ({"event": {"type": "a", "uuid": UUID_HEX}, "payload": {}}, {"sequence": "-1"}, {"X-Ambar-Sequence"}),
        (
            {"event": {"type": "a", "uuid": UUID_HEX}, "payload": {}},
            {"sequence": "9" * 19},
            {"X-Ambar-Sequence"},
        ),
        (
            {"event": {"type": "a", "uuid": UUID_HEX}, "payload": {}},
            {"aggregate": "x"},
            {"X-Ambar-Aggregate"},
        ),
    ],
)
def test_a_malformed_envelope_names_the_field(body: object, headers: dict, fields: set) -> None:
    with pytest.raises(Invalid) as refused:
        envelope.read(body, raw=b"", **{"sequence": None, "aggregate": None, **headers})
    assert set(refused.value.fields) == fields


@pytest.mark.parametrize(
    ("status", "verdict", "ill"),
    [
        (200, Verdict.DELIVERED, False),
        (204, Verdict.DELIVERED, False),
        (301, Verdict.RETRY, False),
        (400, Verdict.RETRY, False),
        (410, Verdict.GONE, False),
        (429, Verdict.RETRY, True),
        (500, Verdict.RETRY, True),
        (0, Verdict.RETRY, True),
    ],
)
def test_what_an_answer_means(status: int, verdict: Verdict, ill: bool) -> None:
    answer = Answer(status=status)
    assert (answer.verdict, answer.endpoint_is_ill) == (verdict, ill)


def test_retry_after_is_read_as_seconds_or_date_and_bounded() -> None:
    assert retry_after_seconds("120", now=NOW) == 120.0
    assert retry_after_seconds("Thu, 15 Jan 2026 12:01:30 GMT", now=NOW) == 90.0
    assert retry_after_seconds("999999999", now=NOW) == 86400.0
    assert retry_after_seconds("²", now=NOW) is None
    assert retry_after_seconds("soon", now=NOW) is None


def test_the_breaker_opens_probes_once_and_closes() -> None:
    breaker = Breaker()
    for _ in range(TRIPS_AFTER):
        assert breaker.take(0.0)
        breaker.failed(0.0)
    assert breaker.state(0.5) == "open" and not breaker.take(0.5)
    assert breaker.take(1.1) and not breaker.take(1.1)
    breaker.failed(1.1)
    assert breaker.state(2.9) == "open" and breaker.state(3.2) == "half-open"
    assert breaker.take(3.2)
    breaker.succeeded()
    assert breaker.state(3.2) == "closed"


def test_a_probe_that_was_not_sent_leaves_the_probe_to_another() -> None:
    breaker = Breaker()
    breaker.failed(0.0, retry_after=1.0)
    assert breaker.take(2.0) and not breaker.take(2.0)
    breaker.skipped()
    assert breaker.take(2.0)


def test_retry_after_pauses_an_endpoint_at_once() -> None:
    breaker = Breaker()
    breaker.failed(10.0, retry_after=5.0)
    assert breaker.state(14.9) == "open" and breaker.state(15.0) == "half-open"


def test_a_hook_can_not_replace_what_proves_an_event() -> None:
    body = {"additional_headers": {"X-Whisperer-Signature": "sha256=0"}}
    with pytest.raises(Invalid) as refused:
        read_hook(body, partial=True, known_type=lambda _: True)
    assert refused.value.fields == {
        "additional_headers": ["X-Whisperer-Signature is set by the sender and can't be replaced."]
    }


def test_only_holders_of_this_machine_whose_process_is_gone_count_as_dead() -> None:
    here = identity.machine()
    gone = f"{here}:4194304:1"
    reused = identity.me().rpartition(":")[0] + ":1"
    assert identity.dead([identity.me(), gone, reused, "elsewhere:1:4194304:1"]) == [gone, reused]


def test_a_post_has_its_ten_seconds_and_not_the_rest_of_the_eleventh() -> None:
    assert calculate_timeout_when(100.25, sender.TOTAL_SECONDS, sender._TIMEOUT.ceil_threshold) == 110.25
