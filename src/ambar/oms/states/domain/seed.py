"""What a fresh installation starts with: state names and a transition for every path.

Names are English and Turkish; a brand changes them on the screen. The transitions cover every command of
`ambar.oms.commands` and the named plain transitions.
"""

from __future__ import annotations

STATE_NAMES: dict[str, dict[str, tuple[str, str]]] = {
    "OrderStatus": {
        "50": ("Cancellation Waiting", "İptal Bekliyor"),
        "100": ("Cancelled", "İptal Edildi"),
        "200": ("Waiting", "Bekliyor"),
        "300": ("Payment Waiting", "Ödeme Bekliyor"),
        "350": ("Confirmation Waiting", "Onay Bekliyor"),
        "400": ("Approved", "Onaylandı"),
        "425": ("Inactive", "Pasif"),
        "450": ("Preparing", "Hazırlanıyor"),
        "500": ("Shipped", "Kargoya Verildi"),
        "510": ("Shipped and Informed", "Kargoya Verildi ve Bilgilendirildi"),
        "520": ("Ready for Pickup", "Teslim Alınmaya Hazır"),
        "540": ("Attempted Delivery", "Teslimat Denendi"),
        "544": ("Review Started", "İnceleme Başladı"),
        "545": ("Review Waiting", "İnceleme Bekliyor"),
        "546": ("Waiting for Payment", "Ödeme Bekleniyor"),
        "547": ("Paid", "Ödendi"),
        "550": ("Delivered", "Teslim Edildi"),
        "600": ("Refunded", "İade Edildi"),
    },
    "PackageStatus": {
        "100": ("Waiting", "Bekliyor"),
        "150": ("Waiting Remote Action", "Uzak İşlem Bekliyor"),
        "200": ("Preparing", "Hazırlanıyor"),
        "300": ("Waiting for Transfer", "Transfer Bekliyor"),
        "400": ("Ready for Packaging", "Paketlemeye Hazır"),
        "500": ("Packed", "Paketlendi"),
        "600": ("Shipped", "Kargoya Verildi"),
        "620": ("Ready for Customer Pickup", "Müşterinin Teslim Almasına Hazır"),
        "640": ("Attempted Delivery", "Teslimat Denendi"),
        "660": ("Delivery Failed", "Teslim Edilemedi"),
        "700": ("Delivered", "Teslim Edildi"),
        "740": ("Returned", "Geri Döndü"),
        "800": ("Cancellation Waiting", "İptal Bekliyor"),
        "900": ("Cancelled", "İptal Edildi"),
        "910": ("Needs Rescheduling", "Yeniden Planlanmalı"),
        "920": ("Out of Stock", "Stokta Yok"),
        "930": ("Blocked", "Bloke"),
        "1100": ("Packed for Refund", "İade İçin Paketlendi"),
    },
    "TransferStatus": {
        "waiting": ("Waiting for Transfer", "Transfer Bekliyor"),
        "ready_to_shipment": ("Ready for Shipment", "Sevke Hazır"),
        "in_transit": ("In Transit", "Yolda"),
        "transferred": ("Transferred", "Transfer Edildi"),
        "cancelled": ("Cancelled", "İptal Edildi"),
        "out_of_stock": ("Out of Stock", "Stokta Yok"),
    },
    "ShipmentStatus": {
        "CREATED": ("Created", "Oluşturuldu"),
        "SHIPPING": ("Shipping", "Taşınıyor"),
        "DELIVERED": ("Delivered", "Teslim Edildi"),
        "DELIVERY_FAILED": ("Delivery Failed", "Teslim Edilemedi"),
        "ATTEMPTED_DELIVERY": ("Attempted Delivery", "Teslimat Denendi"),
        "RETURNED": ("Returned", "Geri Döndü"),
        "DELETED": ("Deleted", "Silindi"),
    },
}

