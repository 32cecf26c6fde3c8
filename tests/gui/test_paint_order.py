from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF
from PySide6.QtGui import QColor, QHelpEvent, QImage, QPainter
from PySide6.QtWidgets import QApplication, QToolTip

from core.imaging.colormap import inferno
from core.imaging.image import Annotation, Spacing
from core.imaging.layers import ValueMap
from core.imaging.region import Region
from gui.canvas import paint_words
from gui.canvas.color_bars import Scale, bars_room, scales
from gui.canvas.overlay_boxes import around, bar_box, corner_lift, line_box, text_beside
from gui.canvas.paint_order import PAINT_ORDER
from gui.canvas.qt_image import qimage
from gui.canvas.text import _line, metrics
from gui.theme import color
from tests.make.image import make_image, make_placement
from tests.make.screen import painted


def test_the_picture_lies_lowest_then_the_map_then_what_is_drawn_then_words():
    order = [paint.__name__ for paint in PAINT_ORDER]
    assert order[:5] == ["paint_picture", "paint_shutter", "paint_values", "paint_segments", "paint_heat"]
    assert order[5:9] == ["paint_overlays", "paint_annotations", "paint_analyzed", "paint_region"]
    assert order.index("paint_corners") > order.index("paint_letters") > 3
    assert order[-1] == "paint_border"


lengths = st.floats(0, 900)
text_sizes = st.tuples(lengths, st.floats(0, 140))


@given(st.tuples(st.floats(200, 2000), st.floats(400, 2000)), lengths, text_sizes, text_sizes)
def test_the_reading_line_never_lies_over_a_corner_and_never_leaves_the_view(view, text, left, right):
    margin = 10.0
    left, right = (min(left[0], view[0] / 2), left[1]), (min(right[0], view[0] / 2), right[1])
    box = line_box(view, (text, 15.0), margin)
    assert QRectF(0, 0, *view).contains(box)
    bottom = view[1] - margin - corner_lift(box, view, left[0], right[0], margin)
    for width, height, x in ((*left, margin), (*right, view[0] - margin - right[0])):
        if width and height:
            assert not box.intersects(QRectF(x, bottom - height, width, height))


@given(st.integers(-50, 400), st.integers(-50, 300), st.integers(1, 300), st.integers(1, 200))
def test_the_ground_around_a_picture_is_filled_once_and_wholly(x, y, width, height):
    ground = QRect(0, 0, 300, 200)
    hole = QRect(x, y, width, height) & ground
    covered = np.zeros((200, 300), int)
    for rect in [*around(ground, hole), hole]:
        if not rect.isEmpty():
            covered[rect.top() : rect.bottom() + 1, rect.left() : rect.right() + 1] += 1
    assert (covered == 1).all()


@given(st.tuples(st.integers(120, 3000), st.integers(120, 3000)))
def test_the_color_bar_lies_in_the_view(size):
    assert QRectF(0, 0, *size).contains(bar_box(size))


def test_the_bar_shows_the_palette_from_1_at_the_top_to_0_at_the_bottom(shown):
    shown.set_heat(np.zeros((10, 10), np.float32), make_placement(300, 200), "Opacity")
    picture = painted(shown)
    box = bar_box((400, 300))
    x = round(box.center().x())
    column = picture[round(box.top()) + 2 : round(box.bottom()) - 2, x].astype(int)
    assert np.abs(column[0] - inferno()[252]).max() < 30
    assert np.abs(column[-1] - inferno()[4]).max() < 30
    labels = picture[round(box.top()) - 40 : round(box.bottom()) + 10, x - 60 : x - 10]
    assert (labels == [color("text").red(), color("text").green(), color("text").blue()]).all(axis=2).any()


def accent(picture):
    return (np.abs(picture.astype(int) - color("accent").toTuple()[:3]) < 30).all(axis=2)


def test_a_region_is_drawn_around_its_pixels_with_its_share_beside_it(shown):
    shown.one_to_one()
    shown.set_region(Region(100, 50, 150, 100))
    drawn = accent(painted(shown))
    rows, columns = np.nonzero(drawn)
    assert (columns.min(), columns.max()) == pytest.approx((150, 200), abs=2)
    assert (rows.min(), rows.max()) == pytest.approx((100, 150), abs=2)
    shown.set_region_share("63 % of the score")
    beside = accent(painted(shown)) & ~drawn
    assert np.nonzero(beside)[1].min() > 200


