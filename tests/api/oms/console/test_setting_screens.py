"""Application settings as forms: drawn from the key's schema, refused at the field, secrets never shown."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from ambar.kit import accounts
from ambar.kit.accounts.models import AuditEntry
from ambar.oms.app_settings import queries, registry
from ambar.oms.app_settings.models import Setting
from ambar.oms.catalogue.models import Channel

pytestmark = pytest.mark.django_db
CLIENT, SELLER = "/settings/values/OMNITRON_CLIENT_SETTINGS/", "/settings/values/SELLER_CENTER_SETTINGS/"
REDIRECTS = [
    {"endpoint": "orders", "base_url": "https://sc.example/api/v1", "auth": {"token": "a long token 12345"}}
]
FORM = {
    "auth.username": "oms", "auth.password": "correct horse battery", "urls.oms_url": "https://oms.example",
    "urls.base_url": "https://omnitron.example", "timeouts.read": "6000", "timeouts.connect": "5000",
    "endpoint_conf": json.dumps(REDIRECTS),
}  # fmt: skip


def signed_in(role="admin"):
    client = Client()
    client.force_login(accounts.ensure_user(role, "a long password 1", [role], {}))
    return client


def stored(key):
    queries.forget()
    return queries.value(key)


@pytest.fixture(autouse=True)
def forgotten():
    yield
    queries.forget()


def test_a_setting_is_written_field_by_field_and_read_back_without_its_secrets():
    client = signed_in()
    assert client.post(CLIENT, FORM).status_code == 302
    value = stored("OMNITRON_CLIENT_SETTINGS")
    assert value["auth"] == {"username": "oms", "password": "correct horse battery"}
    assert value["timeouts"] == {"read": 6000, "connect": 5000}
    assert value["endpoint_conf"] == REDIRECTS
    shown = client.get(CLIENT).content.decode() + client.get("/settings/").content.decode()
    assert "correct horse" not in shown and "a long token" not in shown
    assert "https://omnitron.example" in shown
    assert list(AuditEntry.objects.values_list("action", flat=True)) == ["setting.created"]


def test_a_masked_secret_keeps_the_stored_one_and_the_rest_is_changed():
    client = signed_in()
    client.post(CLIENT, FORM)
    masked = {field.name: field.value for field in client.get(CLIENT).context["fields"]}
    assert masked["auth.password"] == "****tery"
    assert client.post(CLIENT, {**FORM, **masked, "auth.username": "oms2"}).status_code == 302
    value = stored("OMNITRON_CLIENT_SETTINGS")
    assert value["auth"] == {"username": "oms2", "password": "correct horse battery"}
    assert value["endpoint_conf"] == REDIRECTS


@pytest.mark.parametrize(
    ("given", "field", "said"),
    [
        ({"auth.username": ""}, "auth.username", "Fill in this field."),
        ({"timeouts.read": "1"}, "timeouts.read", "Write a number from 100 on."),
        ({"timeouts.read": "soon"}, "timeouts.read", "Write a whole number."),
        ({"urls.base_url": "omnitron"}, "urls.base_url", "must be an absolute http or https address"),
        ({"endpoint_conf": "{"}, "endpoint_conf", "This is not valid JSON."),
        ({"endpoint_conf": '[{"endpoint": "moon"}]'}, "endpoint_conf", "This field is required."),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_nothing_is_kept(given, field, said):
    answer = signed_in().post(CLIENT, {**FORM, **given})
    wrong = {one.name: one.errors for one in answer.context["fields"] if one.errors and one.kind != "secret"}
    assert (answer.status_code, list(wrong)) == (400, [field])
    assert said in " ".join(wrong[field])
    assert Setting.objects.count() == 0


def test_a_typed_secret_never_comes_back_on_a_refused_form():
    answer = signed_in().post(CLIENT, {**FORM, "timeouts.read": "1"})
    html = answer.content.decode()
    assert "correct horse" not in html and "a long token" not in html
    again = {one.name: one for one in answer.context["fields"]}
    assert again["auth.password"].errors == ("Type it again.",)
    assert json.loads(again["endpoint_conf"].value)[0]["auth"] == {"token": ""}


def test_a_check_beyond_the_schema_is_told_at_its_field():
    given = {
        "supplier_code": "AMB",
        "shipping.default": "mng",
        "shipping.cargo_company_map": '{"1": "yurtici"}',
    }
    answer = signed_in().post(
        SELLER, {**given, "poll_seconds": "5", "overlap_seconds": "10", "quantity_key": "q"}
    )
    wrong = {one.name: one.errors for one in answer.context["fields"] if one.errors}
    assert wrong == {"shipping.default": ('"mng" is not in cargo_company_map.',)}


def test_channels_are_ticked_by_name_and_unticked_to_none():
    client, path = signed_in(), "/settings/values/CHANNEL_PACKING_SETTINGS/"
    Channel.objects.create(source="t", upstream_id=1, name="Mağaza")
    assert client.post(path, {"channels_with_shipment": ["Mağaza", "Gone"]}).status_code == 302
    assert stored("CHANNEL_PACKING_SETTINGS") == {"channels_with_shipment": ["Mağaza"]}
    assert 'value="Mağaza" checked' in client.get(path).content.decode()
    assert client.post(path, {}).status_code == 302
    assert stored("CHANNEL_PACKING_SETTINGS") == {"channels_with_shipment": []}


def test_every_known_key_has_a_form_and_nobody_without_the_scope_opens_one():
    client, reader = signed_in(), signed_in("planner")
    for key in registry.known():
        assert client.get(f"/settings/values/{key}/").status_code == 200
        assert reader.get(f"/settings/values/{key}/").status_code == 403
    assert client.get("/settings/values/NOPE/").status_code == 404