_PACK = "CompletePackagingWithoutShipmentCommand"
_SHIPMENT_STATUS = "UpdatePackageShipmentStatusCommand"
_SHIPMENT_INFO = "UpdateShipmentInfoOfThePackageCommand"
_INVOICE = "UpdateInvoiceOfThePackageCommand"
_BLOCK = "BlockThePackageCommand"
_UNBLOCK = "UNBLOCK_THE_PACKAGE"
_PLAIN = "PKG_STATE_TRANSITION"
_REFUSE = "REFUSE_WITH_DENIAL_REASON"
_PACK_AND_ASK = "CompletePackingCommand"
_MANUAL = "MANUAL_PLANNING"
_CANCEL = "CANCEL_PACKAGE"
_ITEMS_NOT_FOUND = "DETECTED_OUT_OF_STOCK_ITEM"
_ITEMS_NOT_FOUND_ADVANCED = "DetectedOutOfStockItemCommandAdvanced"

# (slug, English name, Turkish name, command code, source, destination)
PACKAGE_TRANSITIONS: tuple[tuple[str, str, str, str, str, str], ...] = (
    (
        "deallocate-reservations",
        "Start Preparing",
        "Hazırlamaya Başla",
        "PKG_DEALLOCATE_RESERVATIONS",
        "100",
        "200",
    ),
    ("complete-packaging-from-waiting", "Packaging Completed", "Paketleme Tamamlandı", _PACK, "100", "500"),
    ("complete-packaging-from-preparing", "Packaging Completed", "Paketleme Tamamlandı", _PACK, "200", "500"),
    ("complete-packaging-from-ready", "Packaging Completed", "Paketleme Tamamlandı", _PACK, "400", "500"),
    (
        "complete-packaging-with-shipment-from-waiting",
        "Packaging Completed, Ask the Carrier",
        "Paketleme Tamamlandı, Kargo Çağır",
        _PACK_AND_ASK,
        "100",
        "500",
    ),
    (
        "complete-packaging-with-shipment-from-preparing",
        "Packaging Completed, Ask the Carrier",
        "Paketleme Tamamlandı, Kargo Çağır",
        _PACK_AND_ASK,
        "200",
        "500",
    ),
    (
        "complete-packaging-with-shipment-from-ready",
        "Packaging Completed, Ask the Carrier",
        "Paketleme Tamamlandı, Kargo Çağır",
        _PACK_AND_ASK,
        "400",
        "500",
    ),
    ("shipment-order", "Ship", "Kargoya Ver", "SHIPMENT_ORDER", "500", "600"),
    (
        "ship-advanced",
        "Ship with Tracking Number",
        "Takip Numarasıyla Kargoya Ver",
        "ShipThePackageAdvancedCommand",
        "500",
        "600",
    ),
    ("ship-the-package", "Ship The Package", "Paketi Kargoya Ver", "ShipThePackageCommand", "500", "600"),
    ("ship-basic", "Ship, Basic", "Kargoya Ver, Temel", "ShipThePackageBasicCommand", "500", "600"),
    (
        "ship-without-integration",
        "Ship without Shipment Integration",
        "Kargo Entegrasyonu Olmadan Gönder",
        "SHIP_WITHOUT_SHIPMENT_INTEGRATION",
        "500",
        "600",
    ),
    (
        "shipment-info-packed",
        "Update Shipment Info",
        "Kargo Bilgisini Güncelle",
        _SHIPMENT_INFO,
        "500",
        "500",
    ),
    (
        "shipment-info-shipped",
        "Update Shipment Info",
        "Kargo Bilgisini Güncelle",
        _SHIPMENT_INFO,
        "600",
        "600",
    ),
    (
        "shipment-info-attempted-delivery",
        "Update Shipment Info",
        "Kargo Bilgisini Güncelle",
        _SHIPMENT_INFO,
        "640",
        "640",
    ),
    (
        "shipment-info-delivered",
        "Update Shipment Info",
        "Kargo Bilgisini Güncelle",
        _SHIPMENT_INFO,
        "700",
        "700",
    ),
    ("update-invoice-packed", "Update Invoice", "Faturayı Güncelle", _INVOICE, "500", "500"),
    ("update-invoice-shipped", "Update Invoice", "Faturayı Güncelle", _INVOICE, "600", "600"),
    ("update-invoice-ready-for-pickup", "Update Invoice", "Faturayı Güncelle", _INVOICE, "620", "620"),
    ("update-invoice-attempted-delivery", "Update Invoice", "Faturayı Güncelle", _INVOICE, "640", "640"),
    ("update-invoice-delivery-failed", "Update Invoice", "Faturayı Güncelle", _INVOICE, "660", "660"),
    ("update-invoice-delivered", "Update Invoice", "Faturayı Güncelle", _INVOICE, "700", "700"),
    ("update-invoice-returned", "Update Invoice", "Faturayı Güncelle", _INVOICE, "740", "740"),
    ("delivered-from-shipped", "Delivered", "Teslim Edildi", _SHIPMENT_STATUS, "600", "700"),
    ("delivered-from-attempted-delivery", "Delivered", "Teslim Edildi", _SHIPMENT_STATUS, "640", "700"),
    ("delivered-from-delivery-failed", "Delivered", "Teslim Edildi", _SHIPMENT_STATUS, "660", "700"),
    ("block-from-waiting", "Block", "Bloke Et", _BLOCK, "100", "930"),
    ("block-from-waiting-remote-action", "Block", "Bloke Et", _BLOCK, "150", "930"),
    ("block-from-preparing", "Block", "Bloke Et", _BLOCK, "200", "930"),
    ("block-from-ready", "Block", "Bloke Et", _BLOCK, "400", "930"),
    ("unblock-to-waiting", "Unblock", "Blokeyi Kaldır", _UNBLOCK, "930", "100"),
    ("unblock-to-waiting-remote-action", "Unblock", "Blokeyi Kaldır", _UNBLOCK, "930", "150"),
    ("unblock-to-preparing", "Unblock", "Blokeyi Kaldır", _UNBLOCK, "930", "200"),
    ("unblock-to-ready", "Unblock", "Blokeyi Kaldır", _UNBLOCK, "930", "400"),
    ("remote-action-done", "Remote Action Done", "Uzak İşlem Tamamlandı", _PLAIN, "150", "100"),
    ("transfers-complete", "Transfers Complete", "Transferler Tamamlandı", _PLAIN, "300", "100"),
    ("ready-for-packaging", "Ready for Packaging", "Paketlemeye Hazır", _PLAIN, "200", "400"),
    ("ready-for-customer-pickup", "Ready for Customer Pickup", "Müşteriye Hazır", _PLAIN, "600", "620"),
    ("picked-up-by-customer", "Picked Up by Customer", "Müşteri Teslim Aldı", _PLAIN, "620", "700"),
    ("attempted-delivery", "Attempted Delivery", "Teslimat Denendi", _PLAIN, "600", "640"),
    ("delivery-failed", "Delivery Failed", "Teslim Edilemedi", _PLAIN, "600", "660"),
    ("delivery-failed-after-attempt", "Delivery Failed", "Teslim Edilemedi", _PLAIN, "640", "660"),
    ("returned-from-delivery-failed", "Returned", "Geri Döndü", _PLAIN, "660", "740"),
    ("refuse-from-waiting", "Refuse", "Reddet", _REFUSE, "100", "910"),
    ("refuse-from-waiting-remote-action", "Refuse", "Reddet", _REFUSE, "150", "910"),
    ("refuse-from-preparing", "Refuse", "Reddet", _REFUSE, "200", "910"),
    ("reschedule", "Reschedule", "Yeniden Planla", "RESCHEDULE", "910", "910"),
    ("reschedule-out-of-stock", "Reschedule", "Yeniden Planla", "RESCHEDULE", "920", "920"),
    ("manual-planning-from-waiting", "Manual Planning", "Elle Planla", _MANUAL, "100", "900"),
    ("manual-planning-from-waiting-remote-action", "Manual Planning", "Elle Planla", _MANUAL, "150", "900"),
    ("manual-planning-from-preparing", "Manual Planning", "Elle Planla", _MANUAL, "200", "900"),
    ("manual-planning-from-waiting-for-transfer", "Manual Planning", "Elle Planla", _MANUAL, "300", "900"),
    ("manual-planning-from-ready", "Manual Planning", "Elle Planla", _MANUAL, "400", "900"),
    ("manual-planning-from-needs-rescheduling", "Manual Planning", "Elle Planla", _MANUAL, "910", "900"),
    ("manual-planning-from-out-of-stock", "Manual Planning", "Elle Planla", _MANUAL, "920", "900"),
    (
        "product-not-found-from-waiting",
        "Product Not Found",
        "Ürün Bulunamadı",
        _ITEMS_NOT_FOUND,
        "100",
        "910",
    ),
    (
        "product-not-found-from-preparing",
        "Product Not Found",
        "Ürün Bulunamadı",
        _ITEMS_NOT_FOUND,
        "200",
        "910",
    ),
    (
        "product-not-found-advanced-from-waiting",
        "Product Not Found, Keep the Rest",
        "Ürün Bulunamadı, Kalanı Tut",
        _ITEMS_NOT_FOUND_ADVANCED,
        "100",
        "910",
    ),
    (
        "product-not-found-advanced-from-preparing",
        "Product Not Found, Keep the Rest",
        "Ürün Bulunamadı, Kalanı Tut",
        _ITEMS_NOT_FOUND_ADVANCED,
        "200",
        "910",
    ),
    ("cancel-from-waiting", "Cancel", "İptal Et", _CANCEL, "100", "900"),
    ("cancel-from-waiting-remote-action", "Cancel", "İptal Et", _CANCEL, "150", "900"),
    ("cancel-from-preparing", "Cancel", "İptal Et", _CANCEL, "200", "900"),
    ("cancel-from-waiting-for-transfer", "Cancel", "İptal Et", _CANCEL, "300", "900"),
    ("cancel-from-ready", "Cancel", "İptal Et", _CANCEL, "400", "900"),
    ("cancel-from-packed", "Cancel", "İptal Et", _CANCEL, "500", "900"),
    ("cancel-from-needs-rescheduling", "Cancel", "İptal Et", _CANCEL, "910", "900"),
    ("cancel-from-out-of-stock", "Cancel", "İptal Et", _CANCEL, "920", "900"),
    (
        "confirm-cancellation",
        "Confirm Cancellation",
        "İptali Onayla",
        "CONFIRM_CANCELLATION",
        "800",
        "900",
    ),
    ("refuse-cancellation", "Refuse Cancellation", "İptali Reddet", "REFUSE_CANCELLATION", "800", "500"),
)

