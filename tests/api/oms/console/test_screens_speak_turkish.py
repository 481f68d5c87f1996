"""Refusals on Turkish screens are Turkish; REST stays English."""

from __future__ import annotations

import pytest
from django.utils import translation

from ambar.kit.refusals import Conflict, Invalid
from ambar.oms.console import configured, handover_words, looks, refusal_words, refusals
from ambar.oms.stock.domain.repairs import PlanChanged


@pytest.fixture(autouse=True)
def english_thread():
    """A screen that another test read in Turkish leaves the thread Turkish."""
    with translation.override("en"):
        yield


def turkish(refusal: Exception) -> str:
    with translation.override("tr"):
        return refusals.words(refusal)  # type: ignore[arg-type]


def test_a_message_with_figures_keeps_them():
    said = "The package is in Packed (500) now; this transition starts from Waiting (100)."
    assert turkish(Invalid(fields={"transition": [said]})) == (
        "Paket şu an Packed (500) durumunda; bu geçiş Waiting (100) durumundan başlar."
    )


def test_a_refusal_is_known_by_its_code():
    assert turkish(PlanChanged()) == "Bu gösterildiğinden beri kayıtlar değişti. Yeniden bakın."
    missing = [{"erp_code": "WH1", "sku": "SKU-A", "have": "1", "wanted": "3"}]
    short = Conflict("Not enough stock: …", code="not_enough_stock", missing=missing)
    assert turkish(short) == "Yeterli stok yok. WH1 lokasyonunda SKU-A: 3 gerekli, 1 var."


def test_english_screens_and_unknown_messages_stay_as_they_are():
    refusal = Conflict("Something nobody wrote down.", code="brand_new")
    assert refusals.words(refusal) == turkish(refusal) == "Something nobody wrote down."
    assert refusals.words(PlanChanged()) == PlanChanged().message


@pytest.mark.parametrize("template", [*refusal_words.SENTENCES, *refusal_words.BY_CODE.values()])
def test_everything_listed_has_its_turkish(template):
    with translation.override("tr"):
        assert translation.gettext(template) != template


@pytest.mark.parametrize(
    "said",
    [
        "lines", "Lines", "Whole lines", "Not for this line", "The order has no line to plan.", "an item is listed twice",
        "Two of its lines are of the same order line.", "Status of order items per package state",
    ],
)  # fmt: skip
def test_a_line_of_an_order_is_a_kalem_and_not_a_row(said):
    with translation.override("tr"):
        told = translation.gettext(said).lower()
    assert "kalem" in told and "satır" not in told


def test_one_english_word_for_two_things_is_two_words_in_turkish():
    """*Offered*: orders, and where a transition is to be seen. *Finished*: a state, and when something ended."""
    with translation.override("tr"):
        assert translation.pgettext("orders", "Offered") == "Sunulan"
        assert translation.gettext("Offered") == "Sunulduğu yer"
        assert translation.gettext("Finished") == "Bitiş"
        done = (handover_words.STATES["done"], looks.PROGRESS["done"], configured.RUNS["FINISHED"])
        assert [str(look.word) for look in done] == ["Bitti"] * 3
