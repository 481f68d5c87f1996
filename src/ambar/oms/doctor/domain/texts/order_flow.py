"""Step 4, first half: orders come, are wanted, planned, and get on."""

from ambar.oms.doctor.domain.finding import Text, broken, holds, unknown

_STAYS = ("a record that comes to such a place stays there", "böyle bir yere gelen kayıt orada kalır")
_CODE = (
    "no order can be asked for without the seller's supplier_code",
    "satıcının supplier_code değeri olmadan sipariş istenemez",
)
_TAKEN = ("an order that no rule takes is never planned", "hiçbir kuralın almadığı sipariş planlanmaz")
_CARRIER = (
    "such orders are planned for the default carrier, or for one that has no name here",
    "böyle siparişler varsayılan kargoyla ya da burada adı olmayan bir kargoyla planlanır",
)
_PLAN = ("orders are planned by scenarios alone", "siparişleri yalnız senaryolar planlar")
_CHANNEL = (
    "a scenario may name the channel before the first order has come",
    "ilk sipariş gelmeden bir senaryo kanalı adıyla anabilsin",
)
_WORKER = (
    "the worker takes orders, plans them, tells statuses and delivers events",
    "siparişleri alan, planlayan, durumları bildiren ve olayları teslim eden worker'dır",
)
_DISK = (
    "an accepted order or a delivered event would be forgotten after a power cut",
    "kabul edilen bir sipariş ya da teslim edilen bir olay elektrik kesintisinden sonra unutulur",
)
_ROOM = (
    "who is sent away (503 with Retry-After) comes again later: orders and events are late then, not lost",
    "geri çevrilen (Retry-After ile 503) daha sonra yeniden gelir: siparişler ve olaylar gecikir, kaybolmaz",
)
_SLIPS = (
    "such a package is offered the wrong transitions, and the Seller Center is told of another state than the floor sees",
    "böyle bir pakete yanlış geçişler sunulur ve Seller Center'a depodakinin gördüğünden başka bir durum bildirilmiş olur",
)
_SWITCH = (
    "add such a transition, or let the doctor switch the seeded ones on again",
    "böyle bir geçiş ekleyin ya da doktor başlangıçtakileri yeniden açsın",
)

