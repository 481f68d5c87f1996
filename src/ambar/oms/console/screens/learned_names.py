"""*Learned names*: what a name nobody knew means is taught once, for all orders that wait for it; and taken back."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from ambar.kit import accounts, clock
from ambar.kit.refusals import Invalid
from ambar.kit.text import is_digits
from ambar.kit.ui import gate
from ambar.oms.console.quarantine_tabs import tabs
from ambar.oms.places import queries as places
from ambar.oms.places import store as places_store
from ambar.oms.places.domain.naming import LEVELS
from ambar.oms.places.models import Alias
from ambar.oms.places.store import PARENTS
from ambar.oms.upstream import configured
from ambar.oms.upstream.actions.learn_alias import learn_alias
from ambar.oms.upstream.domain.verdicts import QUARANTINED
from ambar.oms.upstream.models import Quarantined

MOST_SHOWN = 500
LEVEL_WORDS = {
    "country": gettext_lazy("country"),
    "city": gettext_lazy("city"),
    "township": gettext_lazy("township"),
    "district": gettext_lazy("district"),
}


def lesson(cause: str) -> dict[str, Any] | None:
    """What is to be taught so that the orders of a cause can be taken: the unknown name, and the places it may mean."""
    row = Quarantined.objects.filter(closed_at__isnull=True, cause=cause).order_by("id").first()
    detail = row.detail if row is not None and row.kind == "unknown_place" and row.detail else {}
    level, name, parent = detail.get("level"), detail.get("name"), detail.get("parent")
    if level not in LEVELS or not name or not isinstance(parent, int):
        return None
    above = PARENTS[level]
    below = places.names([(above, parent)]).get((above, parent), "") if above else ""
    return {"level": LEVEL_WORDS[level], "name": name, "below": below, "places": places.below(level, parent)}


@gate.screen("intake:read")
def learned(request: HttpRequest) -> HttpResponse:
    """Every name that was taught and what it means, the newest first."""
    rows = list(Alias.objects.order_by("-id")[:MOST_SHOWN])
    meant = places.names(
        [(row.level, row.target_id) for row in rows]
        + [(above, row.parent_id) for row in rows if (above := PARENTS[row.level])]
    )
    context = {
        "tabs": tabs("learned"),
        "rows": [
            {
                "id": row.pk,
                "name": row.name,
                "level": LEVEL_WORDS[row.level],
                "below": meant.get((PARENTS[row.level] or "", row.parent_id), ""),
                "meant": meant.get((row.level, row.target_id), ""),
                "at": row.created_at,
            }
            for row in rows
        ],
        "may_write": gate.principal(request).may("intake:write"),
    }
    return render(request, "oms_console/learned_names.html", context)


@require_POST
@gate.screen("intake:write")
def teach(request: HttpRequest) -> HttpResponse:
    """Teach what the unknown name of a cause (`cause`) means (`target`), and take all orders that wait for it."""
    cause, target = request.POST.get("cause", "").replace("\x00", ""), request.POST.get("target", "")
    row = Quarantined.objects.filter(closed_at__isnull=True, cause=cause).order_by("id").first()
    if row is None or lesson(cause) is None:
        return gate.missing(request)
    detail, place = row.detail, int(target) if is_digits(target) and len(target) < 19 else 0
    level, parent, name = detail["level"], detail["parent"], detail["name"]
    try:
        alias_id, released = learn_alias(
            level, parent, name, place, configured=configured.current(), now=clock.now()
        )
    except Invalid:
        messages.error(request, _("Choose the place it means."))
        return redirect("oms_console:quarantine_causes")
    accounts.audit(gate.principal(request), "alias.learned", "alias", alias_id, {**detail, "target": place})
    gone = sum(one.outcome != QUARANTINED for one in released)
    told = ngettext("%(count)s order has left quarantine.", "%(count)s orders have left quarantine.", gone)
    messages.success(request, told % {"count": gone})
    return redirect("oms_console:quarantine_causes")


@require_POST
@gate.screen("intake:write")
def forget(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a name back: orders that come with it from now on wait again."""
    forgotten = places_store.forget_alias(pk)
    if forgotten is None:
        return gate.missing(request)
    accounts.audit(gate.principal(request), "alias.forgotten", "alias", pk, forgotten)
    messages.success(request, _("Taken back. What was taken by it stays as it is."))
    return redirect("oms_console:learned_names")
