"""*Hand-over*: the closing statement, reconciliations with preview, repair and progress, and the conflict log."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from ambar.kit import clock
from ambar.kit.refusals import Refusal
from ambar.kit.ui import gate, listing, pages
from ambar.kit.ui.cells import Column
from ambar.oms.console import conflict_words, refusals
from ambar.oms.console import handover_words as words
from ambar.oms.console.select_action import user_names
from ambar.oms.handover import queries
from ambar.oms.handover.actions import close_day, reconcile
from ambar.oms.handover.domain import authority
from ambar.oms.handover.models import Conflict, Reconciliation, Statement
from ambar.oms.upstream import configured

READ, WRITE = "handover:read", "handover:write"
LATEST = 8
MOST_SHOWN = 200
COLUMNS = (
    Column(key="key", label=gettext_lazy("Record"), kind="code"),
    Column(key="kind", label=gettext_lazy("Kind")),
    Column(key="case", label=gettext_lazy("Case")),
    Column(key="differs", label=gettext_lazy("Differs in"), kind="clip"),
    Column(key="owner", label=gettext_lazy("Who is right")),
    Column(key="remedy", label=gettext_lazy("Remedy")),
    Column(key="state", label=gettext_lazy("State"), kind="state"),
    Column(key="created", label=gettext_lazy("Found"), kind="time", sort="found"),
)


@gate.screen(READ)
def handover(request: HttpRequest) -> HttpResponse:
    """The statement of a day (the latest without `day`), the latest reconciliations, and who is right about what."""
    statements = list(Statement.objects.order_by("-day")[:LATEST])
    chosen = _statement(request, statements)
    rows = list(Reconciliation.objects.order_by("-pk")[:LATEST])
    names = user_names({row.created_by for row in rows if row.created_by is not None})
    context = {
        "statement": chosen
        and {**chosen.body, "day": chosen.day, "is_final": chosen.is_final, "at": chosen.modified_at},
        "unknown": [_unknown(text) for text in chosen.body["unknown"]] if chosen else [],
        "days": [row.day for row in statements],
        "rows": [
            {"row": row, "look": words.STATES[row.state], "by": names.get(row.created_by or 0, "")}
            for row in rows
        ],
        "table": words.table(),
        "may": gate.principal(request).may(WRITE),
    }
    return render(request, "oms_console/handover.html", context)


def _statement(request: HttpRequest, latest: Sequence[Statement]) -> Statement | None:
    try:
        day = date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        return latest[0] if latest else None
    return Statement.objects.filter(day=day).first()


def _unknown(text: str) -> str:
    """`What can't be known: why`, both parts in the reader's language."""
    what, _colon, why = text.partition(": ")
    known = {
        "Whether events were applied, or applied twice": _("Whether events were applied, or applied twice"),
        "Whether both sides hold the same": _("Whether both sides hold the same"),
        "Whether the fields of packages are the same": _("Whether the fields of packages are the same"),
        "Whether the fields of orders are the same": _("Whether the fields of orders are the same"),
        "Whether the statuses of orders are the same": _("Whether the statuses of orders are the same"),
    }
    return f"{known.get(what, what)}: {refusals.sentence(why)}"


@require_POST
@gate.screen(WRITE)
def close(request: HttpRequest) -> HttpResponse:
    """Draw today's statement up, or once more."""
    row = close_day.draw_up(None, now=clock.now())
    messages.success(request, _("The statement has been drawn up."))
    return redirect(f"{reverse('oms_console:handover')}?day={row.day.isoformat()}")


@require_POST
@gate.screen(WRITE)
def compare(request: HttpRequest) -> HttpResponse:
    """Begin a comparison and go to its page."""
    row = reconcile.start(apply=False, user_id=gate.principal(request).user_id, now=clock.now())
    return redirect("oms_console:reconciliation", pk=row.pk)


