"""Users, roles and the audit trail as rows."""

from __future__ import annotations

import pytest
from django.contrib.auth import authenticate

from ambar.kit import accounts
from ambar.kit.accounts.models import AuditEntry, User

pytestmark = pytest.mark.django_db


def test_ensure_user_makes_once_and_brings_up_to_date():
    accounts.register_role("bound seller", {"entries:read"}, "Reader of one seller", bound="seller_id")
    first = accounts.ensure_user("planner", "planner-pass-1", ["admin"])
    again = accounts.ensure_user("planner", "planner-pass-1", [], {"seller_id": 3}, name="P")
    assert first.pk == again.pk
    assert first.password == again.password
    row = User.objects.get()
    assert (row.roles, row.bounds, row.name) == ([], {"seller_id": 3}, "P")
    assert authenticate(username="planner", password="planner-pass-1") == row
    assert authenticate(username="planner", password="other") is None


def test_a_superuser_and_an_admin_may_everything_others_what_their_roles_hold():
    accounts.register_role("packer", {"packages:*", "orders:read"}, "Packer")
    packer = accounts.Principal.of(accounts.ensure_user("a", "x", ["packer", "unknown role"]))
    assert [packer.may(scope) for scope in ("packages:write", "orders:read", "orders:write")] == [
        True,
        True,
        False,
    ]
    admin = accounts.Principal.of(accounts.ensure_user("b", "x", ["admin"]))
    root = accounts.Principal.of(accounts.ensure_user("c", "x", [], is_superuser=True))
    assert admin.may("anything:at-all")
    assert root.may("anything:at-all")


def test_a_role_has_one_meaning():
    accounts.register_role("twice", {"a:read"})
    accounts.register_role("twice", {"a:read"})
    with pytest.raises(ValueError, match="twice"):
        accounts.register_role("twice", {"a:write"})


def test_the_audit_trail_keeps_who_what_and_masks_secrets():
    principal = accounts.Principal.of(accounts.ensure_user("a", "x", ["admin"]))
    accounts.audit(principal, "hook.changed", "hook", 7, {"secret_key": "s", "is_active": False})
    row = AuditEntry.objects.get()
    assert (row.username, row.action, row.object_kind, row.object_id) == ("a", "hook.changed", "hook", 7)
    assert row.detail == {"secret_key": "****", "is_active": False}
