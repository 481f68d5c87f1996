"""Secrets at rest: sealed with a key derived from the installation's own, shown only masked."""

from __future__ import annotations

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

from .masks import mask as mask
from .refusals import Refusal

PREFIX = "sealed:"


class CannotOpen(Refusal):
    """This secret was sealed with another key."""

    code = "cannot_open_secret"


def _fernet() -> Fernet:
    digest = hashlib.sha256(b"ambar vault\0" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))


def seal(secret: str) -> str:
    """Encrypts a secret; the empty one stays empty."""
    return PREFIX + _fernet().encrypt(secret.encode()).decode() if secret else ""


def open(sealed: str) -> str:  # noqa: A001
    """The secret in clear.

    :raises CannotOpen: it was sealed with another key, or altered.
    """
    if not sealed:
        return ""
    try:
        return _fernet().decrypt(sealed.removeprefix(PREFIX).encode()).decode()
    except (InvalidToken, ValueError) as error:
        raise CannotOpen() from error
