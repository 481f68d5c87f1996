"""*Application Settings*: one key as a form, checked by the key's own schema. Source: "Akinon OMS: Application Settings"."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from ambar.kit import accounts, clock
from ambar.kit.refusals import Invalid
from ambar.kit.ui import forms, gate
from ambar.oms.app_settings import queries, registry
from ambar.oms.app_settings.actions import set_value
from ambar.oms.app_settings.models import Setting
from ambar.oms.console import refusals, setting_form


@gate.screen("settings:write")
def setting(request: HttpRequest, key: str) -> HttpResponse:
    """The form of one key, set or not."""
    declared = registry.get(key)
    if declared is None:
        return gate.missing(request)
    row = Setting.objects.filter(key=key).first()
    standing: dict[str, Any] = queries.shown(row)["json_value"] if row else {}
    inputs = setting_form.fields(declared, standing)
    context: dict[str, Any] = {"key": key, "fields": inputs}
    if request.method != "POST":
        return render(request, "oms_console/setting.html", context)
    values, errors, raw = forms.read(inputs, request.POST)
    try:
        if errors:
            raise Invalid(fields=errors)
        saved = set_value.put(key, setting_form.value(inputs, values), now=clock.now())
    except Invalid as refusal:
        at, rest = refusals.at_inputs(_told(refusal), inputs)
        for words in rest:
            messages.error(request, words)
        context["fields"] = setting_form.answered(declared, inputs, raw, at)
        return render(request, "oms_console/setting.html", context, status=400)
    act = "setting.changed" if row else "setting.created"
    accounts.audit(gate.principal(request), act, "setting", saved.pk, {"key": key})
    messages.success(request, _("Saved. Other processes follow within a second."))
    return redirect("oms_console:settings")


def _told(refusal: Invalid) -> dict[str, Any]:
    """What is wrong by field of the form; the setting's own checks name theirs at the beginning of a sentence."""
    own = {name: said for name, said in refusal.fields.items() if name != "json_value"}
    return {**own, **setting_form.placed(list(refusal.fields.get("json_value", [])))}