@gate.screen(READ)
def reconciliation(request: HttpRequest, pk: int) -> HttpResponse:
    """One reconciliation: progress while it runs, then what differs and what became of it."""
    row = Reconciliation.objects.filter(pk=pk).first()
    if row is None:
        return gate.missing(request)
    found = Conflict.objects.filter(of=row).exclude(state=Conflict.SEEN)
    shown = list(found.order_by("kind", "key")[:MOST_SHOWN])
    context = {
        "row": row,
        "look": words.STATES[row.state],
        "open": row.state in Reconciliation.OPEN,
        "ready": row.state == Reconciliation.READY,
        "stopped": row.state in (Reconciliation.CANCELLED, Reconciliation.FAILED),
        "agree": row.state == Reconciliation.DONE and not row.found and not row.unknown,
        "length": round(600 * row.compared / row.rows) if row.rows else 0,
        "conflicts": _conflicts(shown),
        "more": max(0, found.count() - MOST_SHOWN),
        "unknown": [refusals.sentence(text) for text in row.unknown],
        "by": user_names({row.created_by}).get(row.created_by, "") if row.created_by else "",
        "may": gate.principal(request).may(WRITE),
    }
    return render(request, "oms_console/reconciliation.html", context)


@require_POST
@gate.screen(WRITE)
def turn(request: HttpRequest, pk: int) -> HttpResponse:
    """Repair what was found, stop, or go on (`to` is repair, stop or on)."""
    act = {"repair": reconcile.apply, "stop": reconcile.cancel, "on": reconcile.resume}.get(
        request.POST.get("to", "")
    )
    try:
        if act is not None:
            act(pk, now=clock.now())
    except Refusal as refusal:
        messages.error(request, refusals.words(refusal))
    return redirect("oms_console:reconciliation", pk=pk)


def _conflicts(found: Sequence[Conflict]) -> list[dict[str, Any]]:
    keys = [int(one.key) for one in found if one.kind == authority.ORDER]
    orders = queries.own_ids(configured.order_source(), keys) if keys else {}
    return [_conflict(one, orders) for one in found]


def _conflict(one: Conflict, orders: Mapping[int, int]) -> dict[str, Any]:
    """`orders`: our ids of orders by upstream id."""
    page, pk = "oms_console:package", one.record_id
    if one.kind == authority.ORDER:
        page, pk = "oms_console:order", orders.get(int(one.key))
    return {
        "key": one.key,
        "kind": words.KINDS[one.kind],
        "href": reverse(page, args=[pk]) if pk else "",
        "case": words.CASES.get(one.case, one.case),
        "owner": words.OWNERS.get(one.owner, one.owner),
        "remedy": words.REMEDIES.get(one.remedy, one.remedy),
        "state": words.CONFLICTS[one.state],
        "reason": conflict_words.words(one.reason) if one.reason else "",
        "fields": [
            {
                "name": words.field(field["field"]),
                "ours": words.value(field["field"], field["ours"]),
                "theirs": words.value(field["field"], field["theirs"]),
            }
            for field in one.fields
        ],
    }


def _rows(found: Sequence[Conflict]) -> list[dict[str, Any]]:
    return [
        {
            "id": one.pk,
            "href": reverse("oms_console:reconciliation", args=[one.of_id]),
            "key": one.key,
            "kind": str(words.KINDS[one.kind]),
            "case": str(words.CASES.get(one.case, one.case)),
            "differs": ", ".join(words.field(field["field"]) for field in one.fields),
            "owner": str(words.OWNERS.get(one.owner, one.owner)),
            "remedy": str(words.REMEDIES.get(one.remedy, one.remedy)),
            "state": words.CONFLICTS[one.state],
            "created": one.created_at,
        }
        for one in found
    ]


def _choice(key: str, label: Any, options: dict[str, Any]) -> listing.Choice:
    return listing.Choice(
        key=key,
        label=label,
        options=list(options.items()),
        narrow=lambda rows, value: rows.filter(**{key: value}),
    )


@gate.screen(READ)
def conflicts(request: HttpRequest) -> HttpResponse:
    """The conflict log: every record on which the two sides did not agree."""
    found = listing.build(
        request,
        Conflict.objects.exclude(state=Conflict.SEEN),
        columns=COLUMNS,
        rows=_rows,  # type: ignore[arg-type]
        search=lambda rows, text: rows.filter(key__startswith=text),
        choices=[
            _choice("kind", _("Kind"), words.KINDS),
            _choice("case", _("Case"), words.CASES),
            _choice("owner", _("Who is right"), words.OWNERS),
            _choice("state", _("State"), {key: look.word for key, look in words.CONFLICTS.items()}),
        ],
        sort={"found": "created_at"},
        caption=_("Conflict log"),
        empty_title=_("No conflicts."),
        empty_text=_("What a comparison finds to differ is listed here, with what became of it."),
    )
    return pages.show_list(
        request, found, title=_("Conflict log"), search_hint=_("Package number or order id")
    )
