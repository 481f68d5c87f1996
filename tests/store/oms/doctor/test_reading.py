"""What the doctor says of a stream whose last reading failed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ambar.kit import clock
from ambar.kit.work import heartbeats
from ambar.oms.app_settings.models import Setting
from ambar.oms.doctor.actions.checks import worker
from ambar.oms.doctor.visit import Visit
from ambar.oms.upstream.models import Watermark

pytestmark = pytest.mark.django_db
NOW = clock.now()


@pytest.fixture(autouse=True)
def a_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeats, "age_seconds", lambda *, now: 1.0)


def said(*, error: str, polled: timedelta) -> list[tuple[str, str]]:
    """Of the stream `orders`, polled so long before or after the settings were changed: (name, code)."""
    Setting.objects.create(key="SELLER_CENTER_SETTINGS", value={}, created_at=NOW, modified_at=NOW)
    Watermark.objects.create(source="seller_center", stream="orders", error=error, polled_at=NOW + polled)
    return [(one.name, one.code) for one in worker.check(Visit(now=NOW))[1:]]


def test_a_reading_that_fails_is_a_finding() -> None:
    assert said(error="401", polled=timedelta(seconds=1)) == [("intake.orders", "intake_fails")]


def test_one_that_failed_under_earlier_settings_is_not_known_yet() -> None:
    """`--fix` gave the endpoint its token: that the last poll before was refused is no finding."""
    assert said(error="401", polled=-timedelta(seconds=1)) == [("intake.orders", "intake_not_since")]


def test_one_that_went_well_is_said_to() -> None:
    assert said(error="", polled=-timedelta(seconds=1)) == [("intake", "intake_reads")]
