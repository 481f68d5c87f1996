"""Secrets of a hook that were replaced: each goes on signing for a day beside the one there is, so that no receiver is
refused its events while it follows, however often the secret changes meanwhile."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from ambar.kit import clock, vault
from ambar.kit.outbox.models import Hook
from ambar.kit.refusals import Invalid

LASTS = timedelta(hours=24)
"""After a change the secret that was replaced signs for so long."""

MOST = 5
"""Replaced secrets that sign at once; receivers look at eight signatures of a header."""


class Replaced(NamedTuple):
    """A secret that was replaced, sealed, and until when it signs."""

    sealed: str
    until: datetime


def still_signing(hook: Hook, *, now: datetime) -> list[Replaced]:
    """The replaced secrets that sign beside the hook's own, the last one first."""
    found = [Replaced(one["sealed"], clock.parse(one["until"])) for one in hook.earlier_secrets]
    if hook.previous_secret_sealed and hook.previous_secret_until:
        found.insert(0, Replaced(hook.previous_secret_sealed, hook.previous_secret_until))
    return [one for one in found if one.until > now]


def replace_secret(hook: Hook, new: str | None, *, now: datetime) -> None:
    """Gives the hook another secret, or none. The one it has signs on for a day, and so do those before it; nobody's
    signature is waited for once there is none.

    :raises Invalid: `MOST` replaced secrets sign already.
    """
    old, sealed = vault.open(hook.secret_sealed or ""), hook.secret_sealed
    if new == old or (old and new == vault.mask(old)):
        return
    kept: list[Replaced] = []
    if old and new and sealed:
        earlier = [one for one in still_signing(hook, now=now) if vault.open(one.sealed) not in (new, old)]
        if len(earlier) >= MOST:
            free = clock.iso(min(one.until for one in earlier))
            raise Invalid(
                fields={
                    "secret_key": [
                        f"{MOST} secrets were replaced within 24 hours and sign still; there is room for another from {free} on."
                    ]
                }
            )
        kept = [Replaced(sealed, now + LASTS), *earlier]
    last = kept[0] if kept else None
    hook.previous_secret_sealed = last.sealed if last else None
    hook.previous_secret_until = last.until if last else None
    hook.earlier_secrets = [{"sealed": one.sealed, "until": clock.iso(one.until)} for one in kept[1:]]
    hook.secret_sealed = None if new is None else vault.seal(new)