def test_a_share_without_room_at_the_right_stands_at_the_left():
    at = text_beside(QRectF(300, 100, 90, 50), 120, 12, (400, 300))
    assert at.x() + 120 < 300


def test_the_border_of_what_the_network_saw_is_drawn_only_where_it_was_not_all(bare):
    bare.one_to_one()
    zero = np.zeros((10, 10), np.float32)
    bare.set_heat(zero, make_placement(300, 200))
    whole = painted(bare)
    bare.set_heat(zero, make_placement(300, 200, left=100))
    cropped = painted(bare)
    changed = np.nonzero((whole != cropped).any(axis=2).sum(axis=0) > 50)[0]
    assert sorted(set(changed)) == [150, 250]


@pytest.mark.parametrize("level", ["full", "minimal", "off"])
def test_letters_are_always_there(shown, level):
    shown.set_corner_level(level)
    shown.one_to_one()
    assert painted(shown)[130:170, 5:30].any()


def test_letters_turn_with_the_picture(shown, monkeypatch):
    drawn = []
    monkeypatch.setattr(paint_words, "outlined", lambda _painter, at, text, *_: drawn.append((text, at.x(), at.y())))
    shown.set_state(shown.state.__class__(rotation=90))
    painted(shown)
    places = {text: (x, y) for text, x, y in drawn if text in "RLHF"}
    assert places["R"][1] < 50  # what lay left is on top
    assert places["L"][1] > 250
    assert places["F"][0] < 30
    assert places["H"][0] > 370


@pytest.mark.parametrize(("width", "is_short"), [(250, True), (430, True), (1200, False)])
def test_the_reading_line_is_short_in_a_small_cell_and_always_at_its_lower_edge(shown, monkeypatch, width, is_short):
    drawn = {}
    monkeypatch.setattr(paint_words, "outlined", lambda _painter, at, text, *_: drawn.update({text: at.y()}))
    shown.resize(width, 300)
    shown.set_reading_line("Not analysed: CT, not a chest radiograph", "Not analysed")
    painted(shown)
    line = paint_words.reading_box(shown.scene)
    assert line.bottom() == 300 - paint_words.MARGIN
    assert (paint_words.reading_text(shown.scene) == "Not analysed") == is_short
    assert drawn["F"] < line.top()
    lowest = max(drawn[text] for text in drawn if text.startswith(("zoom", "C ")))
    assert (lowest < line.top()) == is_short  # the corners make room


@pytest.mark.parametrize("width", [250, 320, 380, 700])
def test_no_corner_is_written_over_a_letter(shown, monkeypatch, width):
    drawn = []
    monkeypatch.setattr(paint_words, "outlined", lambda _painter, at, text, _ink, px=13: drawn.append((text, at, px)))
    long = "a description of a study that goes on and on and on"
    header = replace(shown.image.header, patient_name=long, study_description=long, institution=long,
                     series_description=long)
    shown.set_image(replace(shown.image, header=header))
    shown.resize(width, 300)
    painted(shown)
    boxes = [(text, QRectF(at.x(), at.y() - metrics(px).ascent(), metrics(px).horizontalAdvance(text),
                           metrics(px).height())) for text, at, px in drawn]
    letters = [box.adjusted(-5, 0, 5, 0) for text, box in boxes if text in ("H", "F", "R", "L")]
    corners = [box for text, box in boxes if text not in ("H", "F", "R", "L")]
    assert len(letters) == 4
    assert corners
    assert not [box for box in corners for letter in letters if box.intersects(letter)]
    # nor over another corner's
    assert not [one for number, one in enumerate(corners) for other in corners[:number] if one.intersects(other)]


def ink(image: QImage) -> np.ndarray:
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4)
    return (rows[..., :3] > 120).all(axis=2)


@pytest.mark.parametrize("ratio", [1.0, 1.25, 1.5, 2.0])
@pytest.mark.parametrize("px", [11, 13, 26])
def test_figures_are_drawn_whole_at_every_scaling(qapp, px, ratio):
    image = _line("Ág 0123456789 |", QColor("white").rgba(), px, ratio)
    rows, columns = np.nonzero(ink(image))
    assert rows.min() > 0
    assert rows.max() < image.height() - 1
    assert columns.max() < image.width() - 1
    assert rows.max() - rows.min() > metrics(px).capHeight() * ratio


