"""*Home*: today's flow as one picture, the hand-over in figures, and what needs a person."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ambar.kit import clock
from ambar.kit.ui import charts, gate, moments
from ambar.kit.ui.cells import number
from ambar.oms.console import doctoring, flow, holds, intake_words
from ambar.oms.doctor.queries import notice
from ambar.oms.handover.models import Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """Something that will not go on by itself."""

    tone: str
    title: str
    text: str
    href: str
    since: Any = None


@gate.screen("packages:read")
def home(request: HttpRequest) -> HttpResponse:
    """The first screen after signing in. A person bound to locations sees what happens to their packages only."""
    principal = gate.principal(request)
    since = moments.start_of_day(now=clock.now())
    bound = "location_ids" in principal.bounds
    figures = flow.figures(since=since, location_ids=principal.bounds.get("location_ids"))
    stages = _stages(figures)[2:] if bound else _stages(figures)
    context = {
        "figures": figures,
        "stages": stages,
        "picture": charts.flow(stages, title=_("Today's flow")),
        "alerts": [*_drift(principal), *_alerts(figures)] if principal.may("intake:read") else None,
        "handover": _handover(figures) if principal.may("handover:read") else None,
        "since": since,
    }
    return render(request, "oms_console/home.html", context)


def _stages(figures: flow.Figures) -> list[charts.Stage]:
    packages = reverse("oms_console:packages")
    orders = reverse("oms_console:orders")
    to_pack = figures.count(flow.OPEN)
    to_ship = figures.count((500,))
    underway = figures.count(flow.ON_THE_WAY)
    return [
        charts.Stage(
            label=_("Taken"),
            count=figures.taken,
            note=ngettext("%(n)s to plan", "%(n)s to plan", figures.to_plan) % {"n": number(figures.to_plan)},
            stuck=figures.quarantined,
            reason=_("in quarantine"),
            href=orders,
            stuck_href=reverse("oms_console:quarantine"),
        ),
        charts.Stage(
            label=_("Planned"),
            count=figures.planned,
            note=_("%(n)s to pack") % {"n": number(to_pack)},
            stuck=figures.held,
            reason=_("on hold"),
            href=f"{orders}?planning=planned",
            stuck_href=f"{orders}?planning=hold",
        ),
        charts.Stage(
            label=_("Packed"),
            count=figures.packed,
            note=_("%(n)s to ship") % {"n": number(to_ship)},
            stuck=figures.count(flow.PROBLEMS),
            reason=_("stuck"),
            href=f"{packages}?tab=packed",
            stuck_href=f"{packages}?tab=stuck",
        ),
        charts.Stage(
            label=_("Shipped"),
            count=figures.shipped,
            note=_("%(n)s on the way") % {"n": number(underway)},
            stuck=figures.count(flow.FAILING),
            reason=_("not delivered"),
            href=f"{packages}?tab=shipped",
            stuck_href=f"{packages}?tab=failed",
        ),
        charts.Stage(
            label=_("Delivered"), count=figures.delivered, note=_("today"), href=f"{packages}?tab=delivered"
        ),
    ]


def _handover(figures: flow.Figures) -> list[tuple[str, list[tuple[str, int]]]]:
    return [
        (
            _("Orders in, today"),
            [
                (_("Taken"), figures.taken),
                (_("Refused by a rule"), figures.filtered),
                (_("In quarantine"), figures.quarantined),
            ],
        ),
        (
            _("Events out, today"),
            [
                (_("Recorded"), figures.recorded),
                (_("Delivered"), figures.sent),
                (_("Waiting"), figures.to_send),
                (_("Parked"), figures.parked),
            ],
        ),
        (_("Statuses upstream"), [(_("Waiting"), figures.to_report), (_("Set aside"), figures.set_aside)]),
        *_closing(),
    ]


def _drift(principal: Any) -> list[Alert]:
    """What the doctor found wrong with the integration and nobody has mended yet."""
    found = notice() if principal.may("doctor:read") else None
    if found is None:
        return []
    title = ngettext(
        "The integration has %(n)s finding", "The integration has %(n)s findings", found.count
    ) % {"n": number(found.count)}
    what, _why, _fix = doctoring.spoken(found.finding)
    href = reverse("oms_console:doctor")
    return [Alert(tone="bad", title=title, text=what, href=href, since=found.since)]


def _closing() -> list[tuple[str, list[tuple[str, int]]]]:
    """The latest closing statement, as far as it is known."""
    row = Statement.objects.order_by("-day").first()
    if row is None:
        return []
    told = [
        (_("Missing"), row.body["missing"]),
        (_("Applied twice"), row.body["applied_twice"]),
        (_("Repaired"), row.body["repaired"]["count"]),
    ]
    title = _("Closing statement of %(day)s") % {"day": formats.date_format(row.day, "j F")}
    return [(title, [(label, count) for label, count in told if count is not None])]


def _alerts(figures: flow.Figures) -> list[Alert]:
    found = []
    if figures.quarantined:
        page = reverse("oms_console:quarantine")
        for _cause, reason, count, since in flow.causes():
            title = ngettext("%(n)s order in quarantine", "%(n)s orders in quarantine", count) % {
                "n": number(count)
            }
            found.append(
                Alert(tone="warn", title=title, text=intake_words.words(reason), href=page, since=since)
            )
    if figures.held:
        page = f"{reverse('oms_console:orders')}?planning=hold"
        for reason, count, since in flow.holds():
            title = ngettext("%(n)s order on hold", "%(n)s orders on hold", count) % {"n": number(count)}
            found.append(Alert(tone="warn", title=title, text=holds.words(reason), href=page, since=since))
    found += _floor_alerts(figures)
    if figures.parked:
        title = ngettext("%(n)s delivery is parked", "%(n)s deliveries are parked", figures.parked) % {
            "n": number(figures.parked)
        }
        text = _("The receiver did not accept them; they wait for a person.")
        found.append(Alert(tone="bad", title=title, text=text, href=reverse("webhooks:parked")))
    if figures.not_applied:
        title = ngettext(
            "%(n)s received event could not be applied",
            "%(n)s received events could not be applied",
            figures.not_applied,
        ) % {"n": number(figures.not_applied)}
        text = _("They are set aside with their reason, and wait for a person.")
        found.append(Alert(tone="bad", title=title, text=text, href=reverse("webhooks:aside")))
    if figures.set_aside:
        title = ngettext(
            "%(n)s status was refused upstream", "%(n)s statuses were refused upstream", figures.set_aside
        ) % {"n": number(figures.set_aside)}
        found.append(Alert(tone="bad", title=title, text="", href=reverse("oms_console:orders")))
    return found


def _floor_alerts(figures: flow.Figures) -> list[Alert]:
    found = []
    waiting, unmade = figures.count((800,)), flow.parcels_not_made()
    if waiting:
        title = ngettext(
            "%(n)s cancellation waits for its location",
            "%(n)s cancellations wait for their location",
            waiting,
        ) % {"n": number(waiting)}
        found.append(Alert(tone="warn", title=title, text="", href=reverse("oms_console:cancellations")))
    found += _stuck(figures)
    if unmade:
        title = ngettext(
            "%(n)s parcel was not made by its carrier", "%(n)s parcels were not made by their carrier", unmade
        ) % {"n": number(unmade)}
        href = f"{reverse('oms_console:shipments')}?talk=error"
        found.append(Alert(tone="bad", title=title, text="", href=href))
    return found


def _stuck(figures: flow.Figures) -> list[Alert]:
    """Packages that stay where they are until stock comes, or somebody lets them go on."""
    found = []
    href = f"{reverse('oms_console:packages')}?tab=stuck"
    short, blocked = figures.count((920,)), figures.count((930,))
    if short:
        title = ngettext("%(n)s package is out of stock", "%(n)s packages are out of stock", short)
        text = _("They are planned again as soon as stock of their products arrives.")
        found.append(Alert(tone="warn", title=title % {"n": number(short)}, text=text, href=href))
    if blocked:
        title = ngettext("%(n)s package is blocked", "%(n)s packages are blocked", blocked)
        found.append(Alert(tone="warn", title=title % {"n": number(blocked)}, text="", href=href))
    return found
