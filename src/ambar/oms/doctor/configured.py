"""DOCTOR_SETTINGS as the doctor uses it."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from ambar.kit import rest
from ambar.oms.app_settings import queries as settings
from ambar.oms.app_settings.registry import SettingKey

KEY = "DOCTOR_SETTINGS"


class DoctorSettings(rest.Body):
    """`every_minutes`: how often the integration is watched (0: never); `slow_ms`: an endpoint that takes longer is
    slow; `clock_seconds`: how far the clocks may be apart."""

    every_minutes: Annotated[int, Field(ge=0, le=24 * 60)] = 15
    slow_ms: Annotated[int, Field(ge=1, le=60_000)] = 2000
    clock_seconds: Annotated[float, Field(gt=0, le=300)] = 5.0


SETTING = SettingKey(key=KEY, schema=DoctorSettings)


def current() -> DoctorSettings:
    """What is set, or the defaults."""
    return DoctorSettings.model_validate(settings.value(KEY) or {})


def interval() -> timedelta | None:
    """How often to watch, None for never."""
    minutes = current().every_minutes
    return timedelta(minutes=minutes) if minutes else None
