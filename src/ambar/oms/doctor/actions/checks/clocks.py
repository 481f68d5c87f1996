"""Step 4: the clocks of the three systems are close."""

from __future__ import annotations

from datetime import datetime

from ambar.kit import clock
from ambar.oms.doctor.domain.finding import Finding
from ambar.oms.doctor.gateways.probe import Answer
from ambar.oms.doctor.visit import Visit


def check(visit: Visit) -> list[Finding]:
    """A finding per system that answers."""
    assert visit.settings is not None
    found = [
        _system(visit, "omnitron", "Omnitron", f"{visit.settings.base_url.rstrip('/')}/active_user/", "")
    ]
    home = visit.home()
    if home is not None:
        url = f"{home.base_url.rstrip('/')}/doctor/"
        found.append(_system(visit, "seller_center", "Seller Center", url, home.token))
    return found


def _system(visit: Visit, name: str, system: str, url: str, token: str) -> Finding:
    before = clock.now()
    answer = visit.probe.ask("GET", url, token)
    after = clock.now()
    told = _told(answer)
    if told is None:
        return Finding(step=4, name=f"clock.{name}", code="clock_untold", figures={"system": system})
    moment, grain = told
    # The answer was written somewhere between the two; a Date header leaves its fraction of a second out.
    early, late = (before - moment).total_seconds() - grain, (after - moment).total_seconds()
    away = max(0.0, early, -late)
    code = "clock_off" if away > visit.limits.clock_seconds else "clock_right"
    figures = {"system": system, "seconds": round(away, 1), "limit": visit.limits.clock_seconds}
    return Finding(step=4, name=f"clock.{name}", code=code, figures=figures, took_ms=answer.took_ms)


def _told(answer: Answer) -> tuple[datetime, float] | None:
    """The other side's time, and how coarse it is in seconds."""
    if isinstance(answer.payload, dict) and isinstance(answer.payload.get("now"), str):
        try:
            return clock.parse(answer.payload["now"]), 0.0
        except ValueError:
            pass
    return None if answer.date is None else (answer.date, 1.0)
