"""SELECT_BY_EXIT_TIME: earliest possible hand-over first; a location without an exit time sorts last.

Packing takes the location's `targeted_packaging_minutes` from now. Ready before today's `exit_time`: handed over then;
otherwise at the exit time of the next day the location works. Its `calendar` property names them: `{"days": [1..7],
"closed": ["2026-01-01"]}` (ISO weekdays, 1 = Monday); without one every day is a working day.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from ambar.oms.planning.domain.selectors.shape import Selector, Situation
from ambar.oms.planning.domain.values import Location

UNKNOWN = "9999"
HORIZON = 366


def hand_over(location: Location, now: datetime) -> str:
    """When goods could leave `location` at the earliest, `2026-01-05T17:00`; `9999` when it has no exit time."""
    asked = location.properties.get
    exit_time = asked("exit_time")
    if exit_time is None:
        return UNKNOWN
    ready = now + timedelta(minutes=int(asked("targeted_packaging_minutes") or 0))
    exits = time.fromisoformat(str(exit_time)[:5])
    calendar = asked("calendar") or {}
    day = ready.date()
    if ready.time().replace(tzinfo=None) > exits:
        day += timedelta(days=1)
    for _ in range(HORIZON):
        if _works(calendar, day):
            return f"{day.isoformat()}T{exits:%H:%M}"
        day += timedelta(days=1)
    return UNKNOWN


def _works(calendar: Mapping[str, Any], day: date) -> bool:
    days = calendar.get("days")
    return (days is None or day.isoweekday() in days) and day.isoformat() not in calendar.get("closed", ())


def _value(situation: Situation, places: Sequence[Location]) -> list[Any]:
    known = situation.hand_overs
    now = situation.now
    values = []
    for place in places:
        at = known.get(place.id)
        if at is None:
            at = known[place.id] = hand_over(place, now)
        values.append(at)
    return values


def _shown(value: Any) -> Any:
    return None if value == UNKNOWN else value


SELECT_BY_EXIT_TIME = Selector(name="SELECT_BY_EXIT_TIME", value=_value, shown=_shown)
