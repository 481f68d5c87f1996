"""Step 3: the nine package hooks and the secret behind them."""

from ambar.oms.doctor.domain.finding import Text, broken, holds, unknown

_WHY = ("the Seller Center would not learn of this", "Seller Center bundan haberdar olmaz")
_BELIEVED = (
    "a signature is what tells a package event from somebody else's",
    "bir paket olayını başkasınınkinden ayıran imzadır",
)

_FORMER = (
    "package events go to a system that is no longer asked, and what it pushes mixes orders of two Seller Centers",
    "paket olayları artık sorulmayan bir sisteme gider, ittikleri de iki Seller Center'ın siparişlerini karıştırır",
)
_LEAVE = (
    "`ambar oms doctor --fix --former-hooks off` switches the hooks off on both sides, `--former-hooks keep` leaves them and closes this",
    "`ambar oms doctor --fix --former-hooks off` webhook'ları iki tarafta kapatır, `--former-hooks keep` onları bırakır ve bunu kapatır",
)

TEXTS: dict[str, Text] = {
    "package_hook_arrives": holds(
        (
            "{event} goes to {url}: a test event was taken",
            "{event}, {url} adresine gidiyor: deneme olayı alındı",
        ),
        _WHY,
    ),
    "package_hook_here": unknown(
        (
            "{event} goes to {url}; this Seller Center takes no test events, so whether they arrive shows in the log only: {log}",
            "{event}, {url} adresine gidiyor; bu Seller Center deneme olayı almıyor, ulaşıp ulaşmadığı yalnız kayıttan görülür: {log}",
        ),
        _WHY,
    ),
    "package_hook_failing": broken(
        (
            "{event} goes to {url}, but its last delivery failed: {log}",
            "{event}, {url} adresine gidiyor ama son teslimatı başarısız: {log}",
        ),
        _WHY,
        (
            "look at GET whisperer/hook_events/?delivered=false for what the Seller Center answered, mend that, and send again",
            "Seller Center'ın ne yanıtladığına GET whisperer/hook_events/?delivered=false ile bakın, düzeltin ve yeniden gönderin",
        ),
    ),
    "package_hook_missing": broken(
        ("no hook for {event}", "{event} için webhook yok"),
        _WHY,
        (
            "register {event} -> {url}, or run `ambar oms doctor --fix`",
            "{event} -> {url} kaydedin ya da `ambar oms doctor --fix` çalıştırın",
        ),
    ),
    "package_hook_elsewhere": broken(
        ("{event} goes to {found} instead of {url}", "{event}, {url} yerine {found} adresine gidiyor"),
        _WHY,
        (
            "register {event} -> {url}, or run `ambar oms doctor --fix`",
            "{event} -> {url} kaydedin ya da `ambar oms doctor --fix` çalıştırın",
        ),
    ),
    "package_hook_off": broken(
        ("the hook {event} -> {url} is off ({reason})", "{event} -> {url} webhook'u kapalı ({reason})"),
        _WHY,
        (
            'PATCH whisperer/hooks/{id}/ {{"is_active": true}}',
            'PATCH whisperer/hooks/{id}/ {{"is_active": true}}',
        ),
    ),
    "package_hook_twice": broken(
        (
            "{event} goes to {url} {count} times: hooks {ids}",
            "{event}, {url} adresine {count} kez gidiyor: {ids} numaralı webhook'lar",
        ),
        (
            "the Seller Center gets every event several times under the same uuid",
            "Seller Center her olayı aynı uuid ile birkaç kez alır",
        ),
        ("switch off all but one of the hooks {ids}", "{ids} webhook'larının biri dışında hepsini kapatın"),
    ),
    "package_hook_bare": broken(
        (
            "the hook {event} -> {url} has neither a secret nor a token",
            "{event} -> {url} webhook'unun ne sırrı ne jetonu var",
        ),
        _WHY,
        ("set secret_key of hook {id}", "{id} numaralı webhook'a secret_key verin"),
    ),
    "package_hook_unsigned": broken(
        (
            "the hook {event} -> {url} signs nothing, though hook_secret is set",
            "hook_secret ayarlı olduğu hâlde {event} -> {url} webhook'u imzalamıyor",
        ),
        _BELIEVED,
        (
            "set secret_key of hook {id} to hook_secret of SELLER_CENTER_SETTINGS",
            "{id} numaralı webhook'un secret_key değerini SELLER_CENTER_SETTINGS'teki hook_secret yapın",
        ),
    ),
    "package_hook_token": broken(
        (
            "the Seller Center does not take the token of the hook {event} -> {url}: answered {status}",
            "Seller Center {event} -> {url} webhook'unun jetonunu kabul etmiyor: {status} yanıtladı",
        ),
        _WHY,
        (
            "set the Authorization header of hook {id} to the token of the entry orders of endpoint_conf",
            "{id} numaralı webhook'un Authorization başlığını endpoint_conf'un orders girdisindeki jeton yapın",
        ),
    ),
    "package_hook_secret": broken(
        (
            "the Seller Center does not take the signature of the hook {event} -> {url}: the two sides know different secrets",
            "Seller Center {event} -> {url} webhook'unun imzasını kabul etmiyor: iki taraf farklı sır biliyor",
        ),
        _WHY,
        (
            "agree on a secret with the Seller Center and set it as secret_key of hook {id}: give the doctor hook_secret",
            "Seller Center ile bir sırda anlaşın ve {id} numaralı webhook'un secret_key değeri yapın: doktora hook_secret verin",
        ),
    ),
    "package_hook_time": broken(
        (
            "the Seller Center takes the signature of the hook {event} -> {url} without its time stamp only: the clocks differ by more than five minutes",
            "Seller Center {event} -> {url} webhook'unun imzasını yalnız zaman damgasız kabul ediyor: saatler beş dakikadan fazla farklı",
        ),
        _WHY,
        (
            "let both machines set their clocks by a time server (NTP)",
            "iki makinenin saatini de bir zaman sunucusuna (NTP) bağlayın",
        ),
    ),
    "package_hook_refused": broken(
        (
            "the hook {event} -> {url}: the Seller Center answered {status}: {answer}",
            "{event} -> {url} webhook'u: Seller Center {status} yanıtladı: {answer}",
        ),
        _WHY,
        (
            "mend what the answer names; address and token are taken from the entry orders of endpoint_conf by `ambar oms doctor --fix`",
            "yanıtın söylediğini düzeltin; adresi ve jetonu `ambar oms doctor --fix` endpoint_conf'un orders girdisinden alır",
        ),
    ),
    "package_hook_no_answer": broken(
        (
            "the hook {event} -> {url}: no answer ({problem})",
            "{event} -> {url} webhook'u: yanıt yok ({problem})",
        ),
        _WHY,
        (
            "check that {url} is reachable from here and allowed (AMBAR_ALLOWED_TARGETS)",
            "{url} adresine buradan erişilebildiğine ve izin verildiğine (AMBAR_ALLOWED_TARGETS) bakın",
        ),
    ),
    "package_hook_unusable": broken(
        (
            "the hook {event} -> {url} can't be used: {reason}",
            "{event} -> {url} webhook'u kullanılamıyor: {reason}",
        ),
        _WHY,
        (
            "set secret_key, headers and retry_countdown_config of hook {id} anew",
            "{id} numaralı webhook'un secret_key, başlık ve retry_countdown_config değerlerini yeniden verin",
        ),
    ),
    "former_sends": broken(
        (
            "package hooks still lead to the former Seller Center {root}: {count} (events that wait for it: {waiting}); {there}",
            "{count} paket webhook'u hâlâ eski Seller Center'a, {root} adresine gidiyor ({waiting} olay onu bekliyor); {there}",
        ),
        _FORMER,
        _LEAVE,
    ),
    "former_pushes": broken(
        (
            "the former Seller Center {root} is sent nothing any more; {there}",
            "eski Seller Center'a, {root} adresine artık bir şey gönderilmiyor; {there}",
        ),
        _FORMER,
        _LEAVE,
    ),
    "former_silent": broken(
        (
            "the former Seller Center {root} is sent nothing any more; whether it still pushes orders here is not known: {there}",
            "eski Seller Center'a, {root} adresine artık bir şey gönderilmiyor; buraya hâlâ sipariş itip itmediği bilinmiyor: {there}",
        ),
        _FORMER,
        (
            "ask its owner, or revoke the token it pushes with (`ambar oms tokens`); then close this with `ambar oms doctor --fix --former-hooks keep`",
            "sahibine sorun ya da iterken kullandığı jetonu iptal edin (`ambar oms tokens`); sonra bunu `ambar oms doctor --fix --former-hooks keep` ile kapatın",
        ),
    ),
    "former_dismissed": holds(
        (
            "the former Seller Center {root} is left as it is since {at}, as decided; package hooks that lead there: {count}",
            "eski Seller Center {root}, karar verildiği gibi {at} tarihinden beri bırakıldı; {count} paket webhook'u oraya gidiyor",
        ),
        _FORMER,
    ),
    "secret_checked": holds(
        (
            "the Seller Center knows the secret of the package hooks: a wrong signature is refused",
            "Seller Center paket webhook'larının sırrını biliyor: yanlış imza reddediliyor",
        ),
        _BELIEVED,
    ),
    "secret_none": holds(
        (
            "the package hooks are believed by their token alone: neither side has a secret",
            "paket webhook'larına yalnız jetonla inanılıyor: iki tarafta da sır yok",
        ),
        _BELIEVED,
    ),
    "secret_unchecked": broken(
        (
            "the Seller Center takes a wrong signature: it does not know the secret of the package hooks",
            "Seller Center yanlış imzayı kabul ediyor: paket webhook'larının sırrını bilmiyor",
        ),
        _BELIEVED,
        (
            'PATCH /api/v1/sellers/<id>/ {{"hook_secret": …}} at the Seller Center by its owner, or give the doctor seller_center_admin_token',
            'Seller Center sahibi PATCH /api/v1/sellers/<id>/ {{"hook_secret": …}} göndersin ya da doktora seller_center_admin_token verin',
        ),
    ),
    "secret_untried": unknown(
        (
            "whether the Seller Center checks signatures can't be tried: it takes no test events, or no hook reaches it",
            "Seller Center'ın imzaları denetleyip denetlemediği denenemiyor: deneme olayı almıyor ya da hiçbir webhook ulaşmıyor",
        ),
        _BELIEVED,
    ),
}
