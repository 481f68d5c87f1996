"""Keeping a view of a list, and forgetting it: posted from the list, answered with the list."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ambar.kit import clock
from ambar.kit.ui import gate
from ambar.kit.ui.models import SavedView

MOST = 50
LONGEST_NAME = 80
LONGEST_QUERY = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A kept view in the menu of its list."""

    pk: int
    name: str
    href: str
    current: bool


def shown(request: HttpRequest, here: str) -> list[Shown]:
    """The person's views of the list at this address, by name; one statement. `here`: what stands now."""
    rows = SavedView.objects.filter(user_id=request.user.pk, path=request.path).order_by("name")
    return [
        Shown(pk=row.pk, name=row.name, href=f"{row.path}?{row.query}", current=row.query == here)
        for row in rows
    ]


def cleaned(query: QueryDict) -> str:
    """The address's query without the page and without what is empty, in one order."""
    kept = QueryDict(mutable=True)
    for key in sorted(query):
        values = [value for value in query.getlist(key) if value and key != "page"]
        if values:
            kept.setlist(key, values)
    return kept.urlencode()


def keep(user_id: int, *, path: str, name: str, query: str, now: datetime) -> None:
    """Keep a view; one of the same name is replaced."""
    SavedView.objects.update_or_create(
        user_id=user_id, path=path, name=name, defaults={"query": query, "created_at": now}
    )


@require_POST
@gate.screen(None)
def save(request: HttpRequest) -> HttpResponse:
    """Keep the posted view of a list of this console."""
    path, name = request.POST.get("path", ""), _text(request, "name")
    query = cleaned(QueryDict(request.POST.get("query", "")))
    if not _is_ours(path) or len(query) > LONGEST_QUERY:
        raise Http404
    answer = HttpResponseRedirect(f"{path}?{query}" if query else path)
    mine = SavedView.objects.filter(user_id=request.user.pk)
    if not name or len(name) > LONGEST_NAME:
        messages.error(
            request, _("Give the view a name of up to %(most)s characters.") % {"most": LONGEST_NAME}
        )
    elif mine.filter(path=path).exclude(name=name).count() >= MOST:
        messages.error(request, _("This list has %(most)s views; forget one first.") % {"most": MOST})
    else:
        keep(_user_id(request), path=path, name=name, query=query, now=clock.now())
        messages.success(request, _("The view “%(name)s” is kept.") % {"name": name})
    return answer


@require_POST
@gate.screen(None)
def forget(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget one's own view."""
    found = SavedView.objects.filter(user_id=request.user.pk, pk=pk).first()
    if found is None:
        return gate.missing(request)
    found.delete()
    messages.success(request, _("The view “%(name)s” is forgotten.") % {"name": found.name})
    return redirect(found.path)


def _user_id(request: HttpRequest) -> Any:
    return request.user.pk


def _text(request: HttpRequest, name: str) -> str:
    return request.POST.get(name, "").replace("\x00", "").strip()


def _is_ours(path: str) -> bool:
    if len(path) > 200 or "\x00" in path:
        return False
    try:
        resolve(path)
    except Resolver404:
        return False
    return True
