"""The form of a state transition: its fields, and what was typed as the states room takes it."""

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ambar.kit.refusals import Invalid
from ambar.kit.ui.forms import Field, answered
from ambar.oms.console import looks, refusals
from ambar.oms.states import queries
from ambar.oms.states.domain.codes import ENUM_OF_KIND
from ambar.oms.states.domain.fits import CommandFit
from ambar.oms.states.domain.parameters import BILL, INVOICE
from ambar.oms.states.models import StateTransition
from ambar.oms.states.schemas import transition_json

SYNC = "sync_remote_order_status"
VISIBILITIES = {
    "everywhere": gettext_lazy("Everywhere"),
    "api": gettext_lazy("Programs only"),
    "hidden": gettext_lazy("Hidden"),
}
AUTHS = {
    "anonymous": gettext_lazy("None"),
    "basic_auth": gettext_lazy("User name and password"),
    "token": gettext_lazy("Token"),
}
CALL = {
    "auth.request_type": "auth",
    "auth.username": "username",
    "auth.password": "password",
    "auth.token": "token",
    "auth.token_prefix": "token_prefix",
    "timeouts.connect": "connect",
    "timeouts.read": "read",
    "remote_url": "url",
    "generate_invoice_number": "make_number",
    "generate_invoice_url": "make_url",
}
"""Where in `remote_invoice_call` each input's value belongs."""
NEEDED = {"basic_auth": ("username", "password"), "token": ("token",)}
LONGEST_NAME = 128
_SLUG = re.compile(r"[A-Za-z0-9_-]{1,128}")


def fields(row: StateTransition, fit: CommandFit) -> list[Field]:
    """The inputs for a transition that carries the command `fit`; only states that it fits are offered."""
    known = (
        transition_json(row) if row.pk else {"translations": {}, "parameters": {}, "visibility": "everywhere"}
    )
    told = known["translations"]
    return [
        Field(
            name="name",
            label=_("Name, English"),
            kind="text",
            required=True,
            value=(told.get("en-us") or {}).get("name") or row.name,
        ),
        Field(
            name="turkish",
            label=_("Name, Turkish"),
            kind="text",
            value=(told.get("tr-tr") or {}).get("name") or "",
        ),
        Field(
            name="slug",
            label=_("Slug"),
            kind="text",
            required=True,
            value=row.slug,
            help=_("What programs call it: letters, digits, - and _."),
        ),
        *_ends(row, fit),
        Field(
            name="visibility",
            label=_("Offered"),
            kind="choice",
            required=True,
            options=tuple((key, str(word)) for key, word in VISIBILITIES.items()),
            value=known["visibility"],
        ),
        Field(
            name="is_active",
            label=_("Switched on"),
            kind="check",
            value=row.is_active,
        ),
        *_parameters(known["parameters"], fit),
    ]


def _ends(row: StateTransition, fit: CommandFit) -> list[Field]:
    enum_class = ENUM_OF_KIND[fit.kind]
    states = queries.states_of(enum_class)
    ends = (
        ("source_state", _("From state"), {pair[0] for pair in fit.pairs}, row.source_id),
        ("destination_state", _("To state"), {pair[1] for pair in fit.pairs}, row.destination_id),
    )
    return [
        Field(
            name=name,
            label=label,
            kind="choice",
            required=True,
            options=tuple(
                (str(state["id"]), f"{looks.translated(state)} ({state['enum_value']})")
                for state in states
                if state["enum_value"] in codes or state["id"] == chosen
            ),
            value=str(chosen or ""),
        )
        for name, label, codes, chosen in ends
    ]


def _parameters(known: Mapping[str, Any], fit: CommandFit) -> list[Field]:
    if fit.kind != "package":
        return []
    yes_or_no = (("true", _("Yes")), ("false", _("No")))

    def switch(name: str, label: str, told: str) -> Field:
        value = str(known[name]).lower() if name in known else ""
        return Field(name=name, label=label, kind="choice", options=yes_or_no, value=value, help=told)

    found = [switch(SYNC, _("Tell upstream the new status"), _("Empty: it is told."))]
    if BILL in fit.calls:
        found.append(
            switch(BILL, _("Ask upstream for the bill"), _("Before the package is packed. Empty: not asked."))
        )
    if INVOICE in fit.calls:
        found.extend(_invoice(known.get(INVOICE) or {}))
    return found


def _invoice(call: Mapping[str, Any]) -> list[Field]:
    auth: Mapping[str, Any] = call.get("auth") or {}
    seconds: Mapping[str, Any] = call.get("timeouts") or {}

    def text(name: str, label: str, value: Any, told: str = "", kind: str = "text") -> Field:
        shown = "" if value is None else value
        return Field(name=f"{INVOICE}:{name}", label=label, kind=kind, value=shown, help=told)

    return [
        text(
            "url",
            _("Invoice service, address"),
            call.get("remote_url"),
            _("Asked for the invoice before the transition; empty: nobody is asked."),
        ),
        Field(
            name=f"{INVOICE}:auth",
            label=_("Invoice service, sign-in"),
            kind="choice",
            options=tuple((key, str(word)) for key, word in AUTHS.items()),
            value=auth.get("request_type", ""),
        ),
        text("username", _("User name"), auth.get("username")),
        text("password", _("Password"), auth.get("password"), _("Asterisks keep the stored one."), "secret"),
        text("token", _("Token"), auth.get("token"), _("Asterisks keep the stored one."), "secret"),
        text("token_prefix", _("Word before the token"), auth.get("token_prefix"), "Bearer, Token"),
        text("connect", _("Connects within (seconds)"), seconds.get("connect"), kind="integer"),
        text("read", _("Answers within (seconds)"), seconds.get("read"), kind="integer"),
        text(
            "make_number",
            _("Make the invoice number here"),
            bool(call.get("generate_invoice_number")),
            kind="check",
        ),
        text(
            "make_url",
            _("Make the invoice link here"),
            bool(call.get("generate_invoice_url")),
            kind="check",
        ),
    ]


