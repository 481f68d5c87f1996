"""Step 5: a synthetic order walks through."""

from ambar.oms.doctor.domain.finding import Text, broken, holds, unknown

_WHOLE = (
    "the parts may be sound and the whole not: this is the only check of all of it at once",
    "parçalar sağlam, bütün bozuk olabilir: hepsini birden sınayan tek denetim budur",
)

TEXTS: dict[str, Text] = {
    "walk_offered": holds(
        (
            "the Seller Center offered the order {number} of one {sku}",
            "Seller Center bir {sku} için {number} siparişini verdi",
        ),
        _WHOLE,
    ),
    "walk_not_offered": broken(
        (
            "the Seller Center offers no synthetic order: {reason}",
            "Seller Center deneme siparişi vermiyor: {reason}",
        ),
        _WHOLE,
        (
            "mend what steps 2 and 4 say about the Seller Center first",
            "önce 2. ve 4. adımların Seller Center hakkında söylediğini düzeltin",
        ),
    ),
    "walk_not_possible": unknown(
        (
            "this Seller Center makes no synthetic orders up; place a real one of small value to see the whole",
            "bu Seller Center deneme siparişi yapmıyor; bütünü görmek için küçük tutarlı gerçek bir sipariş verin",
        ),
        _WHOLE,
    ),
    "walk_no_product": broken(
        ("there is no product here to order", "burada sipariş edilecek ürün yok"),
        _WHOLE,
        ("run Basic Setup: Products", "Temel Kurulum: Ürünler'i çalıştırın"),
    ),
    "walk_taken": holds(("the order was taken", "sipariş alındı"), _WHOLE),
    "walk_filtered": broken(
        ("the order was refused by the rule “{rule}”", "sipariş “{rule}” kuralınca reddedildi"),
        _WHOLE,
        (
            "correct the rule “{rule}” in order_filters of SELLER_CENTER_SETTINGS",
            "SELLER_CENTER_SETTINGS'teki order_filters'ta “{rule}” kuralını düzeltin",
        ),
    ),
    "walk_quarantined": broken(
        ("the order was put in quarantine: {reason}", "sipariş karantinaya alındı: {reason}"),
        _WHOLE,
        (
            "run Basic Setup: Addresses, or teach the name an alias",
            "Temel Kurulum: Adresler'i çalıştırın ya da ada bir takma ad öğretin",
        ),
    ),
    "walk_planned": holds(
        (
            "the order became {count} package(s) at {locations}",
            "sipariş {locations} lokasyonunda {count} paket oldu",
        ),
        _WHOLE,
    ),
    "walk_out_of_stock": holds(
        (
            "the order was planned and stands out of stock: no location has {sku}",
            "sipariş planlandı ve stok dışı: hiçbir lokasyonda {sku} yok",
        ),
        _WHOLE,
    ),
    "walk_held": broken(
        ("the order can't be planned: {reason}", "sipariş planlanamıyor: {reason}"),
        _WHOLE,
        (
            "mend the scenarios: `ambar oms lint` says how",
            "senaryoları düzeltin: nasıl olduğunu `ambar oms lint` söyler",
        ),
    ),
    "walk_reported": holds(
        (
            "the Seller Center took {count} package event(s) of it",
            "Seller Center ona ait {count} paket olayını aldı",
        ),
        _WHOLE,
    ),
    "walk_not_reported": broken(
        (
            "the Seller Center did not take {event}: {reason}",
            "Seller Center {event} olayını almadı: {reason}",
        ),
        _WHOLE,
        ("mend the package hooks of step 3", "3. adımın paket webhook'larını düzeltin"),
    ),
    "walk_no_event": broken(
        (
            "no hook sends {event} of the walked package",
            "yürüyen paketin {event} olayını gönderen webhook yok",
        ),
        _WHOLE,
        ("mend the package hooks of step 3", "3. adımın paket webhook'larını düzeltin"),
    ),
    "walk_no_trace": holds(
        ("nothing of it is left on this side", "bu tarafta ondan hiçbir şey kalmadı"), _WHOLE
    ),
    "walk_trace": broken(
        ("something of it is left on this side: {where}", "bu tarafta ondan bir şey kaldı: {where}"),
        _WHOLE,
        (
            "tell whoever looks after this OMS; the order's number is {number}",
            "bu OMS'e bakanlara söyleyin; siparişin numarası {number}",
        ),
    ),
    "walk_failed": broken(
        ("the walk broke off: {reason}", "yürüyüş yarıda kaldı: {reason}"),
        _WHOLE,
        ("look at the log of the OMS's web process", "OMS web sürecinin kaydına bakın"),
    ),
}
