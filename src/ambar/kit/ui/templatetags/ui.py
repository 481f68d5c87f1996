"""Template tags of the shared look: `{% load ui %}`."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django import template
from django.conf import settings
from django.http import HttpRequest
from django.template.context import Context
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from ambar.kit.ui import cells, gate, icons, looks, moments, navigation, screens
from ambar.kit.ui.webhooks import reads

register = template.Library()


@register.simple_tag
def icon(name: str) -> SafeString:
    """`{% icon "package" %}`"""
    return icons.draw(name)


@register.simple_tag
def state(value: Any) -> SafeString | str:
    """`{% state look %}`: colour, shape and word."""
    return looks.draw(value) if isinstance(value, looks.Look) else str(value or "")


@register.simple_tag
def ago(moment: Any) -> SafeString:
    """`{% ago created_at %}`: "12 min ago", exact time on hover."""
    return moments.draw(moment)


@register.simple_tag
def code(value: Any) -> SafeString | str:
    """`{% code number %}`: monospaced and copyable."""
    return cells.copyable(value) if value not in (None, "") else cells.DASH


@register.filter
def kind_word(kind: str) -> str:
    """What a kind of record that events tell about is called."""
    return reads.kind_word(kind)


@register.filter
def money(amount: Any, currency: Any = "") -> str:
    """`{{ amount|money:currency }}`"""
    return cells.money((amount, currency))


@register.filter
def figure(value: Any) -> str:
    """`{{ count|figure }}`: grouped, without needless zeros."""
    return cells.number(value) if value not in (None, "") else "–"


@register.filter
def or_dash(value: Any) -> Any:
    """A dash for what is empty."""
    return cells.DASH if value in (None, "") else value


@register.simple_tag
def cell(column: cells.Column, row: Mapping[str, Any], first: bool = False) -> SafeString:
    """One cell of a list."""
    return cells.draw(column, row, first=first)


@register.simple_tag
def asset(path: str) -> str:
    """Address of a static file, with its version."""
    found = screens.asset(path)
    return f"{settings.STATIC_URL}{path}" + (f"?v={found[3]}" if found else "")


@register.simple_tag(takes_context=True)
def shell(context: Context) -> dict[str, Any]:
    """What the page's frame needs: theme, width of the navigation, entries, languages, person."""
    request: HttpRequest = context["request"]
    theme = request.COOKIES.get("ambar_theme", "auto")
    theme = theme if theme in screens.THEMES else "auto"
    signed_in = getattr(request, "user", None) is not None and request.user.is_authenticated
    words = {"auto": _("Auto"), "light": _("Light"), "dark": _("Dark"), "contrast": _("Contrast")}
    return {
        "theme": theme,
        "themes": [(key, words[key]) for key in screens.THEMES],
        "nav": "narrow" if request.COOKIES.get("ambar_nav") == "narrow" else "wide",
        "system": navigation.system_name(),
        "sections": _entries(request) if signed_in else [],
        "languages": [("en", "English"), ("tr", "Türkçe")],
        "language": (get_language() or "en").split("-")[0],
        "here": request.get_full_path(),
        "person": getattr(request.user, "name", "") or request.user.get_username() if signed_in else "",
        "home": _address(navigation.home()) if signed_in and navigation.home() else "/",
    }


def _address(name: str, kwargs: Mapping[str, Any] | None = None) -> str:
    return reverse(name, kwargs=dict(kwargs or {}))


def _entries(request: HttpRequest) -> list[dict[str, Any]]:
    matches = []
    sections = navigation.visible_sections(gate.principal(request).may, request.user)
    for section in sections:
        matches.append(
            {
                "label": section.label,
                "items": [
                    {"item": entry, "href": _address(entry.url_name, entry.kwargs)} for entry in section.items
                ],
            }
        )
    hrefs = [entry["href"] for section in matches for entry in section["items"]]
    here = max((href for href in hrefs if _leads_here(request.path, href)), key=len, default="")
    for match in matches:
        for entry in match["items"]:
            entry["current"] = entry["href"] == here
    return matches


def _leads_here(path: str, href: str) -> bool:
    return path == href or (href != "/" and path.startswith(href))


@register.simple_tag(takes_context=True)
def with_query(context: Context, **changes: Any) -> str:
    """The present address with some parameters changed; an empty value removes one."""
    pairs = {key: context["request"].GET.get(key) for key in context["request"].GET}
    pairs.pop("page", None)
    pairs.pop("columns", None)
    pairs.update({key: str(value) for key, value in changes.items()})
    kept = {key: value for key, value in pairs.items() if value}
    return f"?{urlencode(kept)}" if kept else "?"