def test_figures_are_all_equally_wide(qapp):
    assert len({metrics().horizontalAdvance(figure) for figure in "0123456789"}) == 1


def test_text_is_legible_on_white(qapp):
    image = _line("63 %", QColor("white").rgba(), 13, 1.0)
    on_white = QImage(image.size(), QImage.Format.Format_RGB888)
    on_white.fill(QColor("white"))
    painter = QPainter(on_white)
    painter.drawImage(0, 0, image)
    painter.end()
    rows = np.frombuffer(on_white.constBits(), np.uint8).reshape(on_white.height(), on_white.bytesPerLine())
    assert rows[:, : 3 * on_white.width()].min() < 110


@pytest.mark.parametrize("shape", [(5, 7), (5, 7, 3), (5, 7, 4)])
def test_a_qimage_keeps_its_pixels_alive(qapp, shape):
    pixels = np.random.default_rng(3).integers(0, 256, shape).astype(np.uint8)
    pixels[..., -1] = 255
    image = qimage(pixels[:, ::-1])  # not contiguous: copied
    copy = pixels[:, ::-1].copy()
    del pixels
    np.empty(10_000_000, np.uint8).fill(7)
    first = image.pixelColor(0, 0)
    expected = copy[0, 0] if copy.ndim == 3 else [copy[0, 0]] * 3
    assert [first.red(), first.green(), first.blue()] == [int(value) for value in expected[:3]]


def test_no_pixels_are_the_null_image(qapp):
    assert qimage(np.zeros((0, 0), np.uint8)).isNull()


def test_a_map_of_values_has_a_bar_of_its_own_beside_that_of_the_heatmap(shown):
    values = ValueMap("ADC", np.ones((200, 300), np.float32), np.array([[1.0, 0, 0], [0, 1.0, 0]]), -1, 3, "mm2/s")
    shown.set_layers((), values, False)
    assert scales(shown.scene) == [Scale("ADC, mm2/s", ("3", "1", "-1"))]
    alone = bars_room(shown.scene)
    shown.set_heat(np.zeros((10, 10), np.float32), make_placement(300, 200), "Opacity")
    assert [scale.name for scale in scales(shown.scene)] == ["Opacity", "ADC, mm2/s"]
    assert bars_room(shown.scene) > alone
    shown.set_layers_hidden(True)
    assert [scale.name for scale in scales(shown.scene)] == ["Opacity"]


def test_the_figures_of_a_bar_are_written_out(shown):
    values = ValueMap("ADC", np.ones((200, 300), np.float32), np.array([[1.0, 0, 0], [0, 1.0, 0]]), 0, 3000, "um2/s")
    shown.set_layers((), values, False)
    assert scales(shown.scene) == [Scale("ADC, um2/s", ("3 000", "1 500", "0"))]


@pytest.fixture
def small(shown):
    """A small cell whose corners say much and go up for a reading line."""
    frame = replace(shown.frame, spacing=Spacing(0.143, 0.143, "at detector: true size is smaller"))
    facts = {"patient_name": "Mustermann^Maximilian Alexander", "study_description": "Thorax PA und lateral stehend",
             "accession": "A20260101234", "lossy": "lossy 12:1 (ISO 10918-1)", "series_description": "Thorax <p.a.>",
             "series_number": "1", "view_position": "PA", "technique": "85 kV", "location": "at -12.5 mm"}
    shown.show_frame(make_image(frame, modality="CR", **facts), frame, "1 / 2", 2)
    shown.resize(390, 239)
    shown.set_reading_line("Above threshold: Opacity 63 %, Effusion 71 %", "Above threshold")
    return shown


@pytest.fixture
def tip_at(small, monkeypatch):
    """A function that returns what is told of a point of the small cell."""
    told = []
    monkeypatch.setattr(QToolTip, "showText", lambda _at, text, _widget: told.append(text))

    def ask(at: QPointF) -> str:
        point = (at + QPointF(3, -3)).toPoint()  # within a line that begins there
        QApplication.sendEvent(small, QHelpEvent(QEvent.Type.ToolTip, point, small.mapToGlobal(point)))
        return told[-1]

    return ask


def test_the_reading_line_is_told_as_it_stands_marks_of_html_among_it(small, tip_at):
    small.set_reading_line("Not analysed: <img src=x>, not a chest radiograph", "Not analysed")
    small.grab()
    assert tip_at(paint_words.reading_box(small.scene).center()) == (
        "<p>Not analysed: &lt;img src=x&gt;, not a chest radiograph</p>"
    )


