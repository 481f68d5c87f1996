"""How long a failed delivery waits: the hook's `retry_countdown_config`.

Source: the public webhook page of the commerce documentation ("Webhooks", `retry_countdown_config`) and
the behaviour of its published hook library; jitter is our decision (`docs/decisions/`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from ambar.kit.refusals import Invalid
from ambar.kit.text import is_digits

LONGEST_WAIT_SECONDS = 7 * 24 * 3600
"""No wait is longer than a week, whatever an exponent says."""

JITTER = 0.1
"""Fixed, linear and exponential waits are lengthened by up to a tenth, so that a herd spreads out."""

BY_COUNTDOWN = 10
"""So many retries wait as the hook says; those after them wait at least :data:`LATER_SECONDS`."""

LATER_SECONDS = 10 * 3600
"""Seven later tries, ten hours apart: with the first ten a delivery outlives an outage of three days."""

REQUIRED = "This field is required."
NOT_INTEGER = "A valid integer is required."

# choice -> {name: (lowest value, default or None when required, may be left out)}
_SHAPES: dict[str, dict[str, tuple[int, int | None, bool]]] = {
    "fixed": {"seconds": (0, None, False)},
    "linear": {"base": (0, None, False), "limit": (0, None, True)},
    "exponential": {"base": (0, None, False), "factor": (1, 1, False), "limit": (0, None, True)},
    "random": {"min_value": (0, None, False), "max_value": (0, None, False)},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Countdown:
    """One retry rule: `choice` is fixed, linear, exponential or random; `kwargs` are seconds and factors."""

    choice: str
    kwargs: Mapping[str, int | None]

    def seconds(self, *, attempt: int, roll: float) -> float:
        """The wait before the next try.

        :param attempt: how many tries have failed, from 1.
        :param roll: a random number in [0, 1), given by the caller.
        """
        k = self.kwargs
        if self.choice == "random":
            low, high = int(k["min_value"] or 0), int(k["max_value"] or 0)
            return min(low + (high - low) * roll, LONGEST_WAIT_SECONDS)
        if self.choice == "fixed":
            wait = int(k["seconds"] or 0)
        elif self.choice == "linear":
            wait = int(k["base"] or 0) * attempt
        else:
            wait = int(k["base"] or 0) ** attempt * int(k.get("factor") or 1)
        limit = k.get("limit")
        if limit is not None:
            wait = min(wait, limit)
        return min(min(wait, LONGEST_WAIT_SECONDS) * (1 + JITTER * roll), LONGEST_WAIT_SECONDS)

    def as_dict(self) -> dict[str, Any]:
        """The wire form, with defaults filled in."""
        return {"choice": self.choice, "kwargs": dict(self.kwargs)}


def wait_seconds(
    countdown: Countdown, *, attempt: int, roll: float, later_seconds: float = LATER_SECONDS
) -> float:
    """The wait after the `attempt`-th failed try: the hook's countdown, from the eleventh on at least `later_seconds`
    (with the same jitter). Source: the published hook library (ten retries, then a scanner makes the later ones).
    """
    wait = countdown.seconds(attempt=attempt, roll=roll)
    if attempt <= BY_COUNTDOWN:
        return wait
    return max(wait, later_seconds * (1 + JITTER * roll))


def parse_countdown(value: object) -> Countdown:
    """Reads `{"choice", "kwargs"}`.

    :raises Invalid: with the nested error map of the wire under `retry_countdown_config`.
    """
    if not isinstance(value, Mapping):
        _refuse(
            {"non_field_errors": [f"Invalid data. Expected a dictionary, but got {type(value).__name__}."]}
        )
    missing = {name: [REQUIRED] for name in ("choice", "kwargs") if name not in value}
    if missing:
        _refuse(missing)
    choice = value["choice"]
    if not isinstance(choice, str) or choice not in _SHAPES:
        _refuse({"choice": [f'"{choice}" is not a valid choice.']})
    return Countdown(choice=choice, kwargs=_kwargs(choice, value["kwargs"]))


def _kwargs(choice: str, given: object) -> dict[str, int | None]:
    if not isinstance(given, Mapping):
        reason = f"Invalid data. Expected a dictionary, but got {type(given).__name__}."
        _refuse({"kwargs": {"non_field_errors": [reason]}})
    read: dict[str, int | None] = {}
    errors: dict[str, list[str]] = {}
    for name, (lowest, default, optional) in _SHAPES[choice].items():
        if name not in given:
            if default is not None:
                read[name] = default
            elif not optional:
                errors[name] = [REQUIRED]
            continue
        number, wrong = _whole(given[name], lowest=lowest, nullable=optional)
        if wrong is None:
            read[name] = number
        else:
            errors[name] = [wrong]
    if not errors and choice == "random" and int(read["min_value"] or 0) >= int(read["max_value"] or 0):
        errors["non_field_errors"] = ["'max_value' must be greater than 'min_value'."]
    if errors:
        _refuse({"kwargs": errors})
    return read


def _whole(value: object, *, lowest: int, nullable: bool) -> tuple[int | None, str | None]:
    if value is None:
        return (None, None) if nullable else (None, "This field may not be null.")
    if isinstance(value, str) and is_digits(value.strip()) and len(value) < 20:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return None, NOT_INTEGER
    if value < lowest:
        return None, f"Ensure this value is greater than or equal to {lowest}."
    if value > LONGEST_WAIT_SECONDS:
        return None, f"Ensure this value is less than or equal to {LONGEST_WAIT_SECONDS}."
    return value, None


def _refuse(errors: dict[str, Any]) -> NoReturn:
    raise Invalid(fields={"retry_countdown_config": errors})
