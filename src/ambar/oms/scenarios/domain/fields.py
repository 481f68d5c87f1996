"""What scenario conditions may ask about orders, products and locations.

Source: "Akinon OMS: Scenarios", "Akinon OMS: Properties & Domain Relation". `ORDER_BOUND` location fields depend on the
order being planned; all others are decided once per location.
"""

from ambar.kit.conditions import Field, Fields

ORDER = Fields(
    (
        Field(name="number", type="code", label="Order number", label_tr="Sipariş numarası"),
        Field(name="channel_id", type="number", label="Channel", label_tr="Kanal"),
        Field(name="channel", type="text", label="Channel name", label_tr="Kanal adı"),
        Field(name="channel_type", type="text", label="Channel type", label_tr="Kanal tipi"),
        Field(name="cargo_company", type="text", label="Shipping company", label_tr="Kargo firması"),
        Field(name="shipping_option", type="code", label="Shipping option", label_tr="Teslimat seçeneği"),
        Field(name="payment_type", type="text", label="Payment type", label_tr="Ödeme tipi"),
        Field(name="customer_type", type="text", label="Customer type", label_tr="Müşteri tipi"),
        Field(name="delivery_type", type="text", label="Delivery type", label_tr="Teslimat tipi"),
        Field(name="amount", type="number", label="Order amount", label_tr="Sipariş tutarı"),
        Field(name="currency", type="code", label="Currency", label_tr="Para birimi"),
        Field(name="country_id", type="number", label="Country", label_tr="Ülke"),
        Field(name="city_id", type="number", label="City", label_tr="Şehir"),
        Field(name="township_id", type="number", label="Township", label_tr="İlçe"),
        Field(name="line_count", type="number", label="Number of lines", label_tr="Satır sayısı"),
        Field(name="unit_count", type="number", label="Number of units", label_tr="Adet"),
    )
)

PRODUCT = Fields(
    (
        Field(name="sku", type="code", label="SKU", label_tr="SKU"),
        Field(name="name", type="text", label="Product name", label_tr="Ürün adı"),
        Field(name="barcode", type="code", label="Barcode", label_tr="Barkod"),
        Field(name="weight", type="number", label="Weight (kg)", label_tr="Ağırlık (kg)"),
        Field(name="attributes.*", type="open", label="Attribute", label_tr="Özellik"),
        Field(name="line.*", type="open", label="Order line", label_tr="Sipariş satırı"),
    )
)

LOCATION = Fields(
    (
        Field(name="id", type="number", label="Location", label_tr="Lokasyon"),
        Field(name="erp_code", type="code", label="ERP code", label_tr="ERP kodu"),
        Field(name="name", type="text", label="Location name", label_tr="Lokasyon adı"),
        Field(name="stock_location_type", type="text", label="Location type", label_tr="Lokasyon tipi"),
        Field(name="tags", type="list", label="Tags", label_tr="Etiketler"),
        Field(name="priority", type="number", label="Priority", label_tr="Öncelik"),
        Field(name="country_id", type="number", label="Country", label_tr="Ülke"),
        Field(name="city_id", type="number", label="City", label_tr="Şehir"),
        Field(name="township_id", type="number", label="Township", label_tr="İlçe"),
        Field(name="targeted_packaging_minutes", type="number", label="Targeted packaging time (min)",
              label_tr="Hedef paketleme süresi (dk)"),
        Field(name="exit_time", type="clock", label="Exit time", label_tr="Çıkış saati"),
        Field(name="max_quota", type="number", label="Quota", label_tr="Kota"),
        Field(name="is_pickup_location", type="boolean", label="Pickup location", label_tr="Mağazadan teslim noktası"),
        Field(name="is_delivery_location", type="boolean", label="Delivery location", label_tr="Teslimat noktası"),
        Field(name="is_transfer_location", type="boolean", label="Transfer location", label_tr="Transfer noktası"),
        Field(name="is_shipper_location", type="boolean", label="Shipper location", label_tr="Gönderici lokasyon"),
        Field(name="is_return_available", type="boolean", label="Accepts returns", label_tr="İade kabul eder"),
        Field(name="is_fast_delivery_available", type="boolean", label="Fast delivery", label_tr="Hızlı teslimat"),
        Field(name="same_country", type="boolean", label="Same country as the address", label_tr="Adresle aynı ülke"),
        Field(name="same_city", type="boolean", label="Same city as the address", label_tr="Adresle aynı şehir"),
        Field(name="same_township", type="boolean", label="Same township as the address", label_tr="Adresle aynı ilçe"),
        Field(name="is_pickup_store", type="boolean", label="The order's pickup store", label_tr="Siparişin teslim mağazası"),
        Field(name="distance_km", type="number", label="Distance to the address (km)", label_tr="Adrese uzaklık (km)"),
        Field(name="exit_time_passed", type="boolean", label="Exit time passed today", label_tr="Çıkış saati geçti"),
    )
)  # fmt: skip

ORDER_BOUND = frozenset(
    {"same_country", "same_city", "same_township", "is_pickup_store", "distance_km", "exit_time_passed"}
)
