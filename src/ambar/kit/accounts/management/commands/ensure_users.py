"""`ensure_users`: makes or mends users from the shell, and hands out tokens when asked."""

from __future__ import annotations

import json
import sys
from typing import Any

from django.core.management import BaseCommand, CommandError

from ambar.kit import accounts
from ambar.kit.accounts.roles import ROLES
from ambar.kit.refusals import Invalid

KEYS = {"username", "password", "roles", "bounds", "language", "is_superuser", "token"}


class Command(BaseCommand):
    """Passwords come on standard input, never on the command line other users can read.

    Input: a JSON list of `{"username", "password"?, "roles"?, "bounds"?, "language"?, "is_superuser"?, "token"?}`.
    Output: a JSON list of `{"id", "username", "roles", "token"?}`; `token` names a new token whose clear text is printed this once.
    """

    said_as = None
    help = "Create users or bring existing ones to the given roles and bounds (JSON list on standard input)."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            wanted = json.load(sys.stdin)
        except json.JSONDecodeError as error:
            raise CommandError(f"standard input is not JSON: {error}") from None
        if not isinstance(wanted, list) or not all(
            isinstance(row, dict) and row.get("username") for row in wanted
        ):
            raise CommandError("standard input must be a JSON list of objects with a username")
        self.stdout.write(json.dumps([self._ensure(row) for row in wanted]))

    def _ensure(self, row: dict[str, Any]) -> dict[str, Any]:
        for kind, found, known in (("key", set(row), KEYS), ("role", set(row.get("roles", ())), set(ROLES))):
            if found - known:
                raise CommandError(
                    f"{row['username']}: unknown {kind} {', '.join(sorted(found - known))}; known: {', '.join(sorted(known))}"
                )
        try:
            user = accounts.ensure_user(
                row["username"], row.get("password"), row.get("roles", ()), row.get("bounds"),
                language=row.get("language", "en"), is_superuser=row.get("is_superuser", False),
            )  # fmt: skip
        except Invalid as refusal:
            raise CommandError(f"{row['username']}: {refusal.message}") from None
        answer: dict[str, Any] = {"id": user.pk, "username": user.username, "roles": user.roles}
        if row.get("token"):
            answer["token"] = accounts.issue_token(user, name=row["token"])
        return answer