TEXTS: dict[str, Text] = {
    "supplier_known": holds(
        (
            "the Seller Center knows {supplier} ({seller})",
            "Seller Center {supplier} tedarikçisini tanıyor ({seller})",
        ),
        _CODE,
    ),
    "seller_settings_missing": broken(
        ("SELLER_CENTER_SETTINGS is not set", "SELLER_CENTER_SETTINGS ayarlanmamış"),
        _CODE,
        (
            "ask the Seller Center for the supplier_code and write SELLER_CENTER_SETTINGS; the doctor takes it from the Seller Center, or give it supplier_code",
            "Seller Center'dan supplier_code isteyin ve SELLER_CENTER_SETTINGS yazın; doktor onu Seller Center'dan alır ya da supplier_code verin",
        ),
    ),
    "supplier_differs": broken(
        (
            "supplier_code is {supplier}, but the Seller Center's token belongs to {found}",
            "supplier_code {supplier}, ama Seller Center jetonu {found} tedarikçisine ait",
        ),
        _CODE,
        (
            "set supplier_code of SELLER_CENTER_SETTINGS to {found}",
            "SELLER_CENTER_SETTINGS'teki supplier_code değerini {found} yapın",
        ),
    ),
    "supplier_not_active": broken(
        (
            "the seller {supplier} is {state} at the Seller Center",
            "{supplier} satıcısı Seller Center'da {state}",
        ),
        (
            "the marketplace gives no new orders of this seller out",
            "pazaryeri bu satıcının yeni siparişlerini vermez",
        ),
        (
            "ask the owner of the Seller Center to make the seller active again (PATCH /api/v1/sellers/<id>/)",
            "Seller Center sahibinden satıcıyı yeniden etkinleştirmesini isteyin (PATCH /api/v1/sellers/<id>/)",
        ),
    ),
    "supplier_not_managed": broken(
        (
            "the Seller Center does not know that an OMS works for {supplier}",
            "Seller Center {supplier} için bir OMS çalıştığını bilmiyor",
        ),
        (
            "the seller's own package buttons there would work against this OMS",
            "satıcının oradaki paket düğmeleri bu OMS'e karşı çalışır",
        ),
        (
            'PATCH /api/v1/sellers/<id>/ {{"oms_managed": true}} at the Seller Center by its owner, or give the doctor seller_center_admin_token',
            'Seller Center sahibi PATCH /api/v1/sellers/<id>/ {{"oms_managed": true}} göndersin ya da doktora seller_center_admin_token verin',
        ),
    ),
    "supplier_untold": unknown(
        (
            "whether the Seller Center knows {supplier} can't be told before its first order",
            "Seller Center'ın {supplier} tedarikçisini tanıyıp tanımadığı ilk siparişten önce bilinemez",
        ),
        _CODE,
    ),
    "filters_none": holds(
        ("there is no filtering rule: every order is taken", "süzme kuralı yok: her sipariş alınır"), _TAKEN
    ),
    "filters_take": holds(
        (
            "the filtering rules take {taken} of the last {offered} orders",
            "süzme kuralları son {offered} siparişin {taken} tanesini alıyor",
        ),
        _TAKEN,
    ),
    "filters_untried": unknown(
        (
            "the filtering rules compile; no order is offered yet to try them on",
            "süzme kuralları derleniyor; üzerinde denenecek sipariş henüz yok",
        ),
        _TAKEN,
    ),
    "filters_broken": broken(
        ("a filtering rule does not compile: {reason}", "bir süzme kuralı derlenmiyor: {reason}"),
        ("while it is so no order is taken at all", "bu böyleyken hiçbir sipariş alınmaz"),
        (
            "correct order_filters of SELLER_CENTER_SETTINGS; only you know which orders were meant",
            "SELLER_CENTER_SETTINGS'teki order_filters'ı düzeltin; hangi siparişlerin kastedildiğini yalnız siz bilirsiniz",
        ),
    ),
    "filters_refuse_all": broken(
        (
            "the filtering rules refuse all of the last {offered} orders; the rule “{rule}” alone refuses {refused}",
            "süzme kuralları son {offered} siparişin hepsini reddediyor; yalnız “{rule}” kuralı {refused} tanesini",
        ),
        _TAKEN,
        (
            "correct the rule “{rule}” in order_filters of SELLER_CENTER_SETTINGS; only you know which orders were meant",
            "SELLER_CENTER_SETTINGS'teki order_filters'ta “{rule}” kuralını düzeltin; hangi siparişlerin kastedildiğini yalnız siz bilirsiniz",
        ),
    ),
    "order_ids_agree": holds(
        (
            "the newest orders offered are known here by the same ids and numbers",
            "en yeni siparişler burada aynı kimlik ve numarayla biliniyor",
        ),
        _TAKEN,
    ),
    "order_ids_differ": broken(
        (
            "{count} of {known} offered orders are others here: #{id} is {theirs} there and {ours} here",
            "sunulan {known} siparişin {count} tanesi burada başka: #{id} orada {theirs}, burada {ours}",
        ),
        (
            "ids are one system's own: orders of another one under the same ids are set aside in quarantine and not taken",
            "kimlikler tek bir sisteme aittir: bir başkasının aynı kimlikli siparişleri karantinaya ayrılır ve alınmaz",
        ),
        (
            "lead endpoint_conf back to the Seller Center whose orders are here, or give this one an OMS with a database of its own; if what is here came from a hook of Omnitron's (order.created), switch that off",
            "endpoint_conf'u siparişleri burada olan Seller Center'a geri yöneltin ya da buna kendi veritabanı olan bir OMS verin; buradakiler Omnitron'un bir webhook'undan (order.created) geldiyse onu kapatın",
        ),
    ),
    "transitions_sound": holds(("every state leads on to an end", "her durum bir sona götürüyor"), _STAYS),
    "transitions_dead_end": broken(
        (
            "Nothing leads on from {state}: what gets there stays for ever.",
            "{state} durumundan çıkış yok: oraya gelen orada kalır.",
        ),
        _STAYS,
        _SWITCH,
    ),
    "transitions_circle": broken(
        (
            "From {state} no final state can be reached: the ways on lead in a circle.",
            "{state} durumundan sona ulaşılamıyor: yollar çember çiziyor.",
        ),
        _STAYS,
        _SWITCH,
    ),
    "transitions_broken": broken(
        (
            "The transition {slug} can't be run: its command does not exist or does not fit.",
            "{slug} geçişi çalıştırılamıyor: komutu yok ya da uymuyor.",
        ),
        _STAYS,
        (
            "give {slug} a command that fits, or let the doctor switch it off",
            "{slug} geçişine uyan bir komut verin ya da doktor kapatsın",
        ),
    ),
    "events_reachable": holds(
        ("the transitions reach all nine package events", "geçişler dokuz paket olayının hepsine ulaşıyor"),
        (
            "the Seller Center learns of a package by these events only",
            "Seller Center paketten yalnız bu olaylarla haberdar olur",
        ),
    ),
    "event_unreachable": broken(
        (
            "no transition leads to {state}, so {event} is never sent",
            "{state} durumuna götüren geçiş yok, bu yüzden {event} hiç gönderilmez",
        ),
        (
            "the Seller Center learns of a package by these events only",
            "Seller Center paketten yalnız bu olaylarla haberdar olur",
        ),
        _SWITCH,
    ),
    "shipping_mapped": holds(
        (
            "all carriers in use have a name here: {companies}",
            "kullanılan kargoların hepsinin burada adı var: {companies}",
        ),
        _CARRIER,
    ),
    "shipping_any": holds(
        (
            "cargo_company_map is empty: carriers are taken as upstream names them",
            "cargo_company_map boş: kargolar kaynakta nasıl adlandırıldıysa öyle alınır",
        ),
        _CARRIER,
    ),
    "shipping_unmapped": broken(
        (
            "orders name carriers that cargo_company_map does not know: {companies}",
            "siparişler cargo_company_map'te olmayan kargoları anıyor: {companies}",
        ),
        _CARRIER,
        (
            "add {companies} to shipping.cargo_company_map of SELLER_CENTER_SETTINGS",
            "{companies} değerini SELLER_CENTER_SETTINGS'teki shipping.cargo_company_map'e ekleyin",
        ),
    ),
    "shipping_default": broken(
        (
            "the default carrier {company} is not in cargo_company_map",
            "varsayılan kargo {company} cargo_company_map'te yok",
        ),
        _CARRIER,
        (
            "add {company} to shipping.cargo_company_map of SELLER_CENTER_SETTINGS",
            "{company} değerini SELLER_CENTER_SETTINGS'teki shipping.cargo_company_map'e ekleyin",
        ),
    ),
    "scenarios_clean": holds(
        ("the linter finds no error in the scenarios", "denetleyici senaryolarda hata bulmuyor"), _PLAN
    ),
    "scenario_error": broken(("{cause} {effect}", "{cause} {effect}"), _PLAN, ("{fix}", "{fix}")),
    "channel_here": holds(
        (
            "the channel “{channel}” of the Seller Center is known here",
            "Seller Center'ın “{channel}” kanalı burada biliniyor",
        ),
        _CHANNEL,
    ),
    "channel_not_yet": holds(
        (
            "the channel “{channel}” comes with the first order; it can be made before",
            "“{channel}” kanalı ilk siparişle gelir; önceden de yapılabilir",
        ),
        _CHANNEL,
    ),
    "channel_missed": broken(
        (
            "a scenario names a channel that does not exist yet; the Seller Center's is “{channel}” ({id})",
            "bir senaryo henüz olmayan bir kanalı anıyor; Seller Center'ınki “{channel}” ({id})",
        ),
        _CHANNEL,
        ("let the doctor make the channel “{channel}”", "doktor “{channel}” kanalını yapsın"),
    ),
    "channel_untold": unknown(
        (
            "which channel the Seller Center sends can't be told before its first order",
            "Seller Center'ın hangi kanalı gönderdiği ilk siparişten önce bilinemez",
        ),
        _CHANNEL,
    ),
    "worker_alive": holds(
        ("a worker gave a sign {seconds} s ago", "bir worker {seconds} sn önce işaret verdi"), _WORKER
    ),
    "worker_silent": broken(
        ("no worker of this OMS gives a sign", "bu OMS'in hiçbir worker'ı işaret vermiyor"),
        _WORKER,
        ("start one: `ambar oms work`", "bir tane başlatın: `ambar oms work`"),
    ),
    "durability_on": holds(("what is committed is on disk", "işlenen her şey diskte"), _DISK),
    "durability_off": broken(
        (
            "the database may lose what it committed: {settings}",
            "veritabanı işlediğini kaybedebilir: {settings}",
        ),
        _DISK,
        (
            "switch it on where it is set; processes refuse to start until then",
            "ayarlandığı yerde açın; o zamana dek süreçler başlamayı reddeder",
        ),
    ),
    "overload_none": holds(
        (
            "no request was sent away in the last hour for want of time",
            "son bir saatte hiçbir istek yoğunluk yüzünden geri çevrilmedi",
        ),
        _ROOM,
    ),
    "overload_sheds": broken(
        (
            "{requests} requests were sent away in the last hour because too many came at once",
            "son bir saatte {requests} istek, aynı anda çok fazla istek geldiği için geri çevrildi",
        ),
        _ROOM,
        (
            "add web processes or machines (scale-out), or have the caller ask less",
            "web süreci ya da makine ekleyin (scale-out) ya da çağıranın daha az sormasını sağlayın",
        ),
    ),
    "packages_as_logged": holds(
        (
            "no package stands in a state that nothing moved it to",
            "hiçbir paket, onu oraya taşıyan bir işlem olmadan bir durumda durmuyor",
        ),
        _SLIPS,
    ),
    "packages_slipped": broken(
        (
            "packages that stand in a state nothing moved them to (their log tells another, and nobody was told): {count}; {numbers}",
            "onu oraya taşıyan bir işlem olmadan bir durumda duran paketler (kayıtları başka bir durum söylüyor ve kimseye bildirilmedi): {count}; {numbers}",
        ),
        _SLIPS,
        (
            "run `ambar oms reconcile`, look at what it shows, then `ambar oms reconcile --apply`: it puts them back where their log and lines say, and names those a person has to look at",
            "`ambar oms reconcile` çalıştırıp gösterdiğine bakın, ardından `ambar oms reconcile --apply`: paketleri kayıtlarının ve satırlarının söylediği duruma geri alır, bir insanın bakması gerekenleri adıyla söyler",
        ),
    ),
    "intake_reads": holds(("orders are being read from upstream", "siparişler kaynaktan okunuyor"), _TAKEN),
    "intake_not_since": unknown(
        (
            "reading {stream} failed before the settings were changed, and was not tried since: {error}",
            "{stream} okuması ayarlar değişmeden önce başarısız oldu, o zamandan beri denenmedi: {error}",
        ),
        (
            "orders and cancellations wait upstream meanwhile",
            "siparişler ve iptaller bu arada kaynakta bekler",
        ),
        (
            "look again in a moment: the worker tries by itself",
            "birazdan yeniden bakın: worker kendiliğinden dener",
        ),
    ),
    "intake_fails": broken(
        ("reading {stream} failed last: {error}", "{stream} okuması en son başarısız oldu: {error}"),
        (
            "orders and cancellations wait upstream meanwhile",
            "siparişler ve iptaller bu arada kaynakta bekler",
        ),
        (
            "mend what step 2 says; the worker tries again by itself",
            "2. adımın söylediğini düzeltin; worker kendiliğinden yeniden dener",
        ),
    ),
}
