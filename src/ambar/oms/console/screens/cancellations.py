"""*Cancellations*: what waits for a location first, what was done with each item, what upstream was answered."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from ambar.kit import accounts, clock
from ambar.kit.ui import gate, listing, pages
from ambar.kit.ui.cells import Column
from ambar.oms.console import floor_looks, floor_rows, looks, refusals, select_action
from ambar.oms.locations.models import StockLocation
from ambar.oms.orders import answers_store, queries
from ambar.oms.orders.models import CancellationPlan, CancellationRequest
from ambar.oms.packages.models import Package
from ambar.oms.packages.queries import visible as visible_packages

COLUMNS = (
    Column(key="order", label=gettext_lazy("Order"), kind="code"),
    Column(key="status", label=gettext_lazy("State"), kind="state"),
    Column(key="item", label=gettext_lazy("Item"), kind="clip"),
    Column(key="quantity", label=gettext_lazy("Quantity"), kind="number"),
    Column(key="type", label=gettext_lazy("Type")),
    Column(key="origin", label=gettext_lazy("Asked by")),
    Column(key="reason", label=gettext_lazy("Reason"), kind="clip"),
    Column(key="created", label=gettext_lazy("Asked"), kind="time"),
)
PLAN_COLUMNS = (
    Column(key="number", label=gettext_lazy("Plan"), kind="code"),
    Column(key="order", label=gettext_lazy("Order"), kind="code"),
    Column(key="type", label=gettext_lazy("Type")),
    Column(key="state", label=gettext_lazy("State"), kind="state"),
    Column(key="answer", label=gettext_lazy("Answer")),
    Column(key="answered", label=gettext_lazy("Answered"), kind="time"),
    Column(key="problem", label=gettext_lazy("Problem"), kind="clip"),
    Column(key="created", label=gettext_lazy("Received"), kind="time"),
)
DECISIONS = ("CONFIRM_CANCELLATION", "REFUSE_CANCELLATION")
WAITING = "waiting_approval"


def _requests(request: HttpRequest) -> Any:
    return queries.visible_requests(gate.principal(request)).select_related("order_item__product")


def _tabs(request: HttpRequest, current: str) -> list[pages.Tab]:
    here = reverse("oms_console:cancellations")
    waiting = queries.visible_requests(gate.principal(request)).filter(status=WAITING).count()
    return [
        pages.Tab(label=_("Waiting for a location"), href=here, current=current == "waiting", count=waiting),
        pages.Tab(label=_("All"), href=f"{here}?tab=all", current=current == "all"),
        pages.Tab(
            label=_("Plans of upstream"),
            href=reverse("oms_console:cancellation_plans"),
            current=current == "plans",
        ),
    ]


@gate.screen("orders:read")
def cancellations(request: HttpRequest) -> HttpResponse:
    """What waits for a location, the oldest first; `tab=all`: everything that was asked, the newest first."""
    every = request.GET.get("tab") == "all"
    choices = [
        listing.Choice(
            key="status",
            label=_("State"),
            options=[(key, look.word) for key, look in floor_looks.REQUEST.items()],
            narrow=lambda rows, value: rows.filter(status=value),
        ),
        listing.Choice(
            key="origin",
            label=_("Asked by"),
            options=list(looks.CANCELLATION_ORIGINS.items()),
            narrow=lambda rows, value: rows.filter(origin=value),
        ),
        listing.Choice(
            key="type",
            label=_("Type"),
            options=list(looks.CANCELLATION_TYPES.items()),
            narrow=lambda rows, value: rows.filter(cancellation_type=value),
        ),
    ]
    found = listing.build(
        request,
        _requests(request) if every else _requests(request).filter(status=WAITING),
        columns=COLUMNS,
        rows=floor_rows.cancellation_requests,
        search=lambda rows, text: rows.filter(order__number__startswith=text),
        choices=choices if every else [],
        default_sort="-id" if every else "id",
        kept=("tab",),
        caption=_("Cancellations"),
        empty_title=_("Nothing has been cancelled.") if every else _("Nothing waits for a location."),
        empty_text=_("What is asked before packing is cancelled by itself; packed goods wait here."),
    )
    return pages.show_list(
        request,
        found,
        title=_("Cancellations"),
        tabs=_tabs(request, "all" if every else "waiting"),
        search_hint=_("Order number"),
    )


@gate.screen("orders:read")
def plans(request: HttpRequest) -> HttpResponse:
    """Cancellation plans of upstream, newest first."""
    found = listing.build(
        request,
        queries.visible_plans(gate.principal(request)).select_related("order").defer("raw", "order__raw"),
        columns=PLAN_COLUMNS,
        rows=floor_rows.cancellation_plans,
        search=lambda rows, text: rows.filter(order__number__startswith=text),
        choices=[
            listing.Choice(
                key="state",
                label=_("State"),
                options=[(key, look.word) for key, look in floor_looks.PLAN.items()],
                narrow=lambda rows, value: rows.filter(state=value),
            ),
            listing.Choice(
                key="answer",
                label=_("Answer"),
                options=[("to_tell", _("Not told yet")), ("refused", _("Upstream refused to hear"))],
                narrow=_by_answer,
            ),
        ],
        caption=_("Plans of upstream"),
        empty_title=_("No plans yet."),
        empty_text=_("They come from the Seller Center or the commerce hub."),
    )
    return pages.show_list(
        request,
        found,
        title=_("Cancellations"),
        tabs=_tabs(request, "plans"),
        search_hint=_("Order number"),
    )


def _by_answer(rows: Any, value: str) -> Any:
    untold = rows.exclude(answer="").filter(answered_at=None)
    if value == "refused":
        return untold.filter(answer_due_at=None).exclude(answer_error="")
    return untold.filter(answer_due_at__isnull=False)


@gate.screen("orders:read")
def cancellation(request: HttpRequest, pk: int) -> HttpResponse:
    """One request: where its units were found, what became of each, and the buttons of the location."""
    principal = gate.principal(request)
    found = _requests(request).select_related("plan").defer("plan__raw").filter(pk=pk).first()
    if found is None:
        accounts.note_foreign(principal, CancellationRequest.objects.all(), pk)
        return gate.missing(request)
    others = _requests(request).filter(plan_id=found.plan_id).exclude(pk=pk) if found.plan_id else []
    parts = list(found.parts.all())
    packages = _packages(principal, [part.package_id for part in parts])
    context = {
        "found": found,
        "look": floor_looks.REQUEST[found.status],
        "decided": refusals.sentence(found.answer),
        "type": looks.cancellation_type(found.cancellation_type),
        "origin": looks.cancellation_origin(found.origin),
        "by": select_action.user_names({found.user_id}).get(found.user_id, "") if found.user_id else "",
        "parts": _parts(parts, packages),
        "decisions": _decisions([part for part in parts if part.status == "waiting"], packages, principal),
        "others": floor_rows.cancellation_requests(others),
        "columns": COLUMNS[:5],
        **_answer(found.plan, principal),
    }
    return render(request, "oms_console/cancellation.html", context)


def _packages(principal: Any, ids: Sequence[int | None]) -> dict[int, Package]:
    """Those of the packages that this person may see."""
    rows = visible_packages(principal).filter(pk__in=[one for one in ids if one is not None])
    return {package.pk: package for package in rows.select_related("location")}


def _parts(parts: Sequence[Any], packages: Mapping[int, Package]) -> list[dict[str, Any]]:
    places = dict(
        StockLocation.objects.filter(
            pk__in={part.location_id for part in parts if part.location_id}
        ).values_list("pk", "name")
    )
    return [
        {
            "package": packages.get(part.package_id or 0),
            "elsewhere": part.package_id is not None and part.package_id not in packages,
            "location": places.get(part.location_id, ""),
            "quantity": part.quantity,
            "look": floor_looks.PART[part.status],
            "at": part.modified_at,
        }
        for part in parts
    ]


def _decisions(
    waiting: Sequence[Any], packages: Mapping[int, Package], principal: Any
) -> list[tuple[Package, list[select_action.Choice]]]:
    """Each package that waits, with the location's two answers as far as this person may give them."""
    ids = dict.fromkeys(part.package_id for part in waiting if part.package_id in packages)
    return [
        (
            packages[package_id],
            [
                choice
                for choice in select_action.choices(packages[package_id], principal)
                if choice.command_code in DECISIONS
            ],
        )
        for package_id in ids
    ]


