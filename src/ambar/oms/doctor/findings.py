"""What the doctor says."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One check's outcome. `what` was looked at, `why` it matters, `fix` is the exact remedy (empty when ok).

    `step` is the step of the public set-up page (1 to 4); `took_ms` is set where a call was made.
    """

    step: int
    name: str
    ok: bool
    what: str
    why: str
    fix: str = ""
    took_ms: int | None = None
