"""*Reasons*: why something is cancelled, and why a location refuses a package, in the words of this seller."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from ambar.kit import accounts, clock
from ambar.kit.refusals import Conflict, Invalid, NotFound
from ambar.kit.ui import gate
from ambar.kit.ui.forms import Field
from ambar.oms.console import kept_records, looks, refusals
from ambar.oms.omnitron_client.asking import upstream
from ambar.oms.orders.actions.save_cancellation_reason import save_cancellation_reason
from ambar.oms.orders.models import CancellationReason
from ambar.oms.packages.actions.delete_denial_reason import delete_denial_reason
from ambar.oms.packages.actions.save_denial_reason import save_denial_reason
from ambar.oms.packages.models import PackageDenialReason
from ambar.oms.upstream.actions.pull_reasons import pull_reasons

LONGEST = {"title": 255, "remote_id": 100}
PRIORITIES = 2**31


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A list of reasons: its rows, what writing needs, and how one is saved or deleted."""

    key: str
    title: Any
    lead: Any
    model: type[Any]
    scope: str
    save: Callable[..., Any]
    delete: Callable[[int], None] | None = None
    has_priority: bool = False
    pull: bool = False


KINDS = {
    kind.key: kind
    for kind in (
        Kind(
            key="denial",
            title=gettext_lazy("Denial reasons"),
            lead=gettext_lazy("Why a location refuses a package. The lowest priority stands first."),
            model=PackageDenialReason,
            scope="packages:write",
            save=save_denial_reason,
            delete=delete_denial_reason,
            has_priority=True,
        ),
        Kind(
            key="cancellation",
            title=gettext_lazy("Cancellation reasons"),
            lead=gettext_lazy("Why somebody here cancels a package for good."),
            model=CancellationReason,
            scope="intake:write",
            save=save_cancellation_reason,
            pull=True,
        ),
    )
}


def _may_write(request: HttpRequest, kind: Kind) -> bool:
    principal = gate.principal(request)
    return principal.may(kind.scope) and not kept_records.bound(request)


@gate.screen("packages:read")
def reasons(request: HttpRequest) -> HttpResponse:
    """Both lists."""
    lists = [
        {
            "kind": kind,
            "may_write": _may_write(request, kind),
            "rows": [
                (row, looks.ACTIVE if row.is_active else looks.INACTIVE)
                for row in kind.model.objects.order_by(
                    *(("priority", "title") if kind.has_priority else ("title",))
                )
            ],
        }
        for kind in KINDS.values()
    ]
    return render(request, "oms_console/reasons.html", {"lists": lists})


@gate.screen("packages:read")
def reason(request: HttpRequest, kind: str, pk: int | None = None) -> HttpResponse:
    """The form of a reason; without `pk` a new one."""
    known = KINDS.get(kind)
    found = None if known is None else known.model.objects.filter(pk=pk).first() if pk else known.model()
    if known is None or found is None:
        return gate.missing(request)
    if not _may_write(request, known):
        return kept_records.forbidden(request)
    fields = _fields(known, found)
    if request.method != "POST":
        return _show(request, known, found, fields)
    posted = kept_records.post(
        request,
        fields,
        lambda values: known.save(_given(known, values), reason_id=pk, now=clock.now()),
    )
    if posted.saved is None:
        return _show(request, known, found, posted.fields, status=posted.status)
    kept_records.note(request, f"{kind}_reason", pk, posted.saved, title=posted.saved.title)
    return redirect("oms_console:reasons")


def _given(kind: Kind, values: Mapping[str, Any]) -> dict[str, Any]:
    given: dict[str, Any] = {"remote_id": None, **values}
    kept_records.no_longer_than(given, LONGEST)
    if kind.has_priority:
        given.setdefault("priority", None)
        if given["priority"] is not None and abs(given["priority"]) >= PRIORITIES:
            raise Invalid(fields={"priority": [_("Write a smaller number.")]})
    return given


def _fields(kind: Kind, found: Any) -> list[Field]:
    def text(value: Any) -> Any:
        return "" if value is None else value

    fields = [
        Field(name="title", label=_("Title"), kind="text", required=True, value=found.title),
        Field(name="remote_id", label=_("Id upstream"), kind="text", value=text(found.remote_id)),
        Field(
            name="is_active",
            label=_("May be given"),
            kind="check",
            value=True if found.pk is None else found.is_active,
        ),
    ]
    if kind.has_priority:
        priority = Field(name="priority", label=_("Priority"), kind="integer", value=text(found.priority))
        fields.insert(2, priority)
    return fields


def _show(
    request: HttpRequest, kind: Kind, found: Any, fields: list[Field], status: int = 200
) -> HttpResponse:
    context = {"kind": kind, "found": found, "fields": fields, "may_delete": found.pk and kind.delete}
    return render(request, "oms_console/reason.html", context, status=status)


@require_POST
@gate.screen("packages:read")
def delete(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Delete a denial reason; refusals that named it keep its title."""
    known = KINDS.get(kind)
    if known is None or known.delete is None:
        return gate.missing(request)
    if not _may_write(request, known):
        return kept_records.forbidden(request)
    try:
        known.delete(pk)
    except NotFound:
        return gate.missing(request)
    kept_records.note_deleted(request, f"{kind}_reason", pk, _("The reason has been deleted."))
    return redirect("oms_console:reasons")


@require_POST
@gate.screen("intake:write")
def pull(request: HttpRequest) -> HttpResponse:
    """Take the cancellation reasons of upstream, and tell what became of them."""
    try:
        with upstream() as client:
            pulled = pull_reasons(client, now=clock.now())
    except Conflict as refusal:
        messages.error(request, refusals.words(refusal))
        return redirect("oms_console:reasons")
    accounts.audit(
        gate.principal(request), "cancellation_reason.pulled", "cancellation_reason", 0, asdict(pulled)
    )
    told = _("%(created)s new, %(updated)s changed, %(unchanged)s as they were, %(refused)s refused")
    messages.success(request, told % {**asdict(pulled), "refused": len(pulled.refused)})
    return redirect("oms_console:reasons")
