"""The vocabulary of the sample shop: goods, people and streets, in Turkish as a real shop has them."""

from __future__ import annotations

Kind = tuple[str, str, tuple[str, ...], tuple[int, int], tuple[str, str]]
"""(name, code, options, price range in lira, weight range in kg)"""

COLOURS = ("siyah", "beyaz", "lacivert", "bordo", "haki", "krem", "gri", "kiremit")
SIZES = ("S", "M", "L", "XL")
SHOES = ("37", "38", "39", "40", "41", "42")
NONE = ("",)

CATEGORIES: dict[str, tuple[Kind, ...]] = {
    "Giyim": (
        ("Keten Gömlek", "GML", SIZES, (590, 990), ("0.250", "0.350")),
        ("Pamuklu Tişört", "TSR", SIZES, (190, 390), ("0.150", "0.220")),
        ("Yün Kazak", "KZK", SIZES, (690, 1290), ("0.400", "0.650")),
        ("Kot Pantolon", "PNT", SIZES, (790, 1390), ("0.500", "0.700")),
        ("Yağmurluk", "YGM", SIZES, (990, 1890), ("0.450", "0.800")),
    ),
    "Ayakkabı": (
        ("Deri Bot", "BOT", SHOES, (1690, 2990), ("0.900", "1.400")),
        ("Koşu Ayakkabısı", "KOS", SHOES, (1290, 2490), ("0.500", "0.800")),
    ),
    "Mutfak": (
        ("Seramik Kupa 330 ml", "KUP", NONE, (120, 260), ("0.350", "0.450")),
        ("Bakır Cezve", "CZV", NONE, (340, 720), ("0.300", "0.500")),
        ("Çaydanlık Takımı", "CAY", NONE, (890, 1790), ("1.400", "2.200")),
        ("Bambu Kesme Tahtası", "KSM", NONE, (240, 480), ("0.700", "1.100")),
        ("Döküm Tava 28 cm", "TAV", NONE, (790, 1490), ("1.800", "2.600")),
    ),
    "Ev": (
        ("Pamuk Nevresim Takımı", "NVR", ("tek kişilik", "çift kişilik"), (890, 1990), ("1.200", "2.400")),
        ("Peştamal", "PST", NONE, (190, 420), ("0.200", "0.350")),
        ("El Dokuma Kilim", "KLM", ("80x150", "120x180"), (1490, 3990), ("2.000", "4.500")),
        ("Masa Lambası", "LMB", NONE, (490, 1190), ("0.800", "1.600")),
    ),
    "Kırtasiye": (
        ("Çizgili Defter", "DFT", ("A5", "A4"), (60, 160), ("0.200", "0.450")),
        ("Dolma Kalem", "KLD", NONE, (390, 1290), ("0.050", "0.120")),
    ),
    "Kozmetik": (
        ("Zeytinyağlı Sabun", "SBN", NONE, (45, 120), ("0.120", "0.200")),
        ("Gül Suyu 250 ml", "GUL", NONE, (90, 220), ("0.280", "0.320")),
    ),
}

FIRST_NAMES = (
    "Ayşe", "Fatma", "Zeynep", "Elif", "Merve", "Şule", "İrem", "Gülşen", "Çiğdem", "Özlem", "Büşra", "Nurgül",
    "Mehmet", "Mustafa", "Ahmet", "Ali", "Hüseyin", "İbrahim", "Osman", "Yusuf", "Çağlar", "Özgür", "Umut", "Şükrü",
)  # fmt: skip
LAST_NAMES = (
    "Yılmaz", "Kaya", "Demir", "Çelik", "Şahin", "Yıldız", "Yıldırım", "Öztürk", "Aydın", "Özdemir", "Arslan", "Doğan",
    "Kılıç", "Aslan", "Çetin", "Kara", "Koç", "Kurt", "Özkan", "Şimşek", "Polat", "Güneş", "Işık", "Ünal",
)  # fmt: skip
STREETS = (
    "Atatürk Cad.", "Cumhuriyet Cad.", "İstiklal Sok.", "Gül Sok.", "Lale Sok.", "Çınar Sok.", "Fatih Cad.", "İnönü Cad.",
    "Menekşe Sok.", "Barış Sok.", "Okul Sok.", "Çamlık Sok.",
)  # fmt: skip

STORES: tuple[tuple[str, str, str, str], ...] = (
    ("AMB-IST-01", "İstanbul Kadıköy", "34", "Kadıköy"),
    ("AMB-IST-02", "İstanbul Şişli", "34", "Şişli"),
    ("AMB-IST-03", "İstanbul Esenyurt Depo", "34", "Esenyurt"),
    ("AMB-ANK-01", "Ankara Çankaya", "06", "Çankaya"),
    ("AMB-IZM-01", "İzmir Bornova", "35", "Bornova"),
    ("AMB-BUR-01", "Bursa Nilüfer", "16", "Nilüfer"),
    ("AMB-ANT-01", "Antalya Muratpaşa", "07", "Muratpaşa"),
    ("AMB-ADA-01", "Adana Seyhan", "01", "Seyhan"),
    ("AMB-KON-01", "Konya Selçuklu", "42", "Selçuklu"),
    ("AMB-GAZ-01", "Gaziantep Şehitkamil", "27", "Şehitkamil"),
    ("AMB-TRA-01", "Trabzon Ortahisar", "61", "Ortahisar"),
    ("AMB-KAY-01", "Kayseri Melikgazi", "38", "Melikgazi"),
    ("AMB-SAM-01", "Samsun İlkadım", "55", "İlkadım"),
    ("AMB-DIY-01", "Diyarbakır Kayapınar", "21", "Kayapınar"),
)
"""(ERP code, name, plate code, township)"""

ORDER_PROVINCES: tuple[tuple[str, int], ...] = (
    ("34", 40), ("06", 16), ("35", 12), ("16", 6), ("07", 6), ("01", 4), ("42", 4), ("27", 3), ("61", 3), ("38", 2),
    ("55", 2), ("21", 2),
)  # fmt: skip
"""(plate code, share of the orders)"""
