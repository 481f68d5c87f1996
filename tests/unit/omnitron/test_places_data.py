from ambar.omnitron.places import data


def test_the_country_is_whole():
    assert len(data.provinces()) == 81
    townships = data.townships()
    assert len(townships) == 973
    assert len({(row.province, row.name) for row in townships}) == 973
    assert sum(row.coordinates_estimated for row in townships) == 45


def test_estimated_townships_stand_at_the_centre_of_their_province():
    centres = {row.code: (row.latitude, row.longitude) for row in data.provinces()}
    for row in data.townships():
        if row.coordinates_estimated:
            assert (row.latitude, row.longitude) == centres[row.province]


def test_every_district_lies_in_a_known_township():
    known = {(row.province, row.name) for row in data.townships()}
    districts = data.districts()
    assert len(districts) == 73305
    assert {(row.province, row.township) for row in districts} == known


def test_districts_of_chosen_provinces():
    assert {row.province for row in data.districts(["34", "06"])} == {"34", "06"}
    assert data.districts([]) == []
