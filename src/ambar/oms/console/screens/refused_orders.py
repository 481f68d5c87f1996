"""*Refused by a rule*: orders the filtering rules did not let in, each with its rule."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ambar.kit.ui import gate, listing, pages
from ambar.kit.ui.cells import Column
from ambar.oms.console import quarantine_tabs
from ambar.oms.upstream.models import NotTaken

COLUMNS = (
    Column(key="number", label=gettext_lazy("Order"), kind="code"),
    Column(key="rule", label=gettext_lazy("Rule"), kind="clip"),
    Column(key="since", label=gettext_lazy("Since"), kind="time", sort="since"),
    Column(key="modified", label=gettext_lazy("Last seen"), kind="time", sort="modified"),
)
MOST_RULES = 200


def _rows(found: Sequence[NotTaken]) -> list[Mapping[str, Any]]:
    return [
        {"id": row.pk, "number": row.number, "rule": row.rule, "since": row.created_at, "modified": row.modified_at}
        for row in found
    ]  # fmt: skip


@gate.screen("intake:read")
def refused(request: HttpRequest) -> HttpResponse:
    """What was not taken, the newest first; `rule` narrows to one, each told with how many it refused."""
    counted = NotTaken.objects.values_list("rule").annotate(n=Count("id")).order_by("-n", "rule")
    found = listing.build(
        request,
        NotTaken.objects.all(),
        columns=COLUMNS,
        rows=_rows,  # type: ignore[arg-type]
        search=lambda rows, text: rows.filter(number__startswith=text),
        choices=[
            listing.Choice(
                key="rule",
                label=_("Rule"),
                options=[(rule, f"{rule} · {count}") for rule, count in counted[:MOST_RULES]],
                narrow=lambda rows, value: rows.filter(rule=value),
            )
        ],
        sort={"since": "created_at", "modified": "modified_at"},
        default_sort="-id",
        caption=_("Refused by a rule"),
        empty_title=_("No rule has refused an order."),
        empty_text=_("Orders that the filtering rules of SELLER_CENTER_SETTINGS leave out appear here."),
    )
    return pages.show_list(
        request,
        found,
        title=_("Quarantine"),
        tabs=quarantine_tabs.tabs("refused"),
        search_hint=_("Order number"),
    )
