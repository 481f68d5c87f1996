"""The stored form of an attempt: what was asked and what came of it, packed into bytes."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import orjson

from ambar.oms.planning.domain import recording
from ambar.oms.planning.domain.values import Plan

PLAIN = b"{"
"""First byte of a body that is JSON as it is (decisions made before bodies were packed)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """`asked_hash` names the question, `digest` everything the answer says."""

    asked_hash: str
    digest: str
    body: bytes


def packed(asked: bytes, plan: Plan) -> Packed:
    """`asked` is JSON (`asking.stored`)."""
    record = recording.written(plan.record)
    return Packed(
        asked_hash=_hash(asked),
        digest=recording.digest(plan, record),
        body=recording.pack({"asked": orjson.Fragment(asked), "record": orjson.Fragment(record)}),
    )


def packed_manual(assignment: Mapping[str, Any]) -> Packed:
    """A person's assignment in the place of a record."""
    content = {"asked": {"lines": []}, "record": {"v": recording.VERSION, "manual": assignment}}
    said = _hash(orjson.dumps(content))
    return Packed(asked_hash=said, digest=said, body=recording.pack(content))


def _hash(content: bytes) -> str:
    return blake2b(content, digest_size=16).hexdigest()


def unpacked(body: bytes) -> tuple[dict[str, Any], dict[str, Any]]:
    """`(asked, record)` of a stored body, packed or plain."""
    content = bytes(body)
    found = orjson.loads(content) if content.startswith(PLAIN) else recording.unpack(content)
    return found["asked"], found["record"]