@pytest.mark.parametrize("height", [190, 215, 239, 260])
@pytest.mark.parametrize("has_bar", [False, True])
def test_a_tall_corner_makes_room_for_the_letter_at_its_side(small, monkeypatch, height, has_bar):
    drawn = []
    monkeypatch.setattr(paint_words, "outlined", lambda _painter, at, text, _ink, px=13: drawn.append((text, at, px)))
    small.resize(390, height)
    if has_bar:
        small.set_heat(np.zeros((10, 10), np.float32), make_placement(300, 200), "Opacity")
    painted(small)
    boxes = [(text, QRectF(at.x(), at.y() - metrics(px).ascent(), metrics(px).horizontalAdvance(text),
                           metrics(px).height())) for text, at, px in drawn]
    letters = [box for text, box in boxes if text in ("R", "L")]
    assert len(letters) == 2
    assert not [text for text, box in boxes if len(text) > 1 for letter in letters if box.intersects(letter)]


def test_what_a_corner_has_no_room_for_is_told_under_the_pointer(small, tip_at):
    name, accession = (lines[0] for lines in list(paint_words.placed_corners(small.scene))[:2])
    assert name.shown.endswith("…")
    assert tip_at(name.at) == "<p>Mustermann^Maximilian Alexander</p>"
    assert "acc. A20260101234" in accession.shown
    assert "Thorax PA und lateral stehend" in tip_at(accession.at)
    assert tip_at(QPointF(195, 60)) == ""


def test_a_corner_that_is_whole_has_nothing_to_tell(small, tip_at):
    small.resize(1400, 900)
    painted(small)
    for lines in paint_words.placed_corners(small.scene):
        assert [line.shown for line in lines] == [line.text for line in lines]
        assert tip_at(lines[0].at) == ""


def test_marks_of_html_in_a_file_are_told_as_they_stand(small, tip_at):
    small.resize(200, 239)
    painted(small)
    lines = list(paint_words.placed_corners(small.scene))[3]
    assert "Thorax &lt;p.a.&gt;" in tip_at(lines[0].at)


REMARK = "A remark that is longer than its box is wide"


@pytest.fixture
def words_at(bare):
    """A function that returns the lines of a text, as boxes in the view, and the box that it was given."""

    def place(text: str, *points: tuple[float, float], justification: str = "LEFT"):
        one = Annotation(points, text, justification=justification)
        lines = paint_words.placed_words(bare.scene, one, paint_words.said_boxes(bare.scene))
        boxes = [QRectF(at.x(), at.y() - metrics().ascent(), metrics().horizontalAdvance(line), metrics().height())
                 for line, at in lines]
        corners = [QPointF(*bare.scene.logical_point(point)) for point in points]
        return [line for line, _ in lines], boxes, QRectF(corners[0], corners[-1]).normalized()

    bare.one_to_one()  # image point (x, y) is at (x + 50, y + 50)
    return place


@pytest.mark.parametrize("justification", ["LEFT", "CENTER", "RIGHT"])
def test_words_stand_in_their_box_as_they_are_justified(words_at, justification):
    _, boxes, box = words_at("words", (100, 50), (220, 90), justification=justification)
    (taken,) = boxes
    assert taken.top() == box.top() == 100
    left, right = taken.left() - box.left(), box.right() - taken.right()
    assert {"LEFT": left, "CENTER": left - right, "RIGHT": right}[justification] == pytest.approx(0)
    assert min(left, right) >= -1e-6 < 60 < left + right


@pytest.mark.parametrize("justification", ["LEFT", "CENTER", "RIGHT"])
@pytest.mark.parametrize("right", [190, 220, 260])
def test_words_wider_than_their_box_go_on_in_the_next_line(words_at, justification, right):
    lines, boxes, box = words_at(REMARK, (100, 50), (right, 60), justification=justification)
    assert len(lines) > 1
    assert " ".join(lines) == REMARK
    assert all(box.left() - 1e-6 <= one.left() and one.right() <= box.right() + 1e-6 for one in boxes)
    assert all(lower.top() >= upper.bottom() for upper, lower in pairwise(boxes))


def test_a_narrow_box_is_as_wide_as_the_longest_word_and_no_word_is_cut(words_at):
    lines, _, _ = words_at("one remarkable nodule", (100, 50), (101, 60))
    assert lines == ["one", "remarkable", "nodule"]


