"""Calls of a receiver that are carried out together: one of them alone, or those of a bundle.

A receiver reads its call and answers, or says what is left to be asked (`gathering.Left`): that is asked once for all calls of a bundle. Source: our decision, `docs/decisions/0113-events-in-bundles.md`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse

from ..gathering import Left
from ..http import bundle
from ..refusals import Invalid
from . import failures
from .answers import Raw

Receiver = Callable[[HttpRequest], HttpResponse | Left[Any, Any, Any, HttpResponse]]

_REFUSED = (401, 403)
_TAKES = f"application/json, {bundle.TYPE}"


class Whole:
    """What the calls of a bundle have in common: what is signed, and the secrets with which the signature was found to hold."""

    __slots__ = ("body", "headers", "held")

    def __init__(self, request: HttpRequest) -> None:
        self.headers: Any = request.headers
        self.body = request.body
        self.held: list[str] = []


class Part:
    """One call of a bundle, with what a receiver asks of a request; who calls is the caller of the bundle."""

    __slots__ = (
        "META",
        "body",
        "headers",
        "method",
        "path",
        "path_info",
        "principal",
        "resolver_match",
        "whole",
    )
    GET: ClassVar[dict[str, str]] = {}

    def __init__(self, request: HttpRequest, whole: Whole, part: bundle.Part) -> None:
        self.whole, self.body, self.headers = whole, part.body, _Headers(whole.headers, part.headers)
        self.META, self.method = request.META, request.method
        self.path, self.path_info = request.path, request.path_info
        self.principal, self.resolver_match = None, request.resolver_match


class _Headers:
    """What one call of a bundle says of itself, and for all else the headers of the bundle."""

    __slots__ = ("_own", "_whole")

    def __init__(self, whole: Any, own: Mapping[str, str]) -> None:
        self._whole, self._own = whole, own

    def get(self, name: str, default: Any = None) -> Any:
        own = name.lower()
        return self._own.get(own, default) if own in bundle.OWN else self._whole.get(name, default)

    def __getitem__(self, name: str) -> Any:
        own = name.lower()
        return self._own[own] if own in bundle.OWN else self._whole[name]

    def __contains__(self, name: str) -> bool:
        own = name.lower()
        return own in self._own if own in bundle.OWN else name in self._whole


def answer(request: HttpRequest, receiver: Receiver) -> HttpResponse:
    """What a receiver answers to a call, or to a bundle of them; says that it takes bundles."""
    if request.headers.get("Content-Type") == bundle.TYPE:
        return _answer_bundle(request, receiver)
    outcome = receiver(request)
    if isinstance(outcome, Left):
        outcome = outcome.asked()
    outcome[bundle.ACCEPT] = _TAKES
    return outcome


def _answer_bundle(request: HttpRequest, receiver: Receiver) -> HttpResponse:
    try:
        whole = Whole(request)
        parts: list[Any] = [Part(request, whole, part) for part in bundle.read(whole.body)]
    except bundle.Malformed as error:
        raise Invalid(fields={"non_field_errors": [str(error)]}) from error
    outcomes: list[Any] = []
    for part in parts:
        outcomes.append(_guarded(receiver, part, part))
        if getattr(outcomes[0], "status_code", 0) in _REFUSED:
            # Who may not call at all is told so once.
            return outcomes[0]  # type: ignore[no-any-return]
    _do_what_is_left(parts, outcomes)
    return Raw(200, bundle.write_answers([_told(one) for one in outcomes]))


def _do_what_is_left(parts: Sequence[Any], outcomes: list[Any]) -> None:
    """Puts answers in the places of what was left to do, which is done together."""
    company: dict[Any, list[int]] = {}
    for place, one in enumerate(outcomes):
        if isinstance(one, Left):
            company.setdefault((id(one.by), one.group), []).append(place)
    for places in company.values():
        first = outcomes[places[0]]
        kept = first.by.ask_all(first.group, [outcomes[place].call for place in places])
        for place, one in zip(places, kept, strict=True):
            outcomes[place] = _guarded(_made, parts[place], outcomes[place], one)


def _made(left: Left[Any, Any, Any, HttpResponse], answer: Any) -> HttpResponse:
    if isinstance(answer, Exception):
        raise answer
    return left.make(answer)


def _guarded(act: Callable[..., Any], request: Any, *given: Any) -> Any:
    """What it answers; what it raises is the answer of this call and not of those beside it."""
    try:
        return act(*given)
    except Exception as error:
        return failures.of_exception(request, error)


def _told(response: HttpResponse) -> bundle.Told:
    wait = response.get("Retry-After")
    return bundle.Told(response.status_code, response.content.decode("utf-8", "replace"), wait)
