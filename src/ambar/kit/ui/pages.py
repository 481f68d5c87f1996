"""Ready-made pages: a list with title, tabs and a notice."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from ambar.kit.ui.listing import Listing, remember_columns


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """One tab above a list; `count` None shows no figure."""

    label: Any
    href: str
    current: bool = False
    count: int | None = None


def show_list(
    request: HttpRequest,
    listing: Listing,
    *,
    title: Any,
    lead: Any = "",
    tabs: Sequence[Tab] = (),
    notice: Any = "",
    template: str = "ui/list_page.html",
    **extra: Any,
) -> HttpResponse:
    """The list page. `extra` goes to the template."""
    context = {"listing": listing, "title": title, "lead": lead, "tabs": tabs, "notice": notice, **extra}
    response = render(request, template, context)
    remember_columns(request, response)
    return response