def _answer(plan: CancellationPlan | None, principal: Any) -> dict[str, Any]:
    """What upstream was told, and whether it may be told once more."""
    if plan is None:
        return {"plan": None}
    set_aside = bool(
        plan.answer and plan.answer_error and plan.answered_at is None and plan.answer_due_at is None
    )
    return {
        "plan": plan,
        "answer": floor_looks.ANSWER.get(plan.answer, plan.answer),
        "answer_reason": refusals.sentence(plan.answer_reason),
        "plan_look": floor_looks.PLAN[plan.state],
        "set_aside": set_aside,
        "may_tell_again": set_aside and principal.may("intake:write"),
    }


def _plan(request: HttpRequest, pk: int) -> CancellationPlan | None:
    principal = gate.principal(request)
    rows = queries.visible_plans(principal).select_related("order").defer("raw", "order__raw")
    found: CancellationPlan | None = rows.filter(pk=pk).first()
    if found is None:
        accounts.note_foreign(principal, CancellationPlan.objects.all(), pk)
    return found


@gate.screen("orders:read")
def plan(request: HttpRequest, pk: int) -> HttpResponse:
    """One plan of upstream: its items and the answer."""
    found = _plan(request, pk)
    if found is None:
        return gate.missing(request)
    context = {
        "items": floor_rows.cancellation_requests(_requests(request).filter(plan_id=pk).order_by("pk")),
        "columns": COLUMNS,
        "type": looks.cancellation_type(found.plan_type),
        **_answer(found, gate.principal(request)),
    }
    return render(request, "oms_console/cancellation_plan.html", context)


@require_POST
@gate.screen("intake:write")
def tell_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Tell upstream once more what it refused to hear."""
    found = _plan(request, pk)
    if found is None:
        return gate.missing(request)
    if answers_store.again(pk, now=clock.now()):
        accounts.audit(gate.principal(request), "cancellation_plan.answer_again", "cancellation_plan", pk, {})
        messages.success(request, _("Upstream is told once more."))
    else:
        messages.error(request, _("No answer of this plan was set aside."))
    return redirect("oms_console:cancellation_plan", pk=pk)
