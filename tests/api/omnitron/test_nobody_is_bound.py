"""Trap 20 at Omnitron: nobody there is bound to a seller or a location, so there is nothing of another to reach for.

The day a role or a room of Omnitron looks at bounds, this fails, and an isolation test as in the other systems is due.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import ambar.omnitron
from ambar.kit import accounts, rest
from ambar.omnitron import roles
from ambar.omnitron.api import api


def test_no_role_of_the_hub_is_bounded():
    assert set(roles.SCOPES) == {"integration", "viewer"}
    assert set(accounts.ROLES) >= set(roles.SCOPES)
    sources = Path(ambar.omnitron.__file__).parent.rglob("*.py")
    looking = [
        path.name for path in sources if re.search(r"\.bounds\b|seller_id|location_ids", path.read_text())
    ]
    assert looking == []


@pytest.mark.django_db
def test_every_endpoint_of_the_hub_answers_a_viewer_by_scope_alone(client):
    user = accounts.ensure_user("viewer", "a long password 1", ["viewer"], {})
    headers = {"Authorization": f"Token {accounts.issue_token(user, name='test')}"}
    tried = 0
    for endpoint in rest.endpoints(api):
        if endpoint.method == "GET" or endpoint.scopes in (("public",), ("signed in",)):
            continue
        path = re.sub(r"\{(?:int:)?\w+\}", "1", endpoint.path)
        got = client.generic(
            endpoint.method, f"/api/v1{path}", b"{}", content_type="application/json", headers=headers
        )
        allowed = set(endpoint.scopes) <= roles.SCOPES["viewer"]
        assert (got.status_code == 403) is not allowed, (endpoint.method, endpoint.path, got.status_code)
        tried += got.status_code == 403
    assert tried >= 20
