"""Callers of the Seller Center's receivers, and both ways to them."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.wsgi import get_wsgi_application
from django.db.backends.base.base import BaseDatabaseWrapper

from ambar.seller_center.sellers.actions.change_seller import ChangeSeller, change_seller
from tests.worlds import seller_center_market as market
from tests.worlds.seller_center_calls import ORDERS, SECRET, STATUS, call


@pytest.fixture
def given_back(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The connection of the test stays open; what would have been given back is noted."""
    noted: list[str] = []
    monkeypatch.setattr(
        BaseDatabaseWrapper, "close_if_unusable_or_obsolete", lambda one: noted.append(one.alias)
    )
    return noted


@pytest.fixture
def whole() -> Any:
    return get_wsgi_application()


@pytest.fixture
def callers(whole: Any) -> dict[str, str]:
    """The tokens of both callers; both paths have been called once, so that the shortest way is known."""
    change_seller(ChangeSeller(seller_id=market.seller().pk, hook_secret=SECRET), now=market.NOW)
    tokens = {STATUS: market.oms().headers["Authorization"], ORDERS: market.hub().headers["Authorization"]}
    for path, token in tokens.items():
        assert call(whole, path, b"{}", HTTP_AUTHORIZATION=token)[0].startswith("400")
    return tokens