def given(values: Mapping[str, Any], row: StateTransition, fit: CommandFit) -> dict[str, Any]:
    """What was typed, for `save_transition`. Raises `Invalid` naming the input."""
    english, turkish = str(values["name"]), str(values.get("turkish", ""))
    for name, text in (("name", english), ("turkish", turkish)):
        if len(text) > LONGEST_NAME:
            raise Invalid(fields={name: [_("At most %(most)s characters.") % {"most": LONGEST_NAME}]})
    if not _SLUG.fullmatch(str(values["slug"])):
        raise Invalid(fields={"slug": [_("Only letters, digits, - and _, at most 128.")]})
    told = {**row.translations, "en-us": {"name": english}}
    told.pop("tr-tr", None)
    return {
        "name": english,
        "slug": values["slug"],
        "command_code": fit.code,
        "source_state": int(values["source_state"]),
        "destination_state": int(values["destination_state"]),
        "visibility": values["visibility"],
        "is_active": values["is_active"],
        "translations": {**told, "tr-tr": {"name": turkish}} if turkish else told,
        "parameters": _typed(values),
    }


def _typed(values: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {
        name: values[name] == "true" for name in (SYNC, BILL) if values.get(name) in ("true", "false")
    }
    call = {name: values.get(f"{INVOICE}:{name}") for name in CALL.values()}
    if not any(call.values()):
        return found
    auth: dict[str, Any] = {"request_type": call["auth"] or "anonymous"}
    for name in ("username", "password", "token", "token_prefix"):
        if call[name] is not None:
            auth[name] = call[name]
    missing = [name for name in NEEDED.get(auth["request_type"], ()) if name not in auth]
    if missing:
        raise Invalid(fields={f"{INVOICE}:{name}": [_("Fill in this field.")] for name in missing})
    found[INVOICE] = {
        "auth": auth,
        **({"remote_url": call["url"]} if call["url"] else {}),
        "generate_invoice_number": bool(call["make_number"]),
        "generate_invoice_url": bool(call["make_url"]),
    }
    seconds = {name: call[name] for name in ("connect", "read") if call[name] is not None}
    if seconds:
        found[INVOICE]["timeouts"] = seconds
    return found


def with_answers(
    inputs: list[Field], raw: Mapping[str, Any], refused: Mapping[str, Any], fit: CommandFit, source: str
) -> tuple[list[Field], list[str]]:
    """The inputs with what was typed and what is wrong with each; sentences about no input of the form come after."""
    names = {field.name for field in inputs}
    placed: dict[str, list[str]] = {}
    rest: list[str] = []
    for name, said in refused.items():
        for text in [said] if isinstance(said, str) else said:
            field, words = _placed(name, str(text), fit, source)
            if field in names:
                placed.setdefault(field, []).append(words)
            else:
                rest.append(words)
    return answered(inputs, raw, placed), rest


def _placed(name: str, text: str, fit: CommandFit, source: str) -> tuple[str, str]:
    if name in ("source_state", "destination_state") and "Allowed:" in text:
        return name, _ways(name, fit, source)
    if name != "parameters":
        return name, refusals.sentence(text)
    for path, own in CALL.items():
        if text.startswith(f"{INVOICE}.{path}"):
            return f"{INVOICE}:{own}", _without_path(text.removeprefix(f"{INVOICE}.{path}"))
    for own in (SYNC, BILL):
        if text.startswith(own):
            return own, refusals.sentence(text)
    return f"{INVOICE}:url", refusals.sentence(text)


def _without_path(text: str) -> str:
    """The sentence as it reads beside its own input."""
    said = text.removeprefix(":").strip()
    if said == "is not known.":
        return _("Not used with this sign-in.")
    return refusals.sentence(said[:1].upper() + said[1:])


def _ways(name: str, fit: CommandFit, source: str) -> str:
    """Where the command may start, or where it leads from there, by the states' own names."""
    named = {row["enum_value"]: looks.translated(row) for row in queries.states_of(ENUM_OF_KIND[fit.kind])}

    def words(codes: set[str]) -> str:
        return ", ".join(named[code] for code in named if code in codes)

    if name == "source_state":
        return _("This command starts from: %(states)s.") % {"states": words({a for a, _b in fit.pairs})}
    leads = {b for a, b in fit.pairs if a == source}
    return _("From %(state)s this command leads to: %(states)s.") % {
        "state": named.get(source, source),
        "states": words(leads),
    }
