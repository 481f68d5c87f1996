"""Order filtering rules: which orders this OMS takes (Akinon: "Configure order filtering rules")."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ambar.kit.conditions import Condition, Field, Fields, parse

FIELDS = Fields(
    [
        Field(name="status", type="code", label="Status", label_tr="Durum"),
        Field(name="number", type="code", label="Order number", label_tr="Sipariş numarası"),
        Field(name="supplier_code", type="code", label="Supplier code", label_tr="Tedarikçi kodu"),
        Field(name="channel", type="code", label="Channel", label_tr="Kanal"),
        Field(name="channel_name", type="text", label="Channel name", label_tr="Kanal adı"),
        Field(name="currency", type="text", label="Currency", label_tr="Para birimi"),
        Field(name="amount", type="number", label="Amount", label_tr="Tutar"),
        Field(name="item_count", type="number", label="Number of lines", label_tr="Kalem sayısı"),
        Field(name="sku", type="list", label="SKUs", label_tr="SKU'lar"),
        Field(name="country_code", type="text", label="Country code", label_tr="Ülke kodu"),
        Field(name="city", type="text", label="City", label_tr="Şehir"),
        Field(name="township", type="text", label="Township", label_tr="İlçe"),
        Field(name="payment_option_slug", type="text", label="Payment option", label_tr="Ödeme seçeneği"),
        Field(name="shipping_option_slug", type="text", label="Shipping option", label_tr="Kargo seçeneği"),
        Field(name="delivery_type", type="text", label="Delivery type", label_tr="Teslimat tipi"),
        Field(name="date_placed", type="moment", label="Placed at", label_tr="Sipariş zamanı"),
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """One named rule: an order is taken only when the condition of every rule holds."""

    name: str
    condition: Condition


def compiled(rules: Sequence[Mapping[str, Any]]) -> tuple[Filter, ...]:
    """The rules of the settings, ready to ask. Raises `Invalid` naming the node that is wrong."""
    return tuple(Filter(name=str(rule["name"]), condition=parse(rule["condition"], FIELDS)) for rule in rules)


def refusing(filters: Sequence[Filter], view: Mapping[str, Any]) -> str | None:
    """The name of the first rule that does not take this order, or None when all do."""
    return next((rule.name for rule in filters if not rule.condition.holds(view)), None)
