"""Give the commerce hub the token its hooks carry."""

from __future__ import annotations

import secrets

from ambar.kit import accounts


def issue_hook_token() -> str:
    """The clear token, shown once, for `additional_headers` of the hub's hooks; it may post events and nothing else."""
    user = accounts.ensure_user("omnitron", secrets.token_urlsafe(32), ["omnitron"])
    return accounts.issue_token(user, name="hooks")
