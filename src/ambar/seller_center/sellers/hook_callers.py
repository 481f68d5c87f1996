"""Who posts a hook: recognised by token, or by signature alone.

Source: `docs/decisions/` (hooks authenticate by an `Authorization` header, a signature, or both; whatever is present
must hold).
"""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest

from ambar.kit.accounts import Principal
from ambar.kit.refusals import Forbidden
from ambar.kit.rest.authentication import principal_of
from ambar.kit.rest.failures import NotSignedIn

SIGNATURES = ("webhook-signature", "X-Whisperer-Signature")


def token_caller(request: HttpRequest, scope: str) -> Principal | None:
    """The caller of a presented token, or `None` when none is presented.

    Errors: `NotSignedIn` (bad token), `Forbidden` (a token without `scope`).
    """
    principal = principal_of(request)
    if principal is not None and not principal.may(scope):
        raise Forbidden(required=[scope])
    return principal


def require_signature(request: HttpRequest, secrets: Sequence[str]) -> None:
    """For a caller without a token: a signature must be there, and a secret to check it with.

    Errors: `NotSignedIn`. That the signature holds is checked by `inbox.verify`.
    """
    if not secrets or not any(name in request.headers for name in SIGNATURES):
        raise NotSignedIn()
