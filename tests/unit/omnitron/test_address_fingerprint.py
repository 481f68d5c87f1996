from ambar.omnitron.customers.domain.fingerprint import fingerprint


def test_case_and_spaces_do_not_count():
    one = fingerprint({"customer": 1, "line": " Moda Cad. 12 ", "first_name": "AYSE"})
    other = fingerprint({"customer": 1, "line": "moda cad. 12", "first_name": "Ayse", "postcode": None})
    assert one == other
    assert len(one) == 32


def test_another_field_makes_another_address():
    assert fingerprint({"customer": 1}) != fingerprint({"customer": 2})
    assert fingerprint({"line": "a", "postcode": ""}) != fingerprint({"line": "", "postcode": "a"})
