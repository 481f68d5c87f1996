"""Switch off a hook of Omnitron's that feeds this OMS (public set-up page, step 1)."""

from __future__ import annotations

from ambar.oms.doctor.domain.finding import Finding
from ambar.oms.doctor.domain.mended import Given, Mended, done, failed
from ambar.oms.doctor.models import SeenOff
from ambar.oms.doctor.visit import Visit
from ambar.oms.omnitron_client.domain.routing import resolve


def switch_off_hook(visit: Visit, finding: Finding, given: Given) -> Mended:
    """PATCH it off at Omnitron, and remember that it is."""
    assert visit.settings is not None
    number, event, url = (finding.figures[name] for name in ("id", "event", "url"))
    route = resolve(visit.settings, "hooks", pk=int(str(number)))
    answer = visit.probe.ask("PATCH", route.url, visit.omnitron_token(), body={"is_active": False})
    if not answer.good:
        return failed(
            f"Omnitron answered {answer.status} to switching hook {number} off; {visit.settings.username} needs hooks:write",
            f"Omnitron {number} numaralı webhook'u kapatma isteğine {answer.status} yanıtladı; {visit.settings.username} kullanıcısına hooks:write gerekli",
        )
    SeenOff.objects.update_or_create(
        hook_id=int(str(number)),
        defaults={"event_type": str(event)[:124], "target_url": str(url)[:255], "seen_at": visit.now},
    )
    return done(
        f"hook {number} ({event} -> {url}) switched off at Omnitron",
        f"{number} numaralı webhook ({event} -> {url}) Omnitron'da kapatıldı",
    )
