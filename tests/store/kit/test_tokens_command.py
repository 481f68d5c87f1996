"""`ambar <system> tokens`: which keys programs have, and the end of one."""

from __future__ import annotations

import io
import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from ambar.kit import accounts, clock
from ambar.kit.accounts.models import AuditEntry, Token

pytestmark = pytest.mark.django_db


def said(*arguments: str) -> str:
    out = io.StringIO()
    call_command("tokens", *arguments, stdout=out)
    return out.getvalue().strip()


@pytest.fixture
def keys() -> dict[str, str]:
    """Name → key: one of another user, one that ended, and one in use."""
    now = clock.now()
    robot, other = (accounts.ensure_user(name, "x", ["admin"]) for name in ("robot", "other"))
    made = {
        "idle": accounts.issue_token(other, name="idle"),
        "over": accounts.issue_token(robot, name="over"),
        "in use": accounts.issue_token(robot, name="in use"),
    }
    Token.objects.filter(name="over").update(expires_at=now - timedelta(days=1))
    Token.objects.filter(name="in use").update(last_used_at=now)
    return made


def test_living_tokens_are_listed_the_last_used_first_and_never_shown(keys: dict[str, str]) -> None:
    assert [(row["name"], row["username"]) for row in json.loads(said("list", "--json"))] == [
        ("in use", "robot"), ("idle", "other"),
    ]  # fmt: skip
    assert [row["name"] for row in json.loads(said("list", "--json", "--user", "other"))] == ["idle"]
    shown = said("list")
    assert "never used" in shown and [key for key in keys.values() if key in shown] == []
    assert said("list", "--user", "nobody") == "no living token"


def test_a_revoked_token_is_refused_and_the_trail_says_so(keys: dict[str, str]) -> None:
    wanted = Token.objects.get(name="in use").pk
    assert said("revoke", str(wanted)) == f"token {wanted} is revoked"
    assert accounts.authenticate_token(keys["in use"], now=clock.now()) is None
    assert accounts.authenticate_token(keys["idle"], now=clock.now()) is not None
    assert AuditEntry.objects.get(action="token.revoked").object_id == wanted
    for unknown in (str(wanted), "99999999999999999999"):
        with pytest.raises(CommandError, match=f"there is no living token {unknown}") as refused:
            said("revoke", unknown)
        assert refused.value.returncode == 2
