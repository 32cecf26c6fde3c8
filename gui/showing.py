"""Brings what the workspace says to the cells of the canvas: asks for frames, shows them, scrolls, looks ahead."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from core.findings.wording import gap_text, refusal_text
from core.imaging.display_state import DisplayState
from core.imaging.image import Annotation, Frame
from core.imaging.look_ahead import look_ahead
from core.imaging.presentation import Presentation, presented
from core.imaging.render import series_window, shows
from core.imaging.window import Window
from core.refusal import Refusal
from core.studies.order import Order
from gui.canvas.canvas import Canvas
from gui.open_series import OpenSeries, Place
from gui.threads.frame_thread import FrameAnswer, FrameThread
from gui.workspace import Workspace

OPENING = "Opening…"


class Showing(QObject):
    """What stands in which cell. Cells are numbered as in ``canvas.all_viewports``."""

    frame_shown = Signal(int)  # cell: its picture changed
    frame_refused = Signal(int, object)  # cell, Refusal: it has no picture

    def __init__(self, canvas: Canvas, workspace: Workspace, frames: FrameThread, parent: QObject) -> None:
        super().__init__(parent)
        self._canvas, self._workspace, self._frames = canvas, workspace, frames
        self._on_screen: dict[int, Place] = {}  # cell -> the place whose frame is really there
        self._looks: dict[int, Place] = {}  # cell -> where its window and zoom come from: the last picture that it had
        self._steps: dict[int, int] = {}  # cell -> how many images to go on when the one that it awaits has come
        self._presented: set[int] = set()  # cells whose picture is as a presentation state says
        self._windows: dict[str | Path, Window] = {}  # of series whose files store none, from the frame shown first
        self._looked_from = "", 0  # the series and number around which frames were decoded in advance last
        # how a presentation state shows a frame; whoever knows the states sets it
        self.presentation_of: Callable[[Place, Frame], Presentation | None] = lambda place, frame: None
        # the outlines that structure sets draw on a frame, as above
        self.outlines_of: Callable[[Place, Frame], tuple[Annotation, ...]] = lambda place, frame: ()
        frames.answered.connect(self._on_frame)

    @property
    def active_cell(self) -> int:
        """The number of the active cell."""
        return self._canvas.all_viewports.index(self._canvas.active)

    @property
    def active_place(self) -> Place | None:
        """What the active cell shows, or will as soon as it is decoded."""
        return self._workspace.shown.get(self.active_cell)

    @property
    def active_series(self) -> OpenSeries | None:
        """The series in the active cell."""
        return self._workspace.series_of(self.active_place)

    def on_screen(self, cell: int) -> Place | None:
        """Return the place whose frame a cell really shows, None while another is on its way."""
        place = self._on_screen.get(cell)
        return place if place == self._workspace.shown.get(cell) else None

    def standing(self, cell: int) -> Place | None:
        """Return the place whose picture stands in a cell; where none does, that which it is to show."""
        asked = self._workspace.shown.get(cell)
        return None if asked is None else self._on_screen.get(cell, asked)

    def is_untouched(self, cell: int, place: Place) -> bool:
        """Return whether a cell shows a place just as it was shown first, and nobody has asked to go on from it."""
        viewport = self._canvas.all_viewports[cell]
        is_as_first = viewport.state == DisplayState() and viewport.region is None and not self._steps.get(cell)
        return is_as_first and self._workspace.shown.get(cell) == place

    def show(self, cell: int, place: Place) -> None:
        """Show a place in a cell; the old picture stays until the new one is decoded.

        A place that is there already and has no picture is tried again.
        """
        self._steps.pop(cell, None)
        if self._workspace.shown.get(cell) == place and self._has_picture(cell):
            return
        self._workspace.show(cell, place)
        if cell not in self._on_screen:
            series = self._workspace.series_of(place)
            self._canvas.all_viewports[cell].show_message(OPENING, 1 if series is None else len(series))
        self._ask(cell, place)

    def show_series(self, key: str) -> None:
        """Show the first image of a series in the active cell.

        Where the series is there already it stays where it is; an image that has no picture is tried again.
        """
        series, cell, place = self._workspace.series.get(key), self.active_cell, self.active_place
        if series is None:
            return
        if place is None or self._workspace.key_of(place) != key:
            self.show(cell, series.at(0))
        elif not self._has_picture(cell):
            self.show(cell, place)

    def scroll(self, step: int) -> None:
        """Go on by so many images in the active cell's series; the ends stop, and try no picture again.

        What is on its way is shown first, and then gone on from by all steps made meanwhile: if each step asked for
        another frame, a key held down would show none where they are decoded more slowly than it repeats.
        """
        cell, place, series = self.active_cell, self.active_place, self.active_series
        if place is None or series is None:
            return
        number = series.number_of(place)
        if self._frames.awaits(cell):
            steps = self._steps.get(cell, 0) + step
            self._steps[cell] = min(max(steps, -number), len(series) - 1 - number)
        elif (target := series.at(number + step)) != place:
            self.show(cell, target)

    def scroll_to(self, number: int) -> None:
        """Go to the image with that number; -1 is the last."""
        series = self.active_series
        if series is not None:
            self.show(self.active_cell, series.at(number if number >= 0 else len(series) - 1))

    def step_series(self, step: int) -> None:
        """Show the next or previous series in the active cell."""
        keys = list(self._workspace.series)
        key = self._workspace.key_of(self.active_place)
        if keys:
            now = keys.index(key) if key in keys else -step
            self.show_series(keys[(now + step) % len(keys)])

    def fill_cells(self) -> None:
        """Put the first series that stand nowhere into the cells that show nothing; nothing that is shown moves.

        Those of the patient in the active cell come first.
        """
        shown = {self._workspace.key_of(place) for place in self._workspace.shown.values()}
        others = [series for key, series in self._workspace.series.items() if key not in shown]
        mine = self._workspace.patient_in(self.active_cell)
        waiting = iter(sorted(others, key=lambda one: self._workspace.patient_of(one.stack.first.path) != mine))
        for cell, _ in enumerate(self._canvas.viewports):
            if cell not in self._workspace.shown and cell not in self._workspace.shown_objects:
                series = next(waiting, None)
                if series is None:
                    return
                self.show(cell, series.at(0))

    def show_again(self, is_concerned: Callable[[Place], bool]) -> None:
        """Show as at first what stands in the cells that are concerned: how it is to be looked at has changed."""
        for cell, place in self._workspace.shown.items():
            if is_concerned(place):
                if self.on_screen(cell) is not None:  # else what stands there is another one, and named as such
                    del self._on_screen[cell]
                self._looks.pop(cell, None)
                self._ask(cell, place)

    def draw_again(self) -> None:
        """Show what stands in the cells with what is to be drawn on it now."""
        for cell, place in self._workspace.shown.items():
            self._ask(cell, place)

    def reset(self, cell: int) -> None:
        """Show what a cell shows as at first; where its file stores no window it decides that of its series anew."""
        viewport, place = self._canvas.all_viewports[cell], self.on_screen(cell)
        viewport.set_region(None)
        viewport.reset()
        key = None if place is None or viewport.scene.presentation is not None else self._window_key(place)
        if key is None or viewport.frame is None or (window := series_window(viewport.frame)) is None:
            return
        self._windows[key] = window
        for other, shown in self._on_screen.items():
            view = self._canvas.all_viewports[other]
            if self._window_key(shown) == key and view.frame is not None and not view.frame.voi:
                view.set_own_voi(window)

    def leave(self, cell: int) -> None:
        """Show no picture in a cell."""
        self._frames.forget(cell)
        for memory in (self._on_screen, self._looks, self._steps):
            memory.pop(cell, None)
        self._canvas.all_viewports[cell].clear()
        self._workspace.show(cell, None)

    def clear(self) -> None:
        """Nothing is open."""
        for cell, viewport in enumerate(self._canvas.all_viewports):
            self._frames.forget(cell)
            viewport.clear()
        for memory in (self._on_screen, self._looks, self._steps, self._windows):
            memory.clear()

    def update_headers(self) -> None:
        """The text of files is read otherwise now: the corners say so, the pictures stay."""
        for cell, place in self._on_screen.items():
            image = self._workspace.image(place.image.path)
            if image is not None:
                self._on_screen[cell] = replace(place, image=image)
                self._canvas.all_viewports[cell].set_image(image)

    def update_positions(self) -> None:
        """Files came in: "3 / 12" may have become "5 / 40"."""
        for cell, asked in self._workspace.shown.items():
            place = self._on_screen.get(cell, asked)
            series = self._workspace.series_of(place)
            if series is not None:
                self._canvas.all_viewports[cell].set_position(_position(series, place), len(series))

    @Slot(object)
    def _on_frame(self, answer: FrameAnswer) -> None:
        place = self._workspace.shown.get(answer.slot)
        series = self._workspace.series_of(place)
        if place is None or series is None or place.reading_key != (answer.image.path, answer.frame_index):
            return
        viewport = self._canvas.all_viewports[answer.slot]
        before = self._looks.get(answer.slot)
        # each radiograph begins anew, but not each frame of a file
        goes_on = before is not None and before in series and (
            before.image.path == place.image.path or not answer.image.is_projection)
        if isinstance(answer.outcome, Refusal):
            self._on_screen.pop(answer.slot, None)
            viewport.show_message(refusal_text(answer.outcome), len(series))
            if not goes_on:  # else the next image of the series that has a picture is looked at as the last one was
                self._looks.pop(answer.slot, None)
                viewport.set_state(DisplayState())
        else:
            is_same = self._on_screen.get(answer.slot) == place
            look = self.presentation_of(place, answer.outcome)
            # what a state has turned or mirrored stays so on its own images alone
            keep = is_same or (goes_on and (answer.slot in self._presented) == (look is not None))
            region = viewport.region if is_same else None
            self._on_screen[answer.slot] = self._looks[answer.slot] = place
            (self._presented.discard if look is None else self._presented.add)(answer.slot)
            frame = answer.outcome if look is None else presented(answer.outcome, look)
            outlines = self.outlines_of(place, answer.outcome)
            if outlines:
                frame = replace(frame, annotations=(*frame.annotations, *outlines))
            own = None if look is not None else self._window_of(place, frame)  # else the state says how
            viewport.show_frame(place.image, frame, _position(series, place), len(series), keep, own, look)
        self.frame_shown.emit(answer.slot)
        if isinstance(answer.outcome, Refusal):
            self.frame_refused.emit(answer.slot, answer.outcome)
        elif region is not None:
            viewport.set_region(region)
        self._go_on(answer.slot, place, series)
        self._look_ahead(series, place)

    def _ask(self, cell: int, place: Place) -> None:
        self._frames.ask(cell, place.image, place.frame_index)

    def _has_picture(self, cell: int) -> bool:
        """Return whether a cell has the picture of what it is to show, or may have it soon."""
        return self.on_screen(cell) is not None or self._frames.awaits(cell)

    def _go_on(self, cell: int, place: Place, series: OpenSeries) -> None:
        """Make the steps that were asked for while a place was on its way."""
        steps = self._steps.pop(cell, 0)
        if steps and self._workspace.shown.get(cell) == place:
            self.show(cell, series.at(series.number_of(place) + steps))

    def _window_key(self, place: Place) -> str | Path | None:
        """By what the images that share an automatic window are known: a series, or each radiograph by itself."""
        return place.image.path if place.image.is_projection else self._workspace.key_of(place)

    def _window_of(self, place: Place, frame: Frame) -> Window | None:
        """Return the window of a series whose files store none: one for all, or it would change with each slice.

        A frame of which it shows next to nothing has it made anew.
        """
        key = self._window_key(place)
        if key is None or frame.voi or frame.is_color:
            return None
        kept = self._windows.get(key)
        if (kept is None or not shows(frame, kept)) and (window := series_window(frame)) is not None:
            self._windows[key] = window
        return self._windows.get(key)

    def _look_ahead(self, series: OpenSeries, place: Place) -> None:
        number, (key, before) = series.number_of(place), self._looked_from
        step = number - before if key == series.key else 0
        self._looked_from = series.key, number
        places = [series.at(one) for one in look_ahead(number, len(series), step)]
        self._frames.prefetch((one.image, one.frame_index) for one in places)


def _position(series: OpenSeries, place: Place) -> str:
    """Return such as "3 / 12": with the order, where a reader chose another, and with an uneven gap beside it."""
    number, is_sorted = series.number_of(place), series.stack.order is not Order.POSITION
    beside = (gap_text(gap.gap_mm, gap.usual_mm, gap.index < number) for gap in series.gaps
              if not is_sorted and gap.index in (number - 1, number))
    return " · ".join([f"{number + 1} / {len(series)}", *[f"by {series.stack.order}"] * is_sorted, *beside])
