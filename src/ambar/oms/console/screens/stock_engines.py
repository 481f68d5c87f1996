"""*Inventory engines*: the outside stock services, their form, and *Try it*. Source: "Akinon OMS: Inventory Engine"."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from ambar.kit import clock
from ambar.kit.refusals import Refusal
from ambar.kit.ui import gate
from ambar.kit.ui.forms import Field
from ambar.oms.console import kept_records, looks, refusals
from ambar.oms.stock import engine_schemas
from ambar.oms.stock.actions.save_engine import delete_engine, save_engine
from ambar.oms.stock.actions.try_engine import try_engine
from ambar.oms.stock.models import Engine

KINDS = {"http": gettext_lazy("Stock service"), "omnitron": gettext_lazy("Omnitron")}
AUTHS = (
    ("anonymous", gettext_lazy("None")),
    ("basic_auth", gettext_lazy("User name and password")),
    ("token", gettext_lazy("Token of a sign-in")),
)
MOST_SECONDS = {"timeout_seconds": 60, "max_age_seconds": 86_400}
SERVICES = (
    ("multiple", gettext_lazy("Many products at once")),
    ("single", gettext_lazy("One product at a time")),
)


@gate.screen("stock:write")
def engines(request: HttpRequest) -> HttpResponse:
    """Every engine with how many locations point to it and how its last questions went."""
    if kept_records.bound(request):
        return kept_records.forbidden(request)
    found = engine_schemas.engines(list(Engine.objects.order_by("name")))
    for one in found:
        one["title"] = KINDS.get(one["kind"], one["kind"])
        one["look"] = looks.FAILED if one["failure"] else looks.OK if one["last_answer_date"] else None
        one["answered_at"] = (
            parse_datetime(one["last_answer_date"] or "") if one["last_answer_date"] else None
        )
    return render(request, "oms_console/engines.html", {"engines": found})


@gate.screen("stock:write")
def engine(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """The form of an engine; without `pk` a new one."""
    if kept_records.bound(request):
        return kept_records.forbidden(request)
    found = Engine() if pk is None else Engine.objects.filter(pk=pk).first()
    if found is None:
        return gate.missing(request)
    fields = _fields(found)
    if request.method != "POST":
        return _show(request, found, fields)
    posted = kept_records.post(
        request, fields, lambda values: save_engine(_given(found, values), engine_id=pk, now=clock.now())
    )
    if posted.saved is None:
        return _show(request, found, posted.fields, status=posted.status)
    kept_records.note(request, "inventory_engine", pk, posted.saved, name=posted.saved.name)
    return redirect("oms_console:engine", pk=posted.saved.pk)


def _show(
    request: HttpRequest, found: Engine, fields: list[Field], status: int = 200, **more: Any
) -> HttpResponse:
    context = {"engine": found, "fields": fields, "ready_made": found.kind != Engine.HTTP, **more}
    return render(request, "oms_console/engine.html", context, status=status)


def _fields(found: Engine) -> list[Field]:
    config = engine_schemas.masked(found.config) if found.config else {}
    auth: Mapping[str, Any] = config.get("auth", {})
    service: Mapping[str, Any] = config.get("service", {})
    seconds = [
        Field(
            name="timeout_seconds",
            label=_("Answers within (seconds)"),
            kind="integer",
            required=True,
            value=found.timeout_seconds,
        ),
        Field(
            name="max_age_seconds",
            label=_("Figures count for (seconds)"),
            kind="integer",
            required=True,
            value=found.max_age_seconds,
            help=_("Older figures are asked for again before they are planned with."),
        ),
    ]
    if found.pk and found.kind != Engine.HTTP:
        return seconds
    return [
        Field(name="name", label=_("Name"), kind="text", required=True, value=found.name),
        Field(name="url", label=_("Address"), kind="text", required=True, value=service.get("url", "")),
        Field(
            name="service",
            label=_("It answers"),
            kind="choice",
            required=True,
            options=tuple((key, str(word)) for key, word in SERVICES),
            value=service.get("type", "multiple"),
        ),
        Field(
            name="auth",
            label=_("Sign-in"),
            kind="choice",
            required=True,
            options=tuple((key, str(word)) for key, word in AUTHS),
            value=auth.get("type", "anonymous"),
        ),
        Field(name="auth_url", label=_("Sign-in address"), kind="text", value=auth.get("url", "")),
        Field(name="username", label=_("User name"), kind="text", value=auth.get("username", "")),
        Field(
            name="password",
            label=_("Password"),
            kind="secret",
            value=auth.get("password", ""),
            help=_("Asterisks keep the stored one."),
        ),
        *seconds,
    ]


def _given(found: Engine, values: Mapping[str, Any]) -> dict[str, Any]:
    kept_records.from_one_to(values, MOST_SECONDS)
    given: dict[str, Any] = {name: values[name] for name in MOST_SECONDS}
    if found.pk and found.kind != Engine.HTTP:
        return given
    auth: dict[str, Any] = {"type": values["auth"]}
    if values["auth"] != "anonymous":
        auth |= {"username": values.get("username", ""), "password": values.get("password", "")}
    if values["auth"] == "token":
        auth["url"] = values.get("auth_url", "")
    config = {"auth": auth, "service": {"url": values["url"], "type": values["service"]}}
    return {**given, "name": values["name"][:255], "config": config}


@require_POST
@gate.screen("stock:write")
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """*Try it*: ask for one SKU now and show what came; nothing is written."""
    if kept_records.bound(request):
        return kept_records.forbidden(request)
    found = Engine.objects.filter(pk=pk).first()
    if found is None:
        return gate.missing(request)
    sku = request.POST.get("sku", "").replace("\x00", "").strip()[:255]
    answer = engine_schemas.tried(try_engine(pk, sku), pk) if sku else None
    return _show(request, found, _fields(found), tried=answer, sku=sku)


@require_POST
@gate.screen("stock:write")
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete an engine no location points to."""
    if kept_records.bound(request):
        return kept_records.forbidden(request)
    try:
        delete_engine(pk)
    except Refusal as refusal:
        if not Engine.objects.filter(pk=pk).exists():
            return gate.missing(request)
        messages.error(request, refusals.words(refusal))
        return redirect("oms_console:engine", pk=pk)
    kept_records.note_deleted(request, "inventory_engine", pk, _("The engine has been deleted."))
    return redirect("oms_console:engines")
