from __future__ import annotations

import xml.etree.ElementTree as ElementTree

from hypothesis import given, settings
from hypothesis import strategies as st

from ambar.oms.states.domain import seed
from ambar.oms.states.domain.chart import WIDTH, boxes, width_of, wrapped
from ambar.oms.states.domain.chart_lines import Chart, drawn
from ambar.oms.states.domain.chart_svg import svg
from ambar.oms.states.domain.life import LIVES, Life
from ambar.oms.states.domain.soundness import Arrow

NOTHING = Life(born=frozenset({"0"}), final=frozenset(), own_moves=())
SVG = "{http://www.w3.org/2000/svg}"


def chart_of(count: int, moves: list[tuple[int, int]]) -> Chart:
    names = {str(n): f"State {n}" for n in range(count)}
    arrows = [
        Arrow(
            id=n,
            slug=f"s{n}",
            name=f"Go {n}",
            command_code="GO",
            source=str(a % count),
            destination=str(b % count),
        )
        for n, (a, b) in enumerate(moves)
    ]
    return drawn(boxes(names=names, arrows=arrows, life=NOTHING))


graphs = st.tuples(
    st.integers(1, 12), st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=30, unique=True)
)


@settings(max_examples=150)
@given(graphs)
def test_boxes_never_overlap_and_no_line_runs_over_one(graph):
    chart = chart_of(*graph)
    rects = [(one.x, one.y, one.x + WIDTH, one.y + one.box.height) for one in chart.boxes]
    for n, (left, top, right, bottom) in enumerate(rects):
        for other in rects[n + 1 :]:
            assert right <= other[0] or other[2] <= left or bottom <= other[1] or other[3] <= top
        for line in chart.lines:
            for (x1, y1), (x2, y2) in zip(line.points, line.points[1:], strict=False):
                inside = (
                    min(x1, x2) < right and max(x1, x2) > left and min(y1, y2) < bottom and max(y1, y2) > top
                )
                assert not inside, (line, (left, top, right, bottom))


@settings(max_examples=150)
@given(graphs)
def test_every_transition_leads_along_its_lines_from_its_box_to_its_destination(graph):
    chart = chart_of(*graph)
    placed = {one.box.state: one for one in chart.boxes}
    for one in chart.boxes:
        for group in one.box.groups:
            if group.side == "self":
                continue
            x = one.x + (WIDTH if group.side == "right" else 0)
            low, high = one.y + group.top, one.y + group.top + group.height
            starts = [
                line
                for line in chart.lines
                if line.destination == group.destination
                and line.points[0][0] == x
                and low < line.points[0][1] < high
            ]
            assert len(starts) == 1
            line, steps = starts[0], 0
            while not line.arrow:
                following = [
                    n
                    for n in chart.lines
                    if n.destination == line.destination and n.points[0] == line.points[-1]
                ]
                assert following, line
                line, steps = following[0], steps + 1
                assert steps < 100
            end, (tip_x, tip_y) = placed[group.destination], line.points[-1]
            assert tip_x in (end.x, end.x + WIDTH)
            assert end.y < tip_y < end.y + end.box.header


@settings(max_examples=40)
@given(graphs)
def test_the_same_rows_give_the_same_picture(graph):
    assert chart_of(*graph) == chart_of(*graph)


def picture(language: int = 0, name: str | None = None, visibility: str = "everywhere") -> str:
    names = {value: both[language] for value, both in seed.STATE_NAMES["PackageStatus"].items()}
    arrows = [
        Arrow(
            id=n, slug=row[0], name=name or row[1 + language], command_code=row[3], source=row[4], destination=row[5],
            visibility=visibility,
        )
        for n, row in enumerate(seed.PACKAGE_TRANSITIONS)
    ]  # fmt: skip
    life = LIVES["package"]
    chart = drawn(boxes(names=names, arrows=arrows, life=life, language=language, notes={"800": ["Look!"]}))
    return svg(chart, kind="package", names=names, language=language)


def test_the_picture_tells_everything_in_words_too():
    root = ElementTree.fromstring(picture())
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == "flow-package-title flow-package-desc"
    assert root.findtext(f"{SVG}title") == "Packages: states and transitions"
    told = root.findtext(f"{SVG}desc")
    assert "Waiting (100, starts here): " in told
    assert "Start Preparing to Preparing" in told
    assert "Delivered (700, ends here)" in told
    assert "Look!" in told


def test_the_picture_speaks_turkish():
    root = ElementTree.fromstring(picture(1))
    assert (root.get("lang"), root.findtext(f"{SVG}title")) == ("tr", "Paketler: durumlar ve geçişler")
    assert "Hazırlamaya Başla → Hazırlanıyor" in root.findtext(f"{SVG}desc")


def test_hidden_and_program_transitions_look_different():
    for visibility, dashes in (("hidden", "2 4"), ("api", "7 4")):
        lines = ElementTree.fromstring(picture(visibility=visibility)).findall(f"{SVG}g/{SVG}path")
        assert dashes in {line.get("stroke-dasharray") for line in lines}
    plain = ElementTree.fromstring(picture()).findall(f"{SVG}g")[0].findall(f"{SVG}path")
    assert not {"2 4", "7 4"} & {line.get("stroke-dasharray") for line in plain}


def test_names_of_the_brand_are_escaped():
    drawn_ = picture(name="<script>&\x01\"'")
    assert "<script>" not in drawn_
    texts = {text.text for text in ElementTree.fromstring(drawn_).iter(f"{SVG}text")}
    assert "<script>&\"'" in texts


def test_long_labels_are_wrapped_and_cut_to_the_width():
    lines = wrapped("Product Not Found, Keep the Rest " * 5, width=160, size=12)
    assert len(lines) == 3
    assert all(width_of(line, 12) <= 160 for line in lines)
    assert wrapped("W" * 100, width=160, size=12)[0].endswith("…")
