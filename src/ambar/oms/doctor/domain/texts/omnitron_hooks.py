"""Step 1: Omnitron's hooks that point at this OMS are off."""

from ambar.oms.doctor.domain.finding import Text, broken, holds, unknown

_TWICE = (
    "orders would reach this OMS twice: from Omnitron directly and through the Seller Center",
    "siparişler bu OMS'e iki kez ulaşır: doğrudan Omnitron'dan ve Seller Center üzerinden",
)
_UNSEEN = (
    "nobody knows whether Omnitron still sends orders here",
    "Omnitron'un buraya hâlâ sipariş gönderip göndermediğini kimse bilmez",
)
_STORES = (
    "channels, stores, products and stock still come from Omnitron",
    "kanallar, mağazalar, ürünler ve stok hâlâ Omnitron'dan gelir",
)
_OURS = (
    "hooks are known to be ours by this address",
    "webhook'ların bizim olduğu bu adresten anlaşılır",
)

TEXTS: dict[str, Text] = {
    "settings_missing": broken(
        ("OMNITRON_CLIENT_SETTINGS is not set", "OMNITRON_CLIENT_SETTINGS ayarlanmamış"),
        (
            "this OMS knows neither Omnitron nor the Seller Center",
            "bu OMS ne Omnitron'u ne Seller Center'ı tanıyor",
        ),
        (
            "write OMNITRON_CLIENT_SETTINGS, or run `ambar oms integrate`, or give the doctor the addresses and credentials",
            "OMNITRON_CLIENT_SETTINGS yazın, `ambar oms integrate` çalıştırın ya da adresleri ve kimlik bilgilerini doktora verin",
        ),
    ),
    "settings_unusable": broken(
        (
            "OMNITRON_CLIENT_SETTINGS can't be used: {reason}",
            "OMNITRON_CLIENT_SETTINGS kullanılamıyor: {reason}",
        ),
        (
            "this OMS knows neither Omnitron nor the Seller Center",
            "bu OMS ne Omnitron'u ne Seller Center'ı tanıyor",
        ),
        (
            "write OMNITRON_CLIENT_SETTINGS anew, or give the doctor the addresses and credentials",
            "OMNITRON_CLIENT_SETTINGS değerini yeniden yazın ya da adresleri ve kimlik bilgilerini doktora verin",
        ),
    ),
    "omnitron_signs_in": holds(
        (
            "Omnitron lets {username} in at {url}",
            "Omnitron {username} kullanıcısını {url} adresinde kabul ediyor",
        ),
        _STORES,
    ),
    "omnitron_refuses": broken(
        (
            "Omnitron at {url} refuses to sign in {username}: answered {status}",
            "{url} adresindeki Omnitron {username} kullanıcısını kabul etmiyor: {status} yanıtladı",
        ),
        _STORES,
        (
            "correct auth (username, password) of OMNITRON_CLIENT_SETTINGS: give the doctor omnitron_username and omnitron_password",
            "OMNITRON_CLIENT_SETTINGS içindeki auth değerini düzeltin: doktora omnitron_username ve omnitron_password verin",
        ),
    ),
    "omnitron_silent": broken(
        ("Omnitron at {url}: {problem}", "{url} adresindeki Omnitron: {problem}"),
        _STORES,
        (
            "check that urls.base_url of OMNITRON_CLIENT_SETTINGS is reachable from here and allowed (AMBAR_ALLOWED_TARGETS), or give the doctor omnitron_url",
            "OMNITRON_CLIENT_SETTINGS içindeki urls.base_url buradan erişilebilir ve izinli mi (AMBAR_ALLOWED_TARGETS) bakın ya da doktora omnitron_url verin",
        ),
    ),
    "omnitron_is_another": broken(
        (
            "what answers at {url} is not Omnitron: auth/login/ answered {status}",
            "{url} adresinde yanıt veren Omnitron değil: auth/login/ {status} yanıtladı",
        ),
        _STORES,
        (
            "correct urls.base_url of OMNITRON_CLIENT_SETTINGS: give the doctor omnitron_url",
            "OMNITRON_CLIENT_SETTINGS içindeki urls.base_url değerini düzeltin: doktora omnitron_url verin",
        ),
    ),
    "omnitron_is_other_system": broken(
        (
            "what answers at {url} is not Omnitron: it says that it is {system}",
            "{url} adresinde yanıt veren Omnitron değil: {system} olduğunu söylüyor",
        ),
        _STORES,
        (
            "correct urls.base_url of OMNITRON_CLIENT_SETTINGS: give the doctor omnitron_url",
            "OMNITRON_CLIENT_SETTINGS içindeki urls.base_url değerini düzeltin: doktora omnitron_url verin",
        ),
    ),
    "hooks_off": holds(
        ("none of the six hooks at Omnitron is on", "Omnitron'daki altı webhook'un hiçbiri açık değil"),
        _TWICE,
    ),
    "hooks_unlisted": broken(
        (
            "Omnitron's hooks can't be listed: answered {status}",
            "Omnitron'un webhook'ları listelenemiyor: {status} yanıtladı",
        ),
        _UNSEEN,
        (
            "let an administrator of Omnitron give {username} the scope hooks:read (to switch hooks off, hooks:write too)",
            "Omnitron yöneticisi {username} kullanıcısına hooks:read (kapatabilmesi için hooks:write da) yetkisi versin",
        ),
    ),
    "hooks_unseen": broken(
        (
            "Omnitron's hooks can't be listed, because {username} can't sign in",
            "{username} giriş yapamadığı için Omnitron'un webhook'ları listelenemiyor",
        ),
        _UNSEEN,
        ("mend the sign-in first", "önce girişi düzeltin"),
    ),
    "hooks_of_others": unknown(
        (
            "whether one of the six hooks at Omnitron is on can't be told: {username} is no administrator there and sees its own hooks only",
            "Omnitron'daki altı webhook'tan biri açık mı, bilinemiyor: {username} orada yönetici değil, yalnız kendi webhook'larını görüyor",
        ),
        _TWICE,
        (
            "use an administrator of Omnitron: let one look once at whisperer/hooks/?limit=999, or examine with one as auth of OMNITRON_CLIENT_SETTINGS",
            "bir Omnitron yöneticisi kullanın: whisperer/hooks/?limit=999 adresine bir kez baksın ya da OMNITRON_CLIENT_SETTINGS içindeki auth onunken muayene edin",
        ),
    ),
    "orders_of_others": broken(
        (
            "{count} orders in quarantine seem to be another system's, such as {number} (last seen {date})",
            "karantinadaki {count} sipariş başka bir sistemin gibi görünüyor, örneğin {number} (son görülme {date})",
        ),
        (
            "somebody sends orders here under ids of another system, most likely a hook of Omnitron's (order.created, order.updated)",
            "birileri buraya başka bir sistemin kimlikleriyle sipariş gönderiyor, büyük olasılıkla Omnitron'un bir webhook'u (order.created, order.updated)",
        ),
        (
            "let an administrator of Omnitron switch off every order.created and order.updated hook that leads to {url} (whisperer/hooks/?limit=999 shows those of all users), then give the orders up in Quarantine",
            "Omnitron yöneticisi {url} adresine giden her order.created ve order.updated webhook'unu kapatsın (whisperer/hooks/?limit=999 tüm kullanıcılarınkini gösterir), sonra siparişleri Karantina'da bırakın",
        ),
    ),
    "hook_on": broken(
        (
            "Omnitron's hook {id} ({event} -> {url}) is on",
            "Omnitron'un {id} numaralı webhook'u ({event} -> {url}) açık",
        ),
        _TWICE,
        (
            'PATCH whisperer/hooks/{id}/ {{"is_active": false}} at Omnitron, or `ambar oms doctor --fix`',
            'Omnitron\'da PATCH whisperer/hooks/{id}/ {{"is_active": false}} ya da `ambar oms doctor --fix`',
        ),
    ),
    "hook_came_back": broken(
        (
            "Omnitron's hook {id} ({event} -> {url}) came back on: it was off on {date}",
            "Omnitron'un {id} numaralı webhook'u ({event} -> {url}) geri açılmış: {date} günü kapalıydı",
        ),
        _TWICE,
        (
            'find out who switches it on at Omnitron, and PATCH whisperer/hooks/{id}/ {{"is_active": false}} there, or `ambar oms doctor --fix`',
            'Omnitron\'da kimin açtığını bulun ve PATCH whisperer/hooks/{id}/ {{"is_active": false}} gönderin ya da `ambar oms doctor --fix`',
        ),
    ),
    "oms_url_is_here": holds(
        ("{url} leads to this OMS", "{url} bu OMS'e götürüyor"),
        _OURS,
    ),
    "oms_url_elsewhere": broken(
        (
            "what answers at {url} (urls.oms_url) is not an OMS",
            "{url} (urls.oms_url) adresinde yanıt veren bir OMS değil",
        ),
        _OURS,
        (
            "correct urls.oms_url of OMNITRON_CLIENT_SETTINGS: give the doctor oms_url",
            "OMNITRON_CLIENT_SETTINGS içindeki urls.oms_url değerini düzeltin: doktora oms_url verin",
        ),
    ),
    "oms_url_unreached": unknown(
        (
            "{url} (urls.oms_url) can't be asked from here: {problem}",
            "{url} (urls.oms_url) buradan sorulamıyor: {problem}",
        ),
        _OURS,
        (
            "check from another machine that {url} leads to this OMS",
            "{url} adresinin bu OMS'e götürdüğüne başka bir makineden bakın",
        ),
    ),
}
