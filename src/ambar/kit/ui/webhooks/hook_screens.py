"""One hook: its form, on and off, a new secret; the event types there are. Source: "How to Add or Edit a Webhook"."""

import json
import secrets
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ambar.kit import accounts, clock
from ambar.kit.accounts import Principal
from ambar.kit.outbox import hook_secrets, registry, rotation
from ambar.kit.outbox.actions.ask_endpoint import ask_endpoint
from ambar.kit.outbox.actions.save_hook import change_hook, create_hook, switch_off
from ambar.kit.outbox.domain.hook_fields import read_hook
from ambar.kit.outbox.models import Delivery, DeliveryState, Hook
from ambar.kit.refusals import Invalid, Refusal
from ambar.kit.ui import forms, gate, moments
from ambar.kit.ui.forms import MASK, Field
from ambar.kit.ui.webhooks import hook_words, reads
from ambar.kit.ui.webhooks.screens import tabs

COUNTDOWN = {"choice": "exponential", "kwargs": {"base": 2, "limit": 3600}}
"""What a new hook begins with: 2, 4, 8 … seconds, an hour at most."""


def _fields(found: Hook, reader: Principal) -> list[Field]:
    headers, config = hook_secrets.masked(found.additional_headers, found.config)
    countdown = found.retry_countdown_config or COUNTDOWN
    owner = found.user_id or reader.user_id
    target = hook_secrets.shown_address(found.target_url, owner_id=owner, reader=reader)
    types = tuple((name, name) for name in registry.known_types())
    return [
        Field(
            name="target_url",
            label=_("Target URL"),
            kind="text",
            required=True,
            value=target,
            help="" if target == found.target_url else _("Masked parts keep what is stored."),
        ),
        Field(
            name="event_type",
            label=_("Event type"),
            kind="choice",
            required=True,
            options=types,
            value=found.event_type,
        ),
        Field(
            name="secret_key",
            label=_("Secret key"),
            kind="secret",
            value=MASK if found.secret_sealed else "",
            help=_("Signs every event. Asterisks keep the stored one."),
        ),
        Field(
            name="retry_countdown_config",
            label=_("Retry countdown"),
            kind="json",
            required=True,
            value=_pretty(countdown),
            help=_(
                "fixed (seconds), linear (base, limit), exponential (base, factor, limit) or random (min_value, max_value)."
            ),
        ),
        Field(
            name="additional_headers",
            label=_("Additional headers"),
            kind="json",
            value=_pretty(headers),
            help=_("Sent with every event. Credentials are stored encrypted and shown masked."),
        ),
        Field(
            name="config",
            label=_("Config"),
            kind="json",
            value=_pretty(config),
            help=_config_help(),
        ),
    ]


def _config_help() -> str:
    keys = registry.config_keys()
    said = _("May hold %(keys)s.") % {"keys": ", ".join(keys)}
    return said + " " + _("channel narrows it to channels of this system.") if "channel" in keys else said


