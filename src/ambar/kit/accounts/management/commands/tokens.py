"""`tokens`: the keys programs have, and the end of one."""

from __future__ import annotations

import json
from typing import Any

from django.core.management import BaseCommand, CommandError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import F, Q

from ambar.kit import accounts, clock
from ambar.kit.accounts.models import Token

FIELDS = ("id", "name", "username", "prefix", "created_at", "expires_at", "last_used_at")
LARGEST = 2**63 - 1


class Command(BaseCommand):
    """`list` shows the living tokens, the last used first: name, holder and first characters, never the token itself.
    `revoke` ends one; every process knows within a second. Exit code 2 when there is no such living token."""

    help = "List the tokens programs have, or revoke one."

    def add_arguments(self, parser: Any) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        listed = acts.add_parser("list", help="living tokens, the last used first")
        listed.add_argument("--user", help="of this user only")
        listed.add_argument("--json", action="store_true", help="one JSON document")
        acts.add_parser("revoke", help="end a token").add_argument("id", type=int)

    def handle(self, *args: Any, **options: Any) -> None:
        getattr(self, f"_{options['act']}")(options)

    def _list(self, options: dict[str, Any]) -> None:
        living = Token.objects.filter(Q(expires_at=None) | Q(expires_at__gt=clock.now()), revoked_at=None)
        if options["user"]:
            living = living.filter(user__username=options["user"])
        ordered = living.order_by(F("last_used_at").desc(nulls_last=True), "-id")
        rows = list(ordered.annotate(username=F("user__username")).values(*FIELDS))
        if options["json"]:
            self.stdout.write(json.dumps(rows, cls=DjangoJSONEncoder))
            return
        for row in rows:
            used = f"used {row['last_used_at']:%Y-%m-%d %H:%M}" if row["last_used_at"] else "never used"
            ends = f", ends {row['expires_at']:%Y-%m-%d}" if row["expires_at"] else ""
            self.stdout.write(
                f"{row['id']}  {row['username']}  {row['name']}  {row['prefix']}…  {used}{ends}"
            )
        if not rows:
            self.stdout.write("no living token")

    def _revoke(self, options: dict[str, Any]) -> None:
        wanted = options["id"]
        with transaction.atomic():
            if abs(wanted) > LARGEST or not accounts.revoke_token(wanted, now=clock.now()):
                raise CommandError(f"there is no living token {wanted}", returncode=2)
            accounts.audit(None, "token.revoked", "token", wanted, {"by": "command line"})
        self.stdout.write(f"token {wanted} is revoked")
