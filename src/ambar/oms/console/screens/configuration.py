"""*Settings*: Basic Setup, Application Settings."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ambar.kit import clock
from ambar.kit.refusals import NotFound, Refusal
from ambar.kit.ui import gate
from ambar.oms.console import configured, refusals


@gate.screen("settings:read")
def settings(request: HttpRequest) -> HttpResponse:
    """Application settings; secrets are masked."""
    return render(
        request,
        "oms_console/settings.html",
        {"settings": configured.settings(), "may_write": gate.principal(request).may("settings:write")},
    )


@gate.screen("setup:read")
def setup(request: HttpRequest) -> HttpResponse:
    """The steps of Basic Setup, each with its button and status."""
    steps = configured.steps(now=clock.now())
    context = {
        "steps": steps,
        "working": any(step.look is configured.RUNS["WORKING"] for step in steps),
        "may_run": gate.principal(request).may("setup:write"),
    }
    return render(request, "oms_console/setup.html", context)


@require_POST
@gate.screen("setup:write")
def run_step(request: HttpRequest, step: str) -> HttpResponse:
    """Run one installation step in the background."""
    try:
        configured.run(step, gate.principal(request), now=clock.now())
    except NotFound:
        return gate.missing(request)
    except Refusal as refusal:
        messages.error(request, refusals.words(refusal))
        return redirect("oms_console:setup")
    messages.success(request, _("The step has been started."))
    return redirect("oms_console:setup")
