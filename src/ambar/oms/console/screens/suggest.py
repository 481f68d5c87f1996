"""Answers of the fields that suggest while somebody types."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ambar.kit.ui import gate
from ambar.oms.console import suggestions

LONGEST = 128
OTHERS = ("country", "city")


@gate.screen(None)
def suggest(request: HttpRequest, what: str) -> HttpResponse:
    """A dozen suggestions for `?q=` as `{"results": [[value, words]], "said": "…"}`; what a scope hides is a 403."""
    source = suggestions.SOURCES.get(what)
    if source is None:
        return gate.missing(request)
    principal = gate.principal(request)
    if not suggestions.may_see(source, principal):
        return render(request, "ui/forbidden.html", status=403)
    others = {name: _text(request, name) for name in OTHERS}
    found = source.find(_text(request, "q"), others, principal)
    said = ngettext("%(count)d suggestion", "%(count)d suggestions", len(found)) % {"count": len(found)}
    return JsonResponse({"results": found, "said": said if found else _("No suggestions")})


def _text(request: HttpRequest, name: str) -> str:
    return request.GET.get(name, "").replace("\x00", "").strip()[:LONGEST]
