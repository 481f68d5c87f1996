"""Step 4, second half: both sides mean the same by places, time and statuses."""

from ambar.oms.doctor.domain.finding import Text, broken, holds, unknown

_PLACES = (
    "an order with an unknown place waits in quarantine, one with a wrong place goes to a wrong location",
    "bilinmeyen yerli sipariş karantinada bekler, yanlış yerli sipariş yanlış lokasyona gider",
)
_CLOCK = (
    "signatures are refused when the clocks are minutes apart, and changes made in between may be read late",
    "saatler dakikalarca farklıysa imzalar reddedilir, aradaki değişiklikler geç okunabilir",
)
_STATUS = (
    "the Seller Center tells the customer what it hears through this map",
    "Seller Center müşteriye bu eşlemeyle duyduğunu söyler",
)
_COPY = (
    "run Basic Setup: Addresses, or let the doctor copy what differs",
    "Temel Kurulum: Adresler'i çalıştırın ya da doktor farklı olanları kopyalasın",
)
_RESTORE = (
    "; the doctor writes the default row back",
    "; doktor varsayılan satırı geri yazar",
)

TEXTS: dict[str, Text] = {
    "places_equal": holds(
        ("{dictionary}: {count} rows, equal on both sides", "{dictionary}: {count} satır, iki tarafta eşit"),
        _PLACES,
    ),
    "places_counted": unknown(
        (
            "{dictionary}: {count} rows on both sides; their content is not compared on a schedule with this Seller Center",
            "{dictionary}: iki tarafta {count} satır; bu Seller Center ile içerik zamanlanmış denetimde karşılaştırılmaz",
        ),
        _PLACES,
    ),
    "places_untold": unknown(
        ("{dictionary} can't be compared: {problem}", "{dictionary} karşılaştırılamıyor: {problem}"),
        _PLACES,
        ("mend the endpoints of step 2 first", "önce 2. adımın uç noktalarını düzeltin"),
    ),
    "places_short": broken(
        (
            "{dictionary}: {here} rows here, {upstream} at the Seller Center",
            "{dictionary}: burada {here}, Seller Center'da {upstream} satır",
        ),
        _PLACES,
        _COPY,
    ),
    "places_differ": broken(
        (
            "{dictionary}: {count} rows on both sides, but some differ, such as {sample}",
            "{dictionary}: iki tarafta {count} satır, ama bazıları farklı, örneğin {sample}",
        ),
        _PLACES,
        _COPY,
    ),
    "clock_right": holds(
        (
            "the clock of {system} is within {limit} s of ours ({seconds} s)",
            "{system} saati bizimkinden en çok {limit} sn farklı ({seconds} sn)",
        ),
        _CLOCK,
    ),
    "clock_off": broken(
        (
            "the clock of {system} is {seconds} s away from ours",
            "{system} saati bizimkinden {seconds} sn farklı",
        ),
        _CLOCK,
        (
            "let both machines set their clocks by a time server (NTP)",
            "iki makinenin saatini de bir zaman sunucusuna (NTP) bağlayın",
        ),
    ),
    "clock_untold": unknown(("{system} does not tell its time", "{system} saatini söylemiyor"), _CLOCK),
    "status_map_sound": holds(
        (
            "the status map is sound: every way of a package ends told",
            "durum eşlemesi sağlam: paketin her yolu bildirilerek bitiyor",
        ),
        _STATUS,
    ),
    "status_map_unmapped": broken(
        (
            "status_map has no row for {state}, which packages reach by {path}",
            "status_map'te {state} için satır yok, paketler oraya {path} yoluyla ulaşıyor",
        ),
        _STATUS,
        (
            "add {state} to status_map of SELLER_CENTER_SETTINGS" + _RESTORE[0],
            "SELLER_CENTER_SETTINGS'teki status_map'e {state} satırını ekleyin" + _RESTORE[1],
        ),
    ),
    "status_map_backwards": broken(
        (
            "status_map moves items back: {state} says {code} after {told}, by {path}",
            "status_map kalemleri geri götürüyor: {state}, {told} ardından {code} diyor, yol {path}",
        ),
        _STATUS,
        (
            "give {state} a status not before {told} in status_map of SELLER_CENTER_SETTINGS" + _RESTORE[0],
            "SELLER_CENTER_SETTINGS'teki status_map'te {state} için {told} öncesi olmayan bir durum verin"
            + _RESTORE[1],
        ),
    ),
    "status_map_dead_end": broken(
        (
            "a package ends in {state} by {path}, but upstream was last told {told} and waits on",
            "paket {path} yoluyla {state} durumunda bitiyor, ama kaynağa en son {told} bildirildi ve bekliyor",
        ),
        _STATUS,
        (
            "give {state} a final status (550 or 600) in status_map of SELLER_CENTER_SETTINGS" + _RESTORE[0],
            "SELLER_CENTER_SETTINGS'teki status_map'te {state} için son bir durum (550 ya da 600) verin"
            + _RESTORE[1],
        ),
    ),
    "seller_settings_unusable": broken(
        ("SELLER_CENTER_SETTINGS can't be used: {reason}", "SELLER_CENTER_SETTINGS kullanılamıyor: {reason}"),
        _STATUS,
        ("write SELLER_CENTER_SETTINGS anew", "SELLER_CENTER_SETTINGS değerini yeniden yazın"),
    ),
}
