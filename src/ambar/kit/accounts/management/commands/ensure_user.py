"""`ensure_user`: makes or mends a user from the shell, and hands out a token when asked."""

from __future__ import annotations

import json
import os
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from ambar.kit import accounts
from ambar.kit.accounts.roles import ROLES


class Command(BaseCommand):
    """The password comes from an environment variable, never from the command line other users can read."""

    help = "Create a user or bring an existing one to the given roles and bounds."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--role", action="append", default=[], help="role name; repeat for several")
        parser.add_argument("--bounds", default="{}", help='JSON, such as {"seller_id": 3}')
        parser.add_argument(
            "--password-env", default="AMBAR_PASSWORD", help="variable that holds the password"
        )
        parser.add_argument("--language", default="en", choices=["en", "tr"])
        parser.add_argument("--superuser", action="store_true")
        parser.add_argument("--token", help="also issue a token of this name and print it once")

    def handle(self, *args: Any, **options: Any) -> None:
        unknown = sorted(set(options["role"]) - set(ROLES))
        if unknown:
            raise CommandError(f"unknown role {', '.join(unknown)}; known: {', '.join(sorted(ROLES))}")
        try:
            bounds = json.loads(options["bounds"])
        except json.JSONDecodeError as error:
            raise CommandError(f"--bounds is not JSON: {error}") from None
        user = accounts.ensure_user(
            options["username"], os.environ.get(options["password_env"]), options["role"], bounds,
            language=options["language"], is_superuser=options["superuser"],
        )  # fmt: skip
        answer = {"id": user.pk, "username": user.username, "roles": user.roles}
        if options["token"]:
            answer["token"] = accounts.issue_token(user, name=options["token"])
        self.stdout.write(json.dumps(answer))
