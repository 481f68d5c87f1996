"""PLANNING_SETTINGS as the planner uses it."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from ambar.kit import rest
from ambar.oms.app_settings import queries as settings
from ambar.oms.app_settings.registry import SettingKey

KEY = "PLANNING_SETTINGS"
OUT_OF_STOCK_MINUTES = 30


class PlanningSettings(rest.Body):
    """`out_of_stock_minutes`: how long what stands out of stock waits before it is planned again."""

    out_of_stock_minutes: Annotated[int, Field(ge=1, le=7 * 24 * 60)] = OUT_OF_STOCK_MINUTES


SETTING = SettingKey(key=KEY, schema=PlanningSettings)


def out_of_stock_wait() -> timedelta:
    """How long an Out of Stock package waits when its stock does not arrive before (Akinon OMS: 30 minutes)."""
    value = settings.value(KEY) or {}
    return timedelta(minutes=value.get("out_of_stock_minutes", OUT_OF_STOCK_MINUTES))
