"""What the linter may say, in English and Turkish: cause, effect, fix."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ambar.oms.scenarios.domain.rules import Rule, Scenario, TransferRule, TransferScenario

SEVERITIES = ("error", "warning", "notice")
"""error: orders are not planned as the scenario says. warning: part of it does nothing. notice: worth knowing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """`en` and `tr` are (cause, effect, fix), with the finding's figures in braces."""

    severity: str
    en: tuple[str, str, str]
    tr: tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One finding. `kind` is distribution, transfer or installation (then there is no scenario)."""

    code: str
    kind: str = "installation"
    scenario_id: int | None = None
    scenario: str = ""
    rule: str = ""
    rule_position: int | None = None
    figures: Mapping[str, Any] = field(default_factory=dict)

    @property
    def severity(self) -> str:
        return TEXTS[self.code].severity

    def said(self, language: str) -> tuple[str, str, str]:
        """Cause, effect and fix; `en` or `tr`."""
        text = TEXTS[self.code]
        values = {"scenario": self.scenario, "rule": self.rule, **self.figures}
        cause, effect, fix = text.tr if language.startswith("tr") else text.en
        return cause.format(**values), effect.format(**values), fix.format(**values)


def about(code: str, scenario: Scenario | TransferScenario, **figures: Any) -> Finding:
    """A finding about a scenario as a whole."""
    kind = "distribution" if isinstance(scenario, Scenario) else "transfer"
    return Finding(code=code, kind=kind, scenario_id=scenario.id, scenario=scenario.name, figures=figures)


def about_rule(
    code: str, scenario: Scenario | TransferScenario, rule: Rule | TransferRule, **figures: Any
) -> Finding:
    """A finding about one of its rules."""
    kind = "distribution" if isinstance(scenario, Scenario) else "transfer"
    position = next(index for index, one in enumerate(scenario.rules) if one is rule)
    return Finding(
        code=code,
        kind=kind,
        scenario_id=scenario.id,
        scenario=scenario.name,
        rule=rule.name,
        rule_position=position,
        figures=figures,
    )


def _error(en: tuple[str, str, str], tr: tuple[str, str, str]) -> Text:
    return Text(severity="error", en=en, tr=tr)


def _warning(en: tuple[str, str, str], tr: tuple[str, str, str]) -> Text:
    return Text(severity="warning", en=en, tr=tr)


def _notice(en: tuple[str, str, str], tr: tuple[str, str, str]) -> Text:
    return Text(severity="notice", en=en, tr=tr)


TEXTS: dict[str, Text] = {
    "no_active_scenario": _error(
        ("No distribution scenario is active.", "Every order is put on hold.", "Activate a scenario."),
        ("Etkin dağıtım senaryosu yok.", "Her sipariş bekletilir.", "Bir senaryoyu etkinleştirin."),
    ),
    "scenario_without_rules": _error(
        ("Scenario “{scenario}” has no rule.", "Every order it takes goes out of stock at its default location.", "Add a rule."),
        ("“{scenario}” senaryosunun kuralı yok.", "Aldığı her sipariş varsayılan lokasyonda stok dışı kalır.", "Bir kural ekleyin."),
    ),
    "static_without_values": _error(
        ("The static {criterion} condition of “{scenario}” has no values.", "The scenario never matches an order.", "Give values, or make the condition dynamic: empty then means any."),
        ("“{scenario}” senaryosunun statik {criterion_tr} koşulunda değer yok.", "Senaryo hiçbir siparişe uymaz.", "Değer verin ya da koşulu dinamik yapın: boş olunca hepsi demektir."),
    ),
    "criterion_impossible": _error(
        ("The {criterion} condition of “{scenario}” contradicts itself.", "The scenario never matches an order.", "Mend the condition."),
        ("“{scenario}” senaryosunun {criterion_tr} koşulu kendisiyle çelişiyor.", "Senaryo hiçbir siparişe uymaz.", "Koşulu düzeltin."),
    ),
    "scenario_shadowed": _error(
        ("“{other}” is asked earlier and matches every order that “{scenario}” matches.", "“{scenario}” never plans an order.", "Put “{scenario}” before “{other}”, or narrow “{other}”."),
        ("“{other}” daha önce sorulur ve “{scenario}” senaryosunun uyduğu her siparişe uyar.", "“{scenario}” hiçbir siparişi planlamaz.", "“{scenario}” senaryosunu “{other}” önüne alın ya da “{other}” senaryosunu daraltın."),
    ),
    "unknown_channel": _warning(
        ("“{scenario}” asks for the channel {channel}, which does not exist yet.", "That part of the condition matches nothing until the channel's first order arrives.", "Check the spelling, or let the doctor create the channel."),
        ("“{scenario}” henüz var olmayan {channel} kanalını soruyor.", "Kanalın ilk siparişi gelene kadar koşulun bu kısmı hiçbir şeye uymaz.", "Yazımı denetleyin ya da kanalı doktora oluşturtun."),
    ),
    "default_location_missing": _error(
        ("The default location {location} of “{scenario}” does not exist.", "What no rule can place has nowhere to stand.", "Choose an existing location."),
        ("“{scenario}” senaryosunun varsayılan lokasyonu ({location}) yok.", "Hiçbir kuralın yerleştiremediği ürünlerin yeri olmaz.", "Var olan bir lokasyon seçin."),
    ),
    "default_location_inactive": _error(
        ("The default location “{location}” of “{scenario}” is not active.", "What no rule can place stands at a location nobody works at.", "Activate the location or choose another."),
        ("“{scenario}” senaryosunun varsayılan lokasyonu “{location}” etkin değil.", "Hiçbir kuralın yerleştiremediği ürünler çalışılmayan bir lokasyonda durur.", "Lokasyonu etkinleştirin ya da başkasını seçin."),
    ),
    "initial_status_dead_end": _error(
        ("No active transition leads out of state {state}, the {which} of “{scenario}”.", "Its packages stay where they begin.", "Add a transition from {state}, or choose another initial status."),
        ("“{scenario}” senaryosunun {which_tr} olan {state} durumundan çıkan etkin geçiş yok.", "Paketleri başladığı yerde kalır.", "{state} durumundan bir geçiş ekleyin ya da başka bir başlangıç durumu seçin."),
    ),
    "event_without_hook": _warning(
        ("No active webhook sends {event} to the Seller Center.", "The Seller Center does not hear of it: its orders stay behind.", "Add the webhook ({event} to the Seller Center's applications/oms)."),
        ("{event} olayını Seller Center'a gönderen etkin webhook yok.", "Seller Center bunu duymaz: siparişleri geride kalır.", "Webhook'u ekleyin ({event}, Seller Center'ın applications/oms adresine)."),
    ),
    "rule_unreachable": _error(
        ("The {condition} condition of rule “{rule}” contradicts itself.", "The rule never places anything.", "Mend the condition."),
        ("“{rule}” kuralının {condition_tr} koşulu kendisiyle çelişiyor.", "Kural hiçbir şey yerleştirmez.", "Koşulu düzeltin."),
    ),
    "rule_shadowed": _error(
        ("“{other}” comes earlier and places everything that “{rule}” could place.", "“{rule}” never places anything.", "Put “{rule}” before “{other}”, or narrow “{other}”."),
        ("“{other}” daha önce gelir ve “{rule}” kuralının yerleştirebileceği her şeyi yerleştirir.", "“{rule}” hiçbir şey yerleştirmez.", "“{rule}” kuralını “{other}” önüne alın ya da “{other}” kuralını daraltın."),
    ),
    "no_location_matches": _error(
        ("No active packaging centre can pass the location condition of “{rule}”.", "The rule never places anything.", "Widen the condition, or set the property on a location."),
        ("“{rule}” kuralının lokasyon koşulunu sağlayabilecek etkin paketleme merkezi yok.", "Kural hiçbir şey yerleştirmez.", "Koşulu genişletin ya da özelliği bir lokasyona verin."),
    ),
    "quota_without_limit": _error(
        ("“{rule}” selects by quota, but none of its {count} locations has a max_quota.", "A location without max_quota gets nothing under SELECT_BY_QUOTA: the rule never places anything.", "Set max_quota on the locations, or take SELECT_BY_QUOTA out."),
        ("“{rule}” kotaya göre seçiyor ama {count} lokasyonunun hiçbirinde max_quota yok.", "SELECT_BY_QUOTA altında max_quota olmayan lokasyona paket gitmez: kural hiçbir şey yerleştirmez.", "Lokasyonlara max_quota verin ya da SELECT_BY_QUOTA'yı çıkarın."),
    ),
    "quota_zero": _warning(
        ("“{rule}” selects by quota, and {locations} has max_quota 0.", "That location never gets a package by this rule.", "Raise max_quota, or close the location for packing instead."),
        ("“{rule}” kotaya göre seçiyor; {locations} lokasyonunun max_quota değeri 0.", "Bu kuralla o lokasyona hiç paket gitmez.", "max_quota değerini artırın ya da lokasyonu paketlemeye kapatın."),
    ),
    "transferable_without_transfer_scenario": _error(
        ("“{rule}” may bring goods from elsewhere, but no active transfer scenario fits its orders and locations.", "No transfer is ever made for it: it works as if not transferable.", "Activate a transfer scenario for the same orders with a package rule for these locations, or switch transferable off."),
        ("“{rule}” başka yerden ürün getirebilir ama siparişlerine ve lokasyonlarına uyan etkin transfer senaryosu yok.", "Onun için hiç transfer yapılmaz: aktarılamazmış gibi çalışır.", "Aynı siparişler için bu lokasyonlara paket kuralı olan bir transfer senaryosu etkinleştirin ya da aktarımı kapatın."),
    ),
    "cost_without_table": _error(
        ("“{rule}” selects by cost, but the shipping cost table is empty.", "Every location costs the same: the selector decides nothing.", "Fill the shipping cost table."),
        ("“{rule}” maliyete göre seçiyor ama kargo maliyet tablosu boş.", "Her lokasyonun maliyeti aynıdır: seçici hiçbir şeye karar vermez.", "Kargo maliyet tablosunu doldurun."),
    ),
    "reliability_without_data": _notice(
        ("“{rule}” selects by reliability, but none of its locations had {enough} packages in the last {days} days.", "The selector is off until then.", "Nothing to do: it begins by itself."),
        ("“{rule}” güvenilirliğe göre seçiyor ama lokasyonlarının hiçbirinde son {days} günde {enough} paket olmadı.", "O zamana kadar seçici kapalıdır.", "Bir şey yapmanız gerekmez: kendiliğinden başlar."),
    ),
    "exit_time_without_data": _warning(
        ("“{rule}” selects by exit time, but none of its locations has one.", "The selector decides nothing.", "Set exit_time on the locations, or take the selector out."),
        ("“{rule}” çıkış saatine göre seçiyor ama lokasyonlarının hiçbirinde çıkış saati yok.", "Seçici hiçbir şeye karar vermez.", "Lokasyonlara çıkış saati verin ya da seçiciyi çıkarın."),
    ),
    "distance_without_positions": _warning(
        ("“{rule}” asks for distance, but none of its locations has coordinates.", "Distance decides nothing, and a condition on it never holds.", "Set latitude and longitude on the locations."),
        ("“{rule}” uzaklığı soruyor ama lokasyonlarının hiçbirinde koordinat yok.", "Uzaklık hiçbir şeye karar vermez, uzaklık koşulu da hiç sağlanmaz.", "Lokasyonlara enlem ve boylam verin."),
    ),
    "max_packages_without_split": _notice(
        ("“{rule}” keeps the order whole and has max_packages {count}.", "max_packages has no effect: there is only ever one package.", "Take max_packages out, or choose another split policy."),
        ("“{rule}” siparişi bölmez ama max_packages {count} verilmiş.", "max_packages etkisizdir: her zaman tek paket olur.", "max_packages değerini kaldırın ya da başka bir bölme kuralı seçin."),
    ),
    "split_above_without_split": _notice(
        ("“{rule}” keeps the order whole and splits only above an amount.", "The amount has no effect: the order is never split.", "Take split_above_amount out, or choose another split policy."),
        ("“{rule}” siparişi bölmez ama belirli bir tutarın üstünde böleceği yazılmış.", "Tutar etkisizdir: sipariş hiç bölünmez.", "split_above_amount değerini kaldırın ya da başka bir bölme kuralı seçin."),
    ),
    "fewest_packages_without_split": _notice(
        ("“{rule}” keeps the order whole and selects by fewest packages.", "The selector decides nothing: there is only ever one package.", "Take the selector out, or choose another split policy."),
        ("“{rule}” siparişi bölmez ama en az pakete göre seçiyor.", "Seçici hiçbir şeye karar vermez: her zaman tek paket olur.", "Seçiciyi çıkarın ya da başka bir bölme kuralı seçin."),
    ),
    "rule_name_twice": _notice(
        ("Two rules of “{scenario}” are called “{rule}”.", "Decisions and findings name rules: nobody can tell which one is meant.", "Rename one of them."),
        ("“{scenario}” senaryosunun iki kuralının adı “{rule}”.", "Kararlar ve bulgular kuralları adıyla anar: hangisinin kastedildiği anlaşılmaz.", "Birinin adını değiştirin."),
    ),
    "transfer_scenario_without_rules": _error(
        ("Transfer scenario “{scenario}” has no package rule.", "No goods are ever brought for the orders it takes.", "Add a package rule."),
        ("“{scenario}” transfer senaryosunun paket kuralı yok.", "Aldığı siparişler için hiç ürün getirilmez.", "Bir paket kuralı ekleyin."),
    ),
    "transfer_scenario_unused": _notice(
        ("Transfer scenario “{scenario}” is active, but no rule of an active distribution scenario is transferable.", "It is never asked.", "Make a rule transferable, or deactivate it."),
        ("“{scenario}” transfer senaryosu etkin ama etkin dağıtım senaryolarında aktarılabilir kural yok.", "Hiç sorulmaz.", "Bir kuralı aktarılabilir yapın ya da senaryoyu kapatın."),
    ),
    "no_package_location_matches": _error(
        ("No active packaging centre passes the location condition of package rule “{rule}”.", "The rule never brings anything.", "Widen the condition, or set the property on a location."),
        ("“{rule}” paket kuralının lokasyon koşulunu sağlayan etkin paketleme merkezi yok.", "Kural hiçbir şey getirmez.", "Koşulu genişletin ya da özelliği bir lokasyona verin."),
    ),
    "no_source_matches": _error(
        ("No active location can pass the source condition of package rule “{rule}”.", "The rule never brings anything.", "Widen the condition, or set the property on a location."),
        ("“{rule}” paket kuralının kaynak koşulunu sağlayabilecek etkin lokasyon yok.", "Kural hiçbir şey getirmez.", "Koşulu genişletin ya da özelliği bir lokasyona verin."),
    ),
}  # fmt: skip
