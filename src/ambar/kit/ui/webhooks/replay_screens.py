"""*Parked lanes* as a work queue, and *Replays*: asked for, followed with progress, stopped and gone on with."""

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
from ambar.kit.outbox import registry, shapes
from ambar.kit.outbox.actions import replay_events
from ambar.kit.outbox.domain.replay_fields import STATES, read_replay
from ambar.kit.outbox.models import Replay, ReplayState
from ambar.kit.refusals import Invalid, Refusal
from ambar.kit.ui import forms, gate, listing, pages
from ambar.kit.ui.cells import Column
from ambar.kit.ui.forms import Field
from ambar.kit.ui.looks import Look
from ambar.kit.ui.webhooks import hook_words, reads
from ambar.kit.ui.webhooks.screens import tabs

LOOKS = {
    ReplayState.RUNNING: Look(tone="progress", shape="half", word=gettext_lazy("Running")),
    ReplayState.STOPPED: Look(tone="warn", shape="stop", word=gettext_lazy("Stopped")),
    ReplayState.DONE: Look(tone="good", shape="check", word=gettext_lazy("Done")),
}
COLUMNS = (
    Column(key="number", label=gettext_lazy("No."), kind="code"),
    Column(key="wanted", label=gettext_lazy("What"), kind="clip"),
    Column(key="state", label=gettext_lazy("State"), kind="state"),
    Column(key="total", label=gettext_lazy("All"), kind="number"),
    Column(key="done", label=gettext_lazy("Sent again"), kind="number"),
    Column(key="delivered", label=gettext_lazy("Delivered"), kind="number"),
    Column(key="parked", label=gettext_lazy("Parked"), kind="number"),
    Column(key="elsewhere", label=gettext_lazy("Counted elsewhere"), kind="number"),
    Column(key="created", label=gettext_lazy("Created"), kind="time"),
)


@gate.screen("hooks:read")
def parked(request: HttpRequest) -> HttpResponse:
    """Lanes that stopped after their last try, oldest first, each with what it was answered and a way on."""
    principal = gate.principal(request)
    context = {
        "lanes": reads.parked_lanes(principal),
        "tabs": tabs("webhooks:parked"),
        "title": _("Webhooks"),
        "may_write": principal.may("hooks:write"),
    }
    return render(request, "ui/webhooks/parked.html", context)


@require_POST
@gate.screen("hooks:write")
def free(request: HttpRequest) -> HttpResponse:
    """Send everything parked of one hook (`hook`) again, as a replay."""
    given = {"webhook": request.POST.get("hook", ""), "state": ["parked"]}
    return _start(request, given) or redirect("webhooks:parked")


def _visible(request: HttpRequest) -> Any:
    owner = reads.owner_of(gate.principal(request))
    return Replay.objects.all() if owner is None else Replay.objects.filter(user_id=owner)


def _rows(found: Sequence[Replay]) -> list[Mapping[str, Any]]:
    return [
        {
            "id": row["id"],
            "href": reverse("webhooks:replay", args=[row["id"]]),
            "number": str(row["id"]),
            "wanted": words(row["wanted"]),
            "state": LOOKS[ReplayState(row["state"])],
            "total": row["total"],
            "done": row["done"],
            "delivered": row["delivered"],
            "parked": row["parked"],
            "elsewhere": row["counted_elsewhere"],
            "created": row["created_date"],
        }
        for row in shapes.replays(found)
    ]


def words(wanted: Mapping[str, Any]) -> str:
    """What was asked for in one line."""
    states = {str(number): str(reads.LOOKS[number].word) for number in reads.LOOKS}
    parts = []
    for name, value in wanted.items():
        if name == "state":
            parts.append(", ".join(states[str(STATES.index(one))] for one in value))
        elif name == "object_id":
            parts.append(f"{wanted['content_type']} {value}")
        elif name == "webhook":
            parts.append(f"{_('Hook')} {value}")
        elif name == "response_http_status":
            parts.append(f"HTTP {value}")
        elif name in ("created_date__gte", "created_date__lt"):
            parts.append(f"{'≥' if name.endswith('gte') else '<'} {value}")
        elif name != "content_type" or "object_id" not in wanted:
            parts.append(str(value))
    return " · ".join(parts)


@gate.screen("hooks:read")
def replays(request: HttpRequest) -> HttpResponse:
    """Replays, the newest first."""
    found = listing.build(
        request,
        _visible(request),
        columns=COLUMNS,
        rows=_rows,  # type: ignore[arg-type]
        default_sort="-id",
        sort={"id": "id"},
        caption=_("Replays"),
        empty_title=_("No replays yet."),
        empty_text=_(
            "Send events again by time, record, hook or state; receivers know what they have already."
        ),
    )
    return pages.show_list(
        request,
        found,
        title=_("Webhooks"),
        tabs=tabs("webhooks:replays"),
        template="ui/webhooks/replays.html",
        may_write=gate.principal(request).may("hooks:write"),
    )