def _pretty(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


def _visible(request: HttpRequest, pk: int) -> Hook | None:
    return reads.visible_hooks(gate.principal(request)).filter(pk=pk).first()


@gate.screen("hooks:read")
def hook(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """The form of a hook with what waits in it and how its endpoint is; without `pk` a new one."""
    principal = gate.principal(request)
    found = Hook(event_type=request.GET.get("type", "")) if pk is None else _visible(request, pk)
    if found is None:
        return gate.missing(request)
    may_write = principal.may("hooks:write")
    if not may_write and (pk is None or request.method == "POST"):
        return render(request, "ui/forbidden.html", status=403)
    fields = _fields(found, principal)
    if request.method != "POST":
        return _show(request, found, fields)
    values, errors, raw = forms.read(fields, request.POST)
    if errors:
        return _show(request, found, forms.answered(fields, raw, errors), status=400)
    try:
        given = read_hook(_body(values), partial=pk is not None, known_type=registry.is_known)
        saved = (
            create_hook(given, user_id=principal.user_id, now=clock.now())
            if pk is None
            else change_hook(pk, given, now=clock.now(), by=principal)
        )
    except Invalid as refusal:
        shown = {name: _texts(told) for name, told in refusal.fields.items()}
        return _show(request, found, forms.answered(fields, raw, shown), status=400)
    except Refusal as refusal:
        messages.error(request, hook_words.words(refusal.message))
        return _show(request, found, forms.answered(fields, raw, {}), status=409)
    accounts.audit(
        principal,
        "hook.changed" if pk else "hook.created",
        "hook",
        saved.pk,
        {"event_type": saved.event_type},
    )
    messages.success(request, _("Saved."))
    return redirect("webhooks:hook", pk=saved.pk)


def _body(values: Mapping[str, Any]) -> dict[str, Any]:
    body = {"additional_headers": {}, "config": {}, **values}
    if values.get("secret_key") == MASK:
        del body["secret_key"]
    elif "secret_key" not in values:
        body["secret_key"] = None
    return body


def _texts(told: Any) -> list[str]:
    """The messages of one field, however deep they lie, in the reader's language."""
    if isinstance(told, Mapping):
        return [f"{name}: {text}" for name, inner in told.items() for text in _texts(inner)]
    return [hook_words.words(str(one)) for one in (told if isinstance(told, list | tuple) else [told])]


def _show(
    request: HttpRequest, found: Hook, fields: list[Field], status: int = 200, **more: Any
) -> HttpResponse:
    counts: Mapping[int, int] = {}
    if found.pk:
        rows = Delivery.objects.filter(
            hook_id=found.pk, state__in=(DeliveryState.PENDING, DeliveryState.PARKED)
        )
        counts = dict(rows.values_list("state").annotate(n=Count("id")))
    ill = reads.health_of(found.target_url, reads.health(gate.principal(request))) if found.pk else None
    context = {
        "hook": found,
        "fields": fields,
        "look": reads.ACTIVE if found.is_active else reads.INACTIVE,
        "ill": ill,
        "endpoint": ill["look"] if ill else reads.WELL,
        "waiting": counts.get(DeliveryState.PENDING, 0),
        "parked": counts.get(DeliveryState.PARKED, 0),
        "may_write": gate.principal(request).may("hooks:write"),
        "earlier_secrets": rotation.still_signing(found, now=clock.now()) if found.pk else [],
        **more,
    }
    return render(request, "ui/webhooks/hook.html", context, status=status)


@require_POST
@gate.screen("hooks:write")
def switch(request: HttpRequest, pk: int) -> HttpResponse:
    """On or off (`to`): what waits is kept while it is off."""
    found = _visible(request, pk)
    if found is None:
        return gate.missing(request)
    on = request.POST.get("to") == "on"
    if on:
        change_hook(pk, {"is_active": True}, now=clock.now())
    else:
        switch_off(pk, now=clock.now())
    accounts.audit(gate.principal(request), "hook.switched", "hook", pk, {"on": on})
    messages.success(request, _("The hook is on.") if on else _("The hook is off; what waits is kept."))
    return redirect("webhooks:hook", pk=pk)


@require_POST
@gate.screen("hooks:write")
def rotate(request: HttpRequest, pk: int) -> HttpResponse:
    """A new secret, shown this once; the one before signs on for a day, so that the receiver can follow."""
    found = _visible(request, pk)
    if found is None:
        return gate.missing(request)
    fresh = secrets.token_urlsafe(32)
    try:
        found = change_hook(pk, {"secret_key": fresh}, now=clock.now())
    except Invalid:
        first = min(one.until for one in rotation.still_signing(found, now=clock.now()))
        told = _(
            "%(most)s secrets were replaced within 24 hours and sign still. There is room for another from %(when)s on."
        )
        messages.error(request, told % {"most": rotation.MOST, "when": moments.exact(first)})
        return redirect("webhooks:hook", pk=pk)
    accounts.audit(gate.principal(request), "hook.secret_rotated", "hook", pk, {})
    return _show(request, found, _fields(found, gate.principal(request)), fresh=fresh)


@require_POST
@gate.screen("hooks:write")
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Probe an endpoint that does not answer now instead of at its time."""
    if pk not in {one["id"] for one in reads.health(gate.principal(request))}:
        return gate.missing(request)
    ask_endpoint(pk, now=clock.now())
    messages.success(request, _("It is asked now."))
    return redirect("webhooks:hooks")


@gate.screen("hooks:read")
def types(request: HttpRequest) -> HttpResponse:
    """The registry: every event type of this system, what it tells about and how many hooks listen."""
    principal = gate.principal(request)
    rows = reads.visible_hooks(principal).filter(is_active=True)
    listening = dict(rows.values_list("event_type").annotate(n=Count("id")))
    found = [
        {"name": name, "kind": registry.kind_of(name), "hooks": listening.get(name, 0)}
        for name in registry.known_types()
    ]
    context = {
        "types": found,
        "tabs": tabs("webhooks:types"),
        "title": _("Webhooks"),
        "may_write": principal.may("hooks:write"),
    }
    return render(request, "ui/webhooks/types.html", context)
