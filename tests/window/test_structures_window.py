"""Structure sets in the real window."""

from core.imaging.region import Region
from core.imaging.window import Window
from tests.core.test_structure_set import make_set, make_slice
from tests.make.mouse import view_point
from tests.make.screen import painted


def test_structures_are_drawn_with_their_color_on_the_image_and_can_be_taken_away(
    qtbot, open_window, tmp_path, wait_until_idle
):
    window = open_window(make_slice(tmp_path / "slice.dcm"), make_set(tmp_path / "set.dcm"))
    wait_until_idle(window)
    view = window.desk.canvas.active
    qtbot.waitUntil(lambda: view.frame is not None and len(view.frame.annotations) == 2)

    def color() -> list[int]:
        at = view_point(view, 12.5, 5.5)
        pixels = painted(view)[int(at.y()) - 2:int(at.y()) + 3, int(at.x())].astype(int)
        return pixels[pixels[:, 0].argmax()].tolist()

    red, green, blue = color()
    assert red > 150
    assert green < 60
    assert blue < 60
    window.desk.refresher.refresh()
    window.desk.run_command("view.overlays")
    assert color()[0] < 60


def test_a_structure_set_that_comes_later_leaves_a_radiograph_as_its_reader_looks_at_it(
    qtbot, open_window, chest, wait_until_idle
):
    window = open_window(chest)
    wait_until_idle(window)
    view = window.desk.canvas.active
    view.set_voi(Window(1000, 700))
    view.zoom_by(2.0)
    view.set_region(Region(20, 30, 60, 80))
    state, region, share = view.state, view.region, view.scene.region_share
    assert share
    with qtbot.waitSignal(window.desk.showing.frame_shown):
        window.desk.showing.draw_again()  # as when one was read
    assert (view.state, view.region, view.scene.region_share) == (state, region, share)