def test_what_cannot_be_broken_between_words_stays_in_the_view(words_at):
    lines, boxes, _ = words_at("x" * 90 + "\n\U0001f441 seen", (100, 50), (101, 60))
    assert "".join(lines) == "x" * 90 + "\U0001f441 seen"
    assert all(QRectF(0, 0, 400, 300).contains(one) for one in boxes)


@pytest.mark.parametrize("points", [((295, 195),), ((280, 190), (299, 199)), ((0, 195),), ((299, 0),)])
def test_words_at_an_edge_are_whole(words_at, bare, points):
    bare.zoom_by(4 / 3)  # the picture fills the view's width
    lines, boxes, _ = words_at(REMARK, *points)
    assert " ".join(lines) == REMARK
    assert all(QRectF(0, 0, 400, 300).contains(one) for one in boxes)


def test_words_out_of_sight_stay_there(words_at, bare):
    bare.zoom_by(8)
    _, boxes, _ = words_at(REMARK, (0, 0), (20, 20))
    assert not any(one.intersects(QRectF(0, 0, 400, 300)) for one in boxes)


@pytest.mark.parametrize("at", [(0, 0), (250, 0), (0, 199), (250, 199)])
def test_words_are_written_beside_those_of_the_corners(words_at, bare, at):
    bare.set_corner_level("full")
    bare.set_reading_line("Above threshold")
    bare.zoom_by(1.5)
    _, boxes, _ = words_at(REMARK, at)
    said = paint_words.said_boxes(bare.scene)
    assert said
    assert not [one for one in boxes for other in said if one.intersects(other)]


def test_words_of_a_state_are_painted_where_they_are_placed(bare):
    bare.one_to_one()
    plain = painted(bare)
    frame = replace(bare.frame, annotations=(Annotation(((100, 50), (220, 90)), "words", justification="RIGHT"),))
    bare.show_frame(bare.image, frame, keep_state=True)
    columns = np.nonzero((painted(bare) != plain).any(axis=(0, 2)))[0]
    assert (columns.min() > 200, columns.max()) == (True, pytest.approx(270, abs=3))


@pytest.fixture
def crowded(small):
    """The small cell with all that a corner may say of a patient."""
    header = replace(small.image.header, patient_id="PID-1234567", birth_date="1970-01-01", institution="Hospital",
                     date="2026-01-01")
    small.set_image(replace(small.image, header=header))
    return small


@pytest.mark.parametrize("size", [(139, 142), (251, 162), (190, 130), (390, 239), (900, 600)])
@pytest.mark.parametrize("line", ["", "Above threshold"])
def test_upper_and_lower_corners_are_never_printed_over_each_other(crowded, size, line):
    crowded.resize(*size)
    crowded.set_reading_line(line)
    painted(crowded)
    corners = list(paint_words.placed_corners(crowded.scene))
    boxes = [paint_words._corner_box(lines) for lines in corners]
    assert not boxes[0].intersects(boxes[2])
    assert not boxes[1].intersects(boxes[3])
    top_left, _, bottom_left, _ = ([one.text for one in lines] for lines in corners)
    assert top_left[:2] == list(crowded.scene.corners.top_left[:2])  # name, ID
    assert {"lossy 12:1 (ISO 10918-1)", "C 30000 W 40000 · as stored"} <= set(bottom_left)
    assert (len(bottom_left) == len(crowded.scene.corners.bottom_left)) == (size[1] > 200)


def test_a_note_on_the_picture_stays_longer_than_a_birth_date(crowded):
    crowded.show_frame(crowded.image, replace(crowded.frame, notes=("incomplete: the file is cut off",)))
    crowded.set_reading_line("Above threshold")
    crowded.resize(139, 142)
    painted(crowded)
    top_left, _, bottom_left, _ = ([one.text for one in lines] for lines in paint_words.placed_corners(crowded.scene))
    assert top_left == list(crowded.scene.corners.top_left[:2])
    assert bottom_left[0] == "incomplete: the file is cut off"


def test_what_a_small_cell_leaves_out_is_told_under_the_pointer(crowded, tip_at):
    crowded.resize(251, 162)
    painted(crowded)
    lines = list(paint_words.placed_corners(crowded.scene))[2]
    assert not [line for line in lines if line.text.startswith("zoom")]
    assert "zoom" in tip_at(lines[0].at)
