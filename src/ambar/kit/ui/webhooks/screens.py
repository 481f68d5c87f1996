"""Screens *Hooks*, *Delivery log* and one delivery. Source: "Akinon OMS > Settings > Webhooks"."""

from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from ambar.kit.outbox import hook_secrets, queries
from ambar.kit.outbox.actions.retry_delivery import retry_delivery
from ambar.kit.outbox.models import DeliveryState
from ambar.kit.refusals import Refusal
from ambar.kit.text import is_digits
from ambar.kit.ui import gate, listing, pages
from ambar.kit.ui.cells import Column
from ambar.kit.ui.webhooks import hook_words, reads

HOOK_COLUMNS = (
    Column(key="event_type", label=gettext_lazy("Event"), kind="code", sort="event"),
    Column(key="target", label=gettext_lazy("Target URL"), kind="url"),
    Column(key="state", label=gettext_lazy("State"), kind="state"),
    Column(key="waiting", label=gettext_lazy("Waiting"), kind="number"),
    Column(key="parked", label=gettext_lazy("Parked"), kind="number"),
    Column(key="endpoint", label=gettext_lazy("Endpoint"), kind="state"),
    Column(key="signed", label=gettext_lazy("Signed"), kind="flag"),
    Column(key="reason", label=gettext_lazy("Reason"), kind="clip"),
    Column(key="modified", label=gettext_lazy("Changed"), kind="time", sort="modified"),
)
LOG_COLUMNS = (
    Column(key="type", label=gettext_lazy("Event"), kind="code"),
    Column(key="about", label=gettext_lazy("About")),
    Column(key="sequence", label=gettext_lazy("Sequence"), kind="number"),
    Column(key="host", label=gettext_lazy("To"), kind="clip"),
    Column(key="state", label=gettext_lazy("State"), kind="state"),
    Column(key="answer", label=gettext_lazy("Answer"), kind="clip"),
    Column(key="attempts", label=gettext_lazy("Attempts"), kind="number"),
    Column(key="created", label=gettext_lazy("Recorded"), kind="time", sort="id"),
)


def tabs(here: str) -> list[pages.Tab]:
    """What stands above every list of webhooks."""
    names = (
        ("webhooks:hooks", _("Hooks")),
        ("webhooks:deliveries", _("Delivery log")),
        ("webhooks:parked", _("Parked lanes")),
        ("webhooks:replays", _("Replays")),
        ("webhooks:aside", _("Received, set aside")),
        ("webhooks:types", _("Event types")),
    )
    return [pages.Tab(label=label, href=reverse(name), current=name == here) for name, label in names]


@gate.screen("hooks:read")
def hooks(request: HttpRequest) -> HttpResponse:
    """Every subscription with its state, what waits in it and how its endpoint is."""
    principal = gate.principal(request)
    found = listing.build(
        request,
        reads.visible_hooks(principal),
        columns=HOOK_COLUMNS,
        rows=partial(reads.hook_rows, principal=principal),
        search=partial(reads.search, principal=principal),
        choices=[
            listing.Choice(
                key="state",
                label=_("State"),
                options=[("active", _("Active")), ("off", _("Off"))],
                narrow=lambda rows, value: rows.filter(is_active=value == "active"),
            )
        ],
        sort={"event": "event_type", "modified": "modified_at"},
        default_sort="id",
        caption=_("Hooks"),
        empty_title=_("No hooks yet."),
        empty_text=_("Make one here, or let other systems subscribe over the API."),
    )
    answers = queries.refused_hooks()
    refused = list(reads.visible_hooks(principal).filter(pk__in=answers).order_by("id"))
    return pages.show_list(
        request,
        found,
        title=_("Webhooks"),
        tabs=tabs("webhooks:hooks"),
        template="ui/webhooks/hooks.html",
        ill=reads.health(principal),
        refused=[hook for hook in refused if answers[hook.pk] not in reads.ASTRAY],
        astray=[hook for hook in refused if answers[hook.pk] in reads.ASTRAY],
        may_write=principal.may("hooks:write"),
    )


def _search(rows: Any, text: str) -> Any:
    try:
        return rows.filter(event__uuid=UUID(text))
    except ValueError:
        pass
    if is_digits(text) and len(text) < 18:
        return rows.filter(aggregate_id=int(text))
    return rows.filter(event__type__icontains=text)


def _by_state(rows: Any, value: str) -> Any:
    if value == "retrying":
        return rows.filter(state=DeliveryState.PENDING, attempts__gt=0)
    return rows.filter(state=DeliveryState[value.upper()].value)


@gate.screen("hooks:read")
def deliveries(request: HttpRequest) -> HttpResponse:
    """What was sent, to whom, and how it was answered; newest first."""
    found = listing.build(
        request,
        reads.visible_deliveries(gate.principal(request)),
        columns=LOG_COLUMNS,
        rows=reads.delivery_rows,
        search=_search,
        choices=[
            listing.Choice(
                key="state",
                label=_("State"),
                options=[
                    ("pending", _("Pending")),
                    ("retrying", _("Retrying")),
                    ("delivered", _("Delivered")),
                    ("parked", _("Parked")),
                    ("superseded", _("Superseded")),
                ],
                narrow=_by_state,
            ),
            listing.Choice(
                key="hook",
                label=_("Hook"),
                options=[(str(pk), f"{kind} · {pk}") for pk, kind in _hook_names(request)],
                narrow=lambda rows, value: rows.filter(hook_id=int(value)),
            ),
        ],
        sort={"id": "id"},
        default_sort="-id",
        caption=_("Delivery log"),
        empty_title=_("Nothing has been sent yet."),
        empty_text=_("An event appears here as soon as it is recorded for a hook."),
    )
    return pages.show_list(
        request,
        found,
        title=_("Webhooks"),
        tabs=tabs("webhooks:deliveries"),
        search_hint=_("Event, uuid or record id"),
    )


def _hook_names(request: HttpRequest) -> list[tuple[int, str]]:
    rows = reads.visible_hooks(gate.principal(request))
    return list(rows.order_by("event_type", "id").values_list("id", "event_type")[:500])


@gate.screen("hooks:read")
def delivery(request: HttpRequest, pk: int) -> HttpResponse:
    """One delivery: body, tries, answers."""
    principal = gate.principal(request)
    found = reads.delivery(pk, principal)
    if found is None:
        return gate.missing(request)
    hook = found.hook
    context = {
        "target": hook_secrets.shown_address(hook.target_url, owner_id=hook.user_id, reader=principal),
        "delivery": found,
        "look": reads.look(found),
        "attempts": reads.attempts(pk),
        "payload": reads.pretty(found.event.payload),
        "may_resend": found.state != DeliveryState.DELIVERED and principal.may("hooks:write"),
    }
    return render(request, "ui/webhooks/delivery.html", context)


@require_POST
@gate.screen("hooks:write")
def resend(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a delivery again: the same bytes under the same uuid."""
    found = reads.delivery(pk, gate.principal(request))
    if found is None:
        return gate.missing(request)
    try:
        retry_delivery(pk, force=True)
    except Refusal as refusal:
        messages.error(request, hook_words.words(refusal.message))
    else:
        on = found.hook.is_active
        told = _("It will be sent again now.") if on else _("It will be sent again once its hook is on.")
        messages.success(request, told)
    if request.POST.get("back") == "parked":
        return redirect("webhooks:parked")
    return redirect("webhooks:delivery", pk=pk)
