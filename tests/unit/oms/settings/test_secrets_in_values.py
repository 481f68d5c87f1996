import pytest

from ambar.kit.refusals import Invalid
from ambar.oms.app_settings.domain import secrets

PATHS = (("auth", "password"), ("conf", "[endpoint]", "auth", "token"))
VALUE = {
    "auth": {"username": "u", "password": "open-sesame"},
    "conf": [
        {"endpoint": "orders", "auth": {"token": "token-orders"}},
        {"endpoint": "cities", "auth": {"token": "token-cities"}},
    ],
}


def mask(text):
    return "****" + text[-4:]


def test_every_secret_is_masked_and_nothing_else():
    assert secrets.masked(VALUE, PATHS, mask) == {
        "auth": {"username": "u", "password": "****same"},
        "conf": [
            {"endpoint": "orders", "auth": {"token": "****ders"}},
            {"endpoint": "cities", "auth": {"token": "****ties"}},
        ],
    }


def test_sealing_and_opening_gives_the_value_back():
    sealed = secrets.sealed(VALUE, PATHS, lambda text: text[::-1])
    assert sealed["auth"]["password"] == "emases-nepo"
    assert VALUE["auth"]["password"] == "open-sesame"
    assert secrets.opened(sealed, PATHS, lambda text: text[::-1]) == VALUE


def test_masked_secrets_come_back_by_name_even_in_another_order():
    sent = secrets.masked(VALUE, PATHS, mask)
    sent["conf"].reverse()
    back = secrets.restored(sent, VALUE, PATHS, mask)
    assert [(entry["endpoint"], entry["auth"]["token"]) for entry in back["conf"]] == [
        ("cities", "token-cities"),
        ("orders", "token-orders"),
    ]


def test_a_masked_secret_without_a_stored_one_is_refused():
    sent = {"conf": [{"endpoint": "districts", "auth": {"token": "****ders"}}]}
    with pytest.raises(Invalid) as refused:
        secrets.restored(sent, VALUE, PATHS, mask)
    assert refused.value.fields == {
        "json_value": ["conf.districts.auth.token: a masked secret needs a stored one."]
    }
