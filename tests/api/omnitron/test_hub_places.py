import pytest

from tests.worlds import omnitron_hub as hub

pytestmark = pytest.mark.django_db


@pytest.fixture
def caller():
    hub.places()
    return hub.Caller()


def names(answer):
    assert answer.status_code == 200, answer.content
    return [row["name"] for row in answer.json()["results"]]


def test_places_are_listed_counted_and_nested(caller):
    assert caller.get("countries/count/").json() == {"count": 1}
    assert caller.get("townships/count/").json() == {"count": 3}
    assert caller.get("districts/?limit=1").json()["count"] == 2
    township = caller.get("townships/?name__exact=Kadıköy").json()["results"][0]
    assert township["id"] == township["pk"]
    assert (township["latitude"], township["longitude"]) == ("40.990700", "29.027900")
    detailed = caller.get(f"townships/{township['pk']}/detailed/").json()
    assert detailed["city"]["name"] == "İstanbul"
    assert detailed["city"]["country"]["code"] == "tr"


@pytest.mark.parametrize("spelling", ["İstanbul", "istanbul", "ISTANBUL", "İSTANBUL"])
def test_names_compare_as_turks_read_them(caller, spelling):
    country = caller.get("countries/?code__exact=TR&is_active=True").json()["results"][0]["pk"]
    assert names(caller.get(f"cities/?name__iexact={spelling}&country={country}&is_active=True")) == [
        "İstanbul"
    ]


def test_filters_narrow_and_unknown_ones_are_ignored(caller):
    city = caller.get("cities/?name__exact=İzmir").json()["results"][0]["pk"]
    assert names(caller.get(f"townships/?city={city}&mapping__code__exact=6_x&whatever=1")) == ["Konak"]
    assert names(caller.get("townships/?is_active=false")) == []
    assert names(caller.get("townships/?sort=-name")) == ["Şişli", "Konak", "Kadıköy"]
    first = caller.get("townships/?sort=id&limit=1").json()["results"][0]["pk"]
    assert len(names(caller.get(f"townships/?id__gt={first}&limit=50000"))) == 2
    assert len(names(caller.get(f"townships/?pk__in={first},{first + 1}"))) == 2
    assert caller.get("townships/?city=abc").status_code == 400


def test_the_channel_scoped_form_is_the_same_list(caller):
    channel = hub.channel().pk
    assert names(caller.get(f"channel/{channel}/cities/?name__iexact=izmir")) == ["İzmir"]
    assert caller.get("channel/999/cities/").status_code == 404


def test_a_place_is_made_and_changed(caller):
    country = caller.get("countries/").json()["results"][0]["pk"]
    made = caller.post("cities/", {"name": "Iğdır", "country": country, "postcode": "76000"})
    assert made.status_code == 201, made.content
    key = made.json()["pk"]
    assert names(caller.get("cities/?name__iexact=ığdır")) == ["Iğdır"]
    assert caller.patch(f"cities/{key}/", {"is_active": False}).json()["is_active"] is False
    assert list(caller.post("cities/", {"name": "Iğdır", "country": country}).json()) == ["name"]
    assert list(caller.post("cities/", {"name": "X", "country": 999}).json()) == ["country"]
    assert list(caller.post("cities/", {"country": country}).json()) == ["name"]
    assert list(caller.patch(f"cities/{key}/", {"latitude": 91}).json()) == ["latitude"]
    assert caller.get("cities/987654/").json() == {"detail": "Not found.", "code": "not_found"}


def test_importing_loads_the_country_once():
    caller = hub.Caller()
    first = caller.post("places/import/", {"districts_of": ["77"]})
    assert first.status_code == 200, first.content
    assert (first.json()["countries"], first.json()["cities"], first.json()["townships"]) == (1, 81, 973)
    assert first.json()["districts"] > 10
    again = caller.post("places/import/", {"districts_of": ["77"]})
    assert again.json() == {"countries": 0, "cities": 0, "townships": 0, "districts": 0}
    assert caller.get("cities/count/").json() == {"count": 81}
    assert list(caller.post("places/import/", {"districts_of": ["99"]}).json()) == ["districts_of"]
    assert hub.Caller("viewer").post("places/import/", {}).status_code == 403


@pytest.mark.parametrize("level", ["countries", "cities", "townships", "districts"])
def test_a_listed_place_reads_like_the_place_itself(caller, level):
    rows = caller.get(f"{level}/?sort=-id&limit=50000").json()["results"]
    assert [row["pk"] for row in rows] == sorted((row["pk"] for row in rows), reverse=True)
    assert rows == [caller.get(f"{level}/{row['pk']}/").json() for row in rows]
