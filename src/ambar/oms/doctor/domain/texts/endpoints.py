"""Step 2: the twelve endpoints."""

from ambar.oms.doctor.domain.finding import Text, broken, holds

_FOR = (
    "without it the OMS can't do what `{name}` is for",
    "onsuz OMS `{name}` işini yapamaz",
)
_SELLER = (
    "orders of another seller would be taken, or none at all",
    "başka bir satıcının siparişleri alınır ya da hiç sipariş alınmaz",
)
_AS_THE_OTHERS = (
    "; the doctor takes address and token of the entries that work, when there are any",
    "; çalışan girdiler varsa doktor adresi ve jetonu onlardan alır",
)


def _fix(en: str, tr: str) -> tuple[str, str]:
    return en + _AS_THE_OTHERS[0], tr + _AS_THE_OTHERS[1]


TEXTS: dict[str, Text] = {
    "endpoint_answers": holds(("{name} answers at {url}", "{name}, {url} adresinde yanıt veriyor"), _FOR),
    "endpoint_missing": broken(
        (
            "{name} is not in endpoint_conf, so it goes to Omnitron",
            "{name} endpoint_conf içinde yok, bu yüzden Omnitron'a gidiyor",
        ),
        (
            "orders and addresses must come from the Seller Center",
            "siparişler ve adresler Seller Center'dan gelmeli",
        ),
        _fix(
            "add {name} with base_url and token to endpoint_conf of OMNITRON_CLIENT_SETTINGS",
            "OMNITRON_CLIENT_SETTINGS içindeki endpoint_conf'a {name} girdisini base_url ve jetonla ekleyin",
        ),
    ),
    "endpoint_refused": broken(
        ("{name} at {url}: answered {status}", "{name}, {url}: {status} yanıtladı"),
        _FOR,
        _fix(
            "ask the Seller Center for a token and write it to the entry {name} of endpoint_conf",
            "Seller Center'dan jeton isteyin ve endpoint_conf'un {name} girdisine yazın",
        ),
    ),
    "endpoint_no_answer": broken(
        ("{name} at {url}: no answer ({problem})", "{name}, {url}: yanıt yok ({problem})"),
        _FOR,
        _fix(
            "check that base_url of the entry {name} is reachable from here and allowed (AMBAR_ALLOWED_TARGETS)",
            "{name} girdisinin base_url'ine buradan erişilebildiğine ve izin verildiğine (AMBAR_ALLOWED_TARGETS) bakın",
        ),
    ),
    "endpoint_answered": broken(
        ("{name} at {url}: answered {status}", "{name}, {url}: {status} yanıtladı"),
        _FOR,
        _fix(
            "correct base_url of the entry {name}, or its path",
            "{name} girdisinin base_url'ini ya da path değerini düzeltin",
        ),
    ),
    "endpoint_fails": broken(
        ("{name} at {url}: answered {status}", "{name}, {url}: {status} yanıtladı"),
        _FOR,
        _fix(
            "look again in a moment; while it stays so, ask whoever runs the Seller Center, and check base_url of the entry {name}",
            "birazdan yeniden bakın; sürerse Seller Center'ı işletene sorun ve {name} girdisinin base_url'ini denetleyin",
        ),
    ),
    "endpoint_shape": broken(
        ("{name} at {url}: does not answer {wanted}", "{name}, {url}: yanıtı {wanted} değil"),
        _FOR,
        _fix(
            "correct base_url of the entry {name}, or set its path",
            "{name} girdisinin base_url'ini düzeltin ya da path verin",
        ),
    ),
    "endpoint_rows": broken(
        (
            "{name} at {url}: its rows have no {missing}, so they are not what {name} should list",
            "{name}, {url}: satırlarda {missing} yok, yani {name} listesi değil",
        ),
        _FOR,
        _fix(
            "correct base_url of the entry {name}, or set its path",
            "{name} girdisinin base_url'ini düzeltin ya da path verin",
        ),
    ),
    "endpoint_is_another": broken(
        (
            "{name} goes to {url}, where another system answers than at {home}",
            "{name}, {url} adresine gidiyor; orada {home} adresindekinden başka bir sistem yanıt veriyor",
        ),
        (
            "ids of another system would be mixed with the Seller Center's",
            "başka bir sistemin kimlikleri Seller Center'ınkilerle karışır",
        ),
        _fix(
            "write base_url {home} and its token to the entry {name} of endpoint_conf",
            "endpoint_conf'un {name} girdisine {home} base_url'ini ve jetonunu yazın",
        ),
    ),
    "endpoint_of_another_seller": broken(
        (
            "the token of {name} belongs to the supplier {found}, not to {supplier}",
            "{name} jetonu {supplier} değil {found} tedarikçisine ait",
        ),
        _SELLER,
        _fix(
            "ask the Seller Center for the token of {supplier} and write it to the entry {name} of endpoint_conf",
            "Seller Center'dan {supplier} jetonunu isteyin ve endpoint_conf'un {name} girdisine yazın",
        ),
    ),
    "endpoint_slow": broken(
        ("{name} at {url}: took {ms} ms, more than {limit}", "{name}, {url}: {ms} ms sürdü, sınır {limit}"),
        (
            "orders and statuses come late, and calls may run into their time-out",
            "siparişler ve durumlar geç gelir, çağrılar zaman aşımına uğrayabilir",
        ),
        (
            "ask whoever runs {url} why it is slow; what counts as slow is DOCTOR_SETTINGS.slow_ms",
            "{url} adresini işletenlere neden yavaş olduğunu sorun; yavaşlık sınırı DOCTOR_SETTINGS.slow_ms",
        ),
    ),
}
