"""*Set aside*: received events that could not be applied, each with its reason, and a way on."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ambar.kit import accounts
from ambar.kit.outbox import registry
from ambar.kit.outbox.actions.take_again import take_again
from ambar.kit.outbox.models import Inbox, InboxState
from ambar.kit.refusals import Refusal
from ambar.kit.ui import gate
from ambar.kit.ui.webhooks import hook_words
from ambar.kit.ui.webhooks.screens import tabs

MOST_SHOWN = 500


@gate.screen("hooks:read")
def aside(request: HttpRequest) -> HttpResponse:
    """What was set aside, oldest first; for who sees the hooks of all."""
    principal = gate.principal(request)
    rows = Inbox.objects.filter(state=InboxState.PARKED).defer("payload").order_by("id")
    context = {
        "rows": list(rows[:MOST_SHOWN]) if registry.sees_all(principal) else [],
        "tabs": tabs("webhooks:aside"),
        "title": _("Webhooks"),
        "may_write": principal.may("hooks:write"),
    }
    return render(request, "ui/webhooks/aside.html", context)


@require_POST
@gate.screen("hooks:write")
def take(request: HttpRequest, pk: int) -> HttpResponse:
    """Apply one again."""
    principal = gate.principal(request)
    found = Inbox.objects.filter(pk=pk).first() if registry.sees_all(principal) else None
    if found is None:
        return gate.missing(request)
    try:
        take_again(found)
    except Refusal as refusal:
        messages.error(request, hook_words.words(refusal.message))
    else:
        about = {"uuid": found.uuid.hex, "type": found.type}
        accounts.audit(principal, "event.taken_again", "received_event", pk, about)
        messages.success(request, _("It is applied again now."))
    return redirect("webhooks:aside")
