"""A process remembers who holds a token for a second, and no longer."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from ambar.kit import accounts, clock
from ambar.kit.accounts import tokens
from ambar.kit.accounts.models import Token, User

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def key():
    tokens.forget_remembered()
    yield accounts.issue_token(accounts.ensure_user("program", "program-pass-1", ["admin"]), name="it")
    tokens.forget_remembered()


def test_within_a_second_the_same_token_is_not_looked_up_again(key, django_assert_num_queries):
    now = clock.now()
    first = accounts.authenticate_token(key, now=now)
    with django_assert_num_queries(0):
        assert accounts.authenticate_token(key, now=now + timedelta(milliseconds=999)) is first
    with django_assert_num_queries(1):
        assert accounts.authenticate_token(key, now=now + timedelta(seconds=1)) == first


def test_a_token_revoked_in_another_process_is_refused_after_a_second(key):
    now = clock.now()
    assert accounts.authenticate_token(key, now=now) is not None
    token_id = Token.objects.get().pk
    code = (
        "import django; django.setup()\n"
        "from ambar.kit import accounts, clock\n"
        f"assert accounts.revoke_token({token_id}, now=clock.now())"
    )
    database = connection.settings_dict["NAME"]
    environment = {**os.environ, "AMBAR_TEST_RUN": database.removesuffix("_kit")}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-1000:]
    assert accounts.authenticate_token(key, now=now + timedelta(seconds=1)) is None


def test_a_token_revoked_here_is_refused_at_once(key):
    now = clock.now()
    assert accounts.authenticate_token(key, now=now) is not None
    assert accounts.revoke_token(Token.objects.get().pk, now=now)
    assert accounts.authenticate_token(key, now=now) is None


def test_a_user_switched_off_or_bound_is_known_after_a_second(key):
    now = clock.now()
    accounts.authenticate_token(key, now=now)
    User.objects.update(bounds={"seller_id": 3})
    assert accounts.authenticate_token(key, now=now + timedelta(seconds=1)).bounds == {"seller_id": 3}
    User.objects.update(is_active=False)
    assert accounts.authenticate_token(key, now=now + timedelta(seconds=2)) is None


def test_a_token_is_not_remembered_beyond_its_own_end(key):
    now = clock.now()
    user = User.objects.get()
    short = accounts.issue_token(user, name="short", expires_in=timedelta(milliseconds=300), now=now)
    assert accounts.authenticate_token(short, now=now) is not None
    assert accounts.authenticate_token(short, now=now + timedelta(milliseconds=300)) is None


def test_what_was_seen_inside_a_transaction_is_not_remembered():
    tokens.forget_remembered()
    now = clock.now()
    with transaction.atomic():
        key = accounts.issue_token(accounts.ensure_user("late", "late-pass-11", []), name="it", now=now)
        assert accounts.authenticate_token(key, now=now) is not None
        transaction.set_rollback(True)
    assert accounts.authenticate_token(key, now=now) is None


def test_many_threads_get_the_same_answer(key):
    found: list[object] = []

    def ask() -> None:
        found.append(accounts.authenticate_token(key))
        connection.close()

    crew = [threading.Thread(target=ask) for _ in range(8)]
    for one in crew:
        one.start()
    for one in crew:
        one.join()
    assert len(found) == 8 and len(set(map(repr, found))) == 1 and found[0] is not None
