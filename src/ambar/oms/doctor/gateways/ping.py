"""Test events on the way of real ones: the hook's own address, headers, secret and guard, sent by the delivery's sender.

What is refused (the token, the signature, its time) is found out on this side, by leaving parts away; the receiver says
no more than it says to anybody. Source: `docs/decisions/0046-the-doctor.md`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal, cast

import orjson
from yarl import URL

from ambar.kit import http, ids, vault
from ambar.kit.outbox import hook_secrets, rotation
from ambar.kit.outbox.deliveries.sender import post
from ambar.kit.outbox.deliveries.targets import Directory, HookRow, Job, Target
from ambar.kit.outbox.domain import signatures
from ambar.kit.outbox.domain.verdicts import Answer, Verdict
from ambar.kit.outbox.models import Hook

Cause = Literal["arrives", "token", "secret", "time", "refused", "no_answer", "unusable"]
STAMPED = ("webhook-id", "webhook-timestamp", "webhook-signature")
SIGNED = (*STAMPED, "X-Whisperer-Signature")
WRONG = "a secret that nobody was ever given"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """One hook with what is to be sent along it. `token` and `secret` stand for the hook's own where given."""

    hook: Hook
    event: str
    payload: dict[str, Any]
    token: str | None = None
    secret: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pinged:
    """What came of a test event: `cause` is `arrives`, or what the receiver did not like."""

    cause: Cause
    status: int = 0
    body: str = ""
    problem: str = ""
    took_ms: int = 0
    checks_signature: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Altered:
    """A target whose request lacks some headers, or bears a signature made with another secret."""

    target: Target
    without: tuple[str, ...] = ()
    forged: bool = False

    @property
    def url(self) -> URL:
        return self.target.url

    def request(self, job: Job, *, timestamp: int) -> tuple[bytes, dict[str, str]]:
        target = self.target
        if self.forged:
            target = replace(target, secret=WRONG, keys=(signatures.key_of(WRONG),))
        body, headers = target.request(job, timestamp=timestamp)
        return body, {name: value for name, value in headers.items() if name not in self.without}


def ping(parcels: Sequence[Parcel], *, now: datetime, forge: bool = False) -> list[Pinged]:
    """Send each parcel and find out what is wrong where one is refused; in the order given.

    With `forge` the first signed one that arrives is sent again with a wrong signature, to see whether it is refused.
    """
    if not parcels:
        return []
    jobs = [_job(parcel, now) for parcel in parcels]
    return asyncio.run(_all(jobs, forge))


def _job(parcel: Parcel, now: datetime) -> Job | str:
    """The delivery of a parcel as the engine would claim it, or why the hook can't be used."""
    hook = parcel.hook
    headers, config = hook_secrets.opened(hook.additional_headers, hook.config)
    if parcel.token is not None:
        headers = {name: value for name, value in headers.items() if name.lower() != "authorization"}
        headers |= {"Authorization": parcel.token} if parcel.token else {}
    headers, config = hook_secrets.sealed(headers, config)
    sealed, earlier = hook.secret_sealed, [one.sealed for one in rotation.still_signing(hook, now=now)]
    if parcel.secret is not None:
        sealed, earlier = (vault.seal(parcel.secret) if parcel.secret else None), []
    number = hook.pk or 0
    row = HookRow(
        hook_id=number,
        target_url=hook.target_url,
        event_type=parcel.event,
        secret=sealed,
        previous_secret=None,
        countdown=hook.retry_countdown_config,
        headers=headers,
        config=config,
        modified_at=hook.modified_at,
        earlier_secrets=earlier,
    )
    directory = Directory(concurrency=1, rate=0)
    unusable = directory.load([row])
    if unusable:
        return unusable[0][1]
    return Job(
        id=1,
        target=directory.targets[number],
        kind="package",
        aggregate_id=1,
        attempts=0,
        attempt_limit=1,
        uuid=ids.uuid7(),
        type=parcel.event,
        sequence=int(parcel.payload.get("sequence") or 1),
        payload=orjson.dumps(parcel.payload),
        trace="",
        begin_by=time.monotonic() + 60,
    )


async def _all(jobs: Sequence[Job | str], forge: bool) -> list[Pinged]:
    async with http.session(connections=9) as session:
        found = list(await asyncio.gather(*(_one(session, job) for job in jobs)))
        for place, job in enumerate(jobs) if forge else ():
            if isinstance(job, Job) and job.target.secret and found[place].cause == "arrives":
                forged = await _altered(session, job, forged=True)
                checks = forged.verdict is not Verdict.DELIVERED
                found[place] = replace(found[place], checks_signature=checks)
                break
        return found


async def _one(session: Any, job: Job | str) -> Pinged:
    if isinstance(job, str):
        return Pinged(cause="unusable", problem=job)
    answer = await post(session, job)
    signed, cause = bool(job.target.secret), _cause(answer)
    if cause == "token" and signed:
        cause = await _which_part(session, job)
    return Pinged(
        cause=cause,
        status=answer.status,
        body=answer.body[:300],
        problem=answer.error,
        took_ms=answer.took_ms,
    )


def _cause(answer: Answer) -> Cause:
    if answer.verdict is Verdict.DELIVERED:
        return "arrives"
    if answer.status == 0:
        return "no_answer"
    if answer.status in (401, 403) or (answer.status == 400 and "supplier_code" in answer.body):
        return "token"
    return "refused"


async def _which_part(session: Any, job: Job) -> Cause:
    """Token, secret or time, for a signed event that was refused: it is sent again with parts left away."""
    by_token = any(name.lower() == "authorization" for name, _ in job.target.headers) or bool(
        job.target.basic
    )
    if not by_token:
        unstamped = await _altered(session, job, without=STAMPED)
        return "time" if unstamped.verdict is Verdict.DELIVERED else "secret"
    unsigned = await _altered(session, job, without=SIGNED)
    if unsigned.verdict is not Verdict.DELIVERED:
        return "token"
    unstamped = await _altered(session, job, without=STAMPED)
    return "time" if unstamped.verdict is Verdict.DELIVERED else "secret"


async def _altered(session: Any, job: Job, *, without: tuple[str, ...] = (), forged: bool = False) -> Answer:
    other = _Altered(target=job.target, without=without, forged=forged)
    return await post(session, replace(job, target=cast(Target, other), uuid=ids.uuid7()))