_READY_TO_GO = "TransferReadyForDispatchCommand"
_ADVANCED = "TransferOrderAdvancedCommand"
_DISPATCH = "TransferDispatchCommand"
_DELIVERED = "TransferDeliveredCommand"
_NOT_FOUND = "TransferProductNotFoundCommand"

TRANSFER_TRANSITIONS: tuple[tuple[str, str, str, str, str, str], ...] = (
    (
        "transfer-ready-for-dispatch",
        "Ready for Dispatch",
        "Sevke Hazır",
        _READY_TO_GO,
        "waiting",
        "ready_to_shipment",
    ),
    (
        "transfer-order-advanced",
        "Ready for Dispatch with Tracking Number",
        "Takip Numarasıyla Sevke Hazır",
        _ADVANCED,
        "waiting",
        "ready_to_shipment",
    ),
    ("transfer-dispatch-from-waiting", "Dispatch", "Sevk Et", _DISPATCH, "waiting", "in_transit"),
    ("transfer-dispatch-from-ready", "Dispatch", "Sevk Et", _DISPATCH, "ready_to_shipment", "in_transit"),
    ("transfer-delivered", "Delivered", "Teslim Alındı", _DELIVERED, "in_transit", "transferred"),
    (
        "transfer-product-not-found",
        "Product Not Found & Wrong Product",
        "Ürün Bulunamadı / Yanlış Ürün",
        _NOT_FOUND,
        "waiting",
        "cancelled",
    ),
    (
        "transfer-out-of-stock",
        "Out of Stock",
        "Stokta Yok",
        "TRANSFER_OUT_OF_STOCK",
        "waiting",
        "out_of_stock",
    ),
)