def _fields(given: Mapping[str, Any]) -> list[Field]:
    types = tuple((name, name) for name in registry.known_types())
    states = tuple((name, str(reads.LOOKS[number].word)) for number, name in enumerate(STATES))
    plain = (
        ("event", _("Event uuid"), "text", ""),
        ("webhook", _("Number of the hook"), "integer", ""),
        ("content_type", _("Kind of record"), "text", _("For example package.")),
        ("object_id", _("Id of the record"), "integer", ""),
        ("created_date__gte", _("Recorded from"), "date", _("In UTC unless it says otherwise.")),
        ("created_date__lt", _("Recorded before"), "date", ""),
        ("response_http_status", _("Last answer (HTTP status)"), "integer", ""),
    )
    found = [
        Field(
            name="event_type",
            label=_("Event type"),
            kind="choice",
            options=types,
            value=given.get("event_type", ""),
        )
    ]
    found += [
        Field(name=name, label=label, kind=kind, help=told, value=given.get(name, ""))
        for name, label, kind, told in plain
    ]
    found.append(
        Field(name="state", label=_("State"), kind="checks", options=states, value=given.get("state", []))
    )
    return found


@gate.screen("hooks:write")
def new(request: HttpRequest) -> HttpResponse:
    """What to send again: counted first (`count`), then sent."""
    fields = _fields(request.GET.dict())
    if request.method != "POST":
        return _form(request, fields)
    values, errors, raw = forms.read(fields, request.POST)
    drawn = forms.answered(fields, raw, errors)
    if errors:
        return _form(request, drawn, status=400)
    try:
        wanted = read_replay(values, known_type=registry.is_known, kinds=registry.known_kinds())
        if "count" in request.POST:
            total = replay_events.preview_replay(wanted, principal=gate.principal(request))
            return _form(request, drawn, total=total, counted=True)
    except Invalid as refusal:
        fields_told = dict(refusal.fields)
        for told in fields_told.pop("non_field_errors", []):
            is_empty = told.startswith("Name at")
            messages.error(request, _("Fill in at least one field.") if is_empty else hook_words.words(told))
        shown = {name: list(map(hook_words.words, told)) for name, told in fields_told.items()}
        return _form(request, forms.answered(fields, raw, shown), status=400)
    return _start(request, wanted) or _form(request, drawn, status=400)


def _form(request: HttpRequest, fields: list[Field], status: int = 200, **more: Any) -> HttpResponse:
    return render(request, "ui/webhooks/replay_form.html", {"fields": fields, **more}, status=status)


def _start(request: HttpRequest, given: Mapping[str, Any]) -> HttpResponse | None:
    principal = gate.principal(request)
    try:
        wanted = read_replay(given, known_type=registry.is_known, kinds=registry.known_kinds())
        made = replay_events.start_replay(wanted, principal=principal, now=clock.now())
    except Invalid as refusal:
        for told in refusal.fields.values():
            messages.error(request, " ".join(map(hook_words.words, told)))
        return None
    accounts.audit(principal, "replay.started", "replay", made.pk, {"wanted": wanted, "total": made.total})
    return redirect("webhooks:replay", pk=made.pk)


@gate.screen("hooks:read")
def replay(request: HttpRequest, pk: int) -> HttpResponse:
    """One replay with its progress; drawn anew every second until all of it is answered."""
    found = _visible(request).filter(pk=pk).first()
    if found is None:
        return gate.missing(request)
    (row,) = shapes.replays([found])
    running = found.state == ReplayState.RUNNING
    context = {
        "found": found,
        "row": row,
        "what": words(found.wanted),
        "look": LOOKS[ReplayState(found.state)],
        "running": running,
        "stopped": found.state == ReplayState.STOPPED,
        "live": running or bool(row["waiting"]),
        "length": round(600 * row["done"] / max(1, row["total"])),
        "may_write": gate.principal(request).may("hooks:write"),
    }
    return render(request, "ui/webhooks/replay.html", context)


@require_POST
@gate.screen("hooks:write")
def turn(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop a running replay, or go on with a stopped one (`to` is stop or on)."""
    if not _visible(request).filter(pk=pk).exists():
        return gate.missing(request)
    act = replay_events.resume_replay if request.POST.get("to") == "on" else replay_events.stop_replay
    try:
        act(pk, now=clock.now())
    except Refusal as refusal:
        messages.error(request, hook_words.words(refusal.message))
    return redirect("webhooks:replay", pk=pk)
