"""Clock, ids, money, names, refusals, secrets, configuration."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ambar.kit import clock, ids, money, refusals, vault
from ambar.kit.config import Config
from ambar.kit.log import mask_secrets
from ambar.kit.text import is_digits, refused_characters, turkish_fold


def test_moments_are_written_in_utc_with_six_decimals():
    assert clock.iso(datetime(2026, 1, 2, 3, 4, 5, 123456, UTC)) == "2026-01-02T03:04:05.123456Z"
    assert (
        clock.iso(datetime(2026, 1, 2, 3, tzinfo=timezone(timedelta(hours=3))))
        == "2026-01-02T00:00:00.000000Z"
    )
    with pytest.raises(ValueError, match="time zone"):
        clock.iso(datetime(2026, 1, 2))


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_written_moment_reads_back_the_same(moment):
    assert clock.parse(clock.iso(moment)) == moment


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-02T03:04:05Z", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2026-01-02", datetime(2026, 1, 2, tzinfo=UTC)),
        ("2026-01-02T03:04:05", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2026-01-02 03:04:05+03:00", datetime(2026, 1, 2, 0, 4, 5, tzinfo=UTC)),
        ("2026-01-02T03:04:05 03:00", datetime(2026, 1, 2, 0, 4, 5, tzinfo=UTC)),
    ],
)
def test_moments_are_read_in_their_usual_forms(text, expected):
    assert clock.parse(text) == expected


@pytest.mark.parametrize(
    "text", ["", "now", "20260102", "2026-13-01", "0001-01-01T00:00:00+23:00", "2026-01-02T99:00:00"]
)
def test_what_is_no_moment_is_a_value_error(text):
    with pytest.raises(ValueError):
        clock.parse(text)


def test_uuid7_is_ordered_and_carries_its_moment():
    made = [ids.uuid7() for _ in range(5000)]
    assert all(first < second for first, second in pairwise(made))
    assert {one.version for one in made} == {7}
    moment = datetime(2026, 1, 2, 3, 4, 5, 678000, UTC)
    assert ids.uuid7(moment).int >> 80 == int(moment.timestamp() * 1000)


def test_money_has_two_decimals_rounded_half_up():
    assert [money.money(Decimal(text)) for text in ("12.3", "0.005", "-0.001", "1E+3")] == [
        "12.30", "0.01", "0.00", "1000.00",
    ]  # fmt: skip
    assert money.quantity(Decimal(1)) == "1.00"
    assert money.dec(0.1) == Decimal("0.1")
    assert money.dec(" 17 ") == Decimal(17)


@pytest.mark.parametrize("value", ["", "x", "NaN", "Infinity", float("inf"), None, True, "1e15", [], "1,5"])
def test_what_is_no_amount_is_a_value_error(value):
    with pytest.raises(ValueError):
        money.dec(value)


@pytest.mark.parametrize(
    "names",
    [
        ("İstanbul", "ISTANBUL", "istanbul", "Istanbul", "İSTANBUL", "ıstanbul", "i\u0307stanbul"),
        ("Şanlıurfa", "SANLIURFA", "şanlıurfa", " Sanliurfa "),
        ("Kâğıthane", "Kağıthane", "KAGITHANE"),
        ("19 Mayıs", "19  MAYIS", "19-Mayıs"),
    ],
)
def test_turkish_names_meet_under_one_key(names):
    assert len({turkish_fold(name) for name in names}) == 1


@given(st.text())
def test_folding_twice_is_folding_once(name):
    assert turkish_fold(turkish_fold(name)) == turkish_fold(name)


@pytest.mark.parametrize(
    ("text", "said"),
    [("0", True), ("12", True), ("9" * 4300, True), ("9" * 4301, False), ("", False), ("²", False), ("٣", False), ("-1", False), ("1 ", False)],
)  # fmt: skip
def test_digits_are_what_int_reads(text, said):
    assert is_digits(text) is said
    assert not said or str(int(text)) == text


def test_texts_that_can_not_be_stored_say_why():
    assert refused_characters("a\x00") == "Null characters are not allowed."
    assert refused_characters("\ud800") == "Lone surrogates are not allowed."
    assert refused_characters("ğ😀") is None


def test_a_refusal_tells_its_code_message_and_figures():
    class NotEnoughStock(refusals.Conflict):
        """There is not enough stock."""

        code = "stock_100"

    assert NotEnoughStock(missing=[1]).as_dict() == {
        "code": "stock_100", "en": "There is not enough stock.", "missing": [1],
    }  # fmt: skip
    assert refusals.Invalid(fields={"a": ["x", "y"]}).message == "a: x y"


def test_a_sealed_secret_opens_and_shows_only_its_end(settings):
    settings.SECRET_KEY = "one"
    sealed = vault.seal("token-0123456789abcd")
    assert "0123456789" not in sealed
    assert vault.open(sealed) == "token-0123456789abcd"
    assert (vault.mask("token-0123456789abcd"), vault.mask("short"), vault.mask("")) == (
        "****abcd",
        "****",
        "",
    )
    assert vault.open(vault.seal("")) == ""
    settings.SECRET_KEY = "two"
    with pytest.raises(vault.CannotOpen):
        vault.open(sealed)


def test_logs_never_show_secrets():
    event = {
        "event": "call",
        "headers": {"Authorization": "Token abc", "Accept": "json"},
        "auth": [{"token": "t", "password": "", "secret_key": "s"}],
    }
    assert mask_secrets(event) == {
        "event": "call",
        "headers": {"Authorization": "****", "Accept": "json"},
        "auth": [{"token": "****", "password": "", "secret_key": "****"}],
    }


def test_the_database_of_a_system_comes_from_the_environment(monkeypatch):
    monkeypatch.delenv("AMBAR_TEST_SERVER", raising=False)
    monkeypatch.setenv("AMBAR_OMS_DATABASE_URL", "postgresql://u:p@db.example:5433/oms?sslmode=require")
    database = Config().database("oms")
    assert (database["NAME"], database["USER"], database["PASSWORD"], database["HOST"], database["PORT"]) == (
        "oms", "u", "p", "db.example", "5433",
    )  # fmt: skip
    assert database["OPTIONS"]["sslmode"] == "require"
    monkeypatch.setenv("AMBAR_TEST_SERVER", "postgresql://postgres@/postgres?host=%2Ftmp%2Fx")
    monkeypatch.setenv("AMBAR_TEST_RUN", "me")
    database = Config().database("oms")
    assert (database["NAME"], database["HOST"]) == ("me_oms", "/tmp/x")


def test_the_key_is_made_once_and_readable_only_for_the_owner(monkeypatch, tmp_path):
    for name in ("AMBAR_TEST_SERVER", "AMBAR_SECRET_KEY", "AMBAR_NO_DATABASE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AMBAR_HOME", str(tmp_path))
    first = Config().secret_key
    assert len(first) > 40
    assert Config().secret_key == first
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600
