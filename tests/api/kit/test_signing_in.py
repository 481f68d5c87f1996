"""Login, tokens, sessions, scopes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from ambar.kit import accounts, clock
from ambar.kit.accounts.models import LoginFailure, Token, User
from ambar.kit.refusals import Invalid

pytestmark = pytest.mark.django_db


def test_login_answers_a_key_and_leaves_earlier_tokens_valid(nobody):
    accounts.ensure_user("integration", "integration-demo", ["reader"])
    first = nobody.post("/api/v1/auth/login/", {"username": "integration", "password": "integration-demo"})
    second = nobody.post("/api/v1/auth/login/", {"username": "integration", "password": "integration-demo"})
    assert (first.status_code, second.status_code) == (200, 200)
    assert list(first.json()) == ["key"]
    assert first.json()["key"] != second.json()["key"]
    for key in (first.json()["key"], second.json()["key"]):
        answer = Client().get("/api/v1/active_user/", headers={"Authorization": f"Token {key}"})
        assert answer.status_code == 200
        assert answer.json()["username"] == "integration"


def test_only_a_hash_of_the_token_is_kept_and_login_tokens_expire_in_thirty_days(nobody):
    accounts.ensure_user("integration", "integration-demo", ["reader"])
    key = nobody.post(
        "/api/v1/auth/login/", {"username": "integration", "password": "integration-demo"}
    ).json()["key"]
    token = Token.objects.get()
    assert key not in (token.hash, token.prefix)
    assert token.prefix == key[:8]
    assert token.expires_at - token.created_at == timedelta(days=30)


@pytest.mark.parametrize("username", ["integration", "nobody", "inactive"])
def test_wrong_credentials_are_400_with_non_field_errors(nobody, username):
    accounts.ensure_user("integration", "integration-demo", ["reader"])
    accounts.ensure_user("inactive", "wrong", ["reader"], is_active=False)
    answer = nobody.post("/api/v1/auth/login/", {"username": username, "password": "wrong"})
    assert answer.status_code == 400
    assert answer.json() == {
        "non_field_errors": ["Unable to log in with provided credentials."],
        "code": "authorization",
    }


def test_ten_failures_in_five_minutes_answer_429_even_with_the_right_password(nobody):
    accounts.ensure_user("integration", "integration-demo", ["reader"])
    for _ in range(10):
        assert (
            nobody.post("/api/v1/auth/login/", {"username": "integration", "password": "x"}).status_code
            == 400
        )
    answer = nobody.post("/api/v1/auth/login/", {"username": "integration", "password": "integration-demo"})
    assert answer.status_code == 429
    assert answer.json()["code"] == "throttled"
    assert answer.headers["Retry-After"] == "300"
    LoginFailure.objects.update(at=clock.now() - timedelta(minutes=6))
    answer = nobody.post("/api/v1/auth/login/", {"username": "integration", "password": "integration-demo"})
    assert answer.status_code == 200


def test_missing_fields_are_named(nobody):
    answer = nobody.post("/api/v1/auth/login/", {"username": "a"})
    assert (answer.status_code, answer.json()) == (400, {"password": ["This field is required."]})


def test_no_credentials_are_401_with_a_challenge(nobody):
    answer = nobody.get("/api/v1/entries/")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Token"
    assert answer.json() == {
        "detail": "Authentication credentials were not provided.",
        "code": "not_authenticated",
    }


@pytest.mark.parametrize(
    "header", ["Token", "Token ", "Token nope", "Bearer abc", "Token ş", "Token " + "a" * 500]
)
def test_an_unknown_token_is_401(nobody, header):
    answer = nobody.client.get("/api/v1/entries/", headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.json()["code"] == "authentication_failed"


@pytest.mark.parametrize("column", ["expires_at", "revoked_at"])
def test_an_expired_or_revoked_token_is_401(reader, column):
    assert reader.get("/api/v1/entries/").status_code == 200
    Token.objects.update(**{column: clock.now()})
    assert reader.get("/api/v1/entries/").status_code == 401


def test_the_scope_must_be_held(reader, writer):
    answer = reader.post("/api/v1/orders/", {"number": "1"})
    assert answer.status_code == 403
    assert answer.json() == {
        "detail": "You do not have permission to perform this action.",
        "code": "permission_denied",
        "required": ["orders:write"],
    }
    assert writer.post("/api/v1/orders/", {"number": "1"}).status_code == 201


def test_the_scope_is_asked_before_the_body_is_read(reader):
    assert reader.post("/api/v1/orders/", b"{broken").status_code == 403


def test_a_tokens_own_scopes_narrow_the_roles(db):
    user = accounts.ensure_user("writer", "writer-password", ["writer"])
    key = accounts.issue_token(user, name="narrow", scopes=["entries:read", "users:write"])
    headers = {"Authorization": f"Token {key}"}
    assert Client().get("/api/v1/entries/", headers=headers).status_code == 200
    principal = accounts.authenticate_token(key)
    assert [principal.may(scope) for scope in ("entries:read", "orders:write", "users:write")] == [
        True,
        False,
        False,
    ]


def test_last_used_is_written_at_most_once_a_minute(db):
    user = accounts.ensure_user("writer", "writer-password", ["writer"])
    key = accounts.issue_token(user, name="x")
    now = clock.now()
    for seconds in (0, 59, 60):
        accounts.authenticate_token(key, now=now + timedelta(seconds=seconds))
        expected = now if seconds < 60 else now + timedelta(seconds=60)
        assert Token.objects.get().last_used_at == expected


def test_a_session_may_read_and_needs_csrf_to_write(db):
    user = accounts.ensure_user("writer", "writer-password", ["writer"])
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    assert client.get("/api/v1/entries/").status_code == 200
    answer = client.post("/api/v1/orders/", {"number": "1"}, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed")
    token = "a" * 32
    client.cookies["ambar_kit_csrf"] = token
    answer = client.post(
        "/api/v1/orders/", {"number": "1"}, content_type="application/json", headers={"X-CSRFToken": token}
    )
    assert answer.status_code == 201


def test_bounds_reach_the_principal(db):
    user = accounts.ensure_user("op", "op-password-1", ["reader"], {"location_ids": [1, 2], "seller_id": 3})
    principal = accounts.Principal.of(user)
    assert principal.bounds == {"location_ids": (1, 2), "seller_id": 3}
    assert principal.roles == frozenset({"reader"})
    assert principal.scopes == frozenset({"entries:read"})


def test_a_role_that_is_bound_sees_nothing_when_its_holder_was_given_nothing(db):
    user = accounts.ensure_user("op", "op-password-1", ["bound reader"], {"location_ids": [1]})
    type(user).objects.filter(pk=user.pk).update(bounds={"locations_ids": [1, 2]})
    user.refresh_from_db()
    assert accounts.Principal.of(user).bounds["location_ids"] == ()
    key = accounts.issue_token(user, name="test")
    assert accounts.authenticate_token(key).bounds["location_ids"] == ()


def test_a_role_without_bounds_beside_a_bound_one_is_not_bound(db):
    user = accounts.ensure_user("both", "op-password-1", ["bound reader", "reader"])
    assert accounts.Principal.of(user).bounds == {}


@pytest.mark.parametrize(
    ("bounds", "reason"),
    [
        ({}, "location_ids is missing: without it the role sees nothing."),
        (
            {"location_id": [1], "location_ids": [1]},
            "'location_id' is no bound; known: location_ids, seller_id.",
        ),
        ({"location_ids": "12"}, "location_ids must be a list of ids."),
        ({"location_ids": ["1"]}, "location_ids must be a list of ids."),
        ({"location_ids": [1], "seller_id": [3]}, "seller_id must be an id."),
    ],
)
def test_a_user_is_not_made_with_bounds_that_bind_nothing(db, bounds, reason):
    with pytest.raises(Invalid) as refused:
        accounts.ensure_user("op", "op-password-1", ["bound reader"], bounds)
    assert refused.value.fields == {"bounds": [reason]}
    assert not User.objects.filter(username="op").exists()
