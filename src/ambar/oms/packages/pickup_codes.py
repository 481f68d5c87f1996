"""Codes against which customers collect their packages: sealed at rest, told to those who may command the package.

`docs/decisions/0038-pickup-returns-refunds.md`.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping, Sequence

from django.db import connection

from ambar.kit import vault
from ambar.oms.packages.models import Package

LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
LENGTH = 8


def new() -> str:
    """A code nobody guesses, of letters that are not mistaken for one another."""
    return "".join(secrets.choice(LETTERS) for _ in range(LENGTH))


def keep(codes: Mapping[int, str]) -> None:
    """Give packages their codes; the caller holds the locks of the packages. One statement."""
    if codes:
        ids = sorted(codes)
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE oms_packages_package p SET pickup_code_sealed = w.code"
                " FROM unnest(%s::bigint[], %s::text[]) AS w(id, code) WHERE p.id = w.id",
                [ids, [vault.seal(codes[package_id]) for package_id in ids]],
            )


def read(package_ids: Sequence[int]) -> dict[int, str]:
    """`{package: code}`; packages without one are absent."""
    rows = Package.objects.filter(pk__in=package_ids).exclude(pickup_code_sealed="")
    return {pk: vault.open(sealed) for pk, sealed in rows.values_list("pk", "pickup_code_sealed")}


def same(shown: str, code: str) -> bool:
    """Whether the code that was shown is this one, written however; tells nothing by the time it takes."""
    return hmac.compare_digest(_plain(shown), _plain(code))


def _plain(code: str) -> bytes:
    return "".join(code.split()).replace("-", "").upper().encode()
