"""The two settings of the integration as they are stored now, and writing them back checked."""

from __future__ import annotations

import copy
from datetime import datetime
from typing import Any

from ambar.kit.refusals import Invalid
from ambar.oms.app_settings import queries as settings_queries
from ambar.oms.app_settings.actions import set_value
from ambar.oms.doctor.domain.mended import Mended, failed


def read(key: str) -> dict[str, Any]:
    """The value in clear, to be changed; empty when it is not set."""
    settings_queries.forget()
    return copy.deepcopy(settings_queries.value(key) or {})


def write(key: str, value: dict[str, Any], *, now: datetime) -> Mended | None:
    """Store the value; None when it was taken, else the refusal in words."""
    try:
        set_value.put(key, value, now=now)
    except Invalid as refused:
        said = "; ".join(str(one) for told in refused.fields.values() for one in told)
        return failed(f"{key} was refused: {said}", f"{key} kabul edilmedi: {said}")
    return None
