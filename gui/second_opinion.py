"""Brings readings to the eye: asks for what is looked at, fills the panel, puts maps over the pictures."""

from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from core.findings.finding import Finding, Reading
from core.findings.wording import AI_READING, MAP_CAPTION, state_text, state_words, waiting_text
from core.imaging.region import Region
from core.reading.heatmap import share_of_region
from core.refusal import Refusal
from core.studies.study import examination_key
from gui.canvas.canvas import Canvas, holds_keyboard
from gui.first_look import FirstLook
from gui.open_series import Place
from gui.panels.findings_panel import FindingsPanel
from gui.showing import Showing
from gui.threads.reading_thread import ReadingKey, ReadingThread
from gui.workspace import Workspace

SETTLE_MS = 120  # a reading is asked for when the wheel has rested this long
OPENING_MS = 300  # an image that takes longer to come is said to be opened; sooner the panel would flicker
PEEK_HINT = f"{MAP_CAPTION} · hold Q to look without it"
HELD_LINE, HELD_WORDS = "AI: read · Q shows the findings", "AI: read"  # where they wait until the reader has looked


class SecondOpinion(QObject):
    """Which reading is shown and whose map is drawn. A map of a finding below threshold needs a wish of its own.

    What is read is what was asked for; what is shown and chosen belongs to the picture that can be seen, which may be
    another one until that is decoded. Where the reader wants to look first, findings wait until they are asked for.
    """

    map_switched = Signal(bool)  # maps are drawn from now on, or not
    held_changed = Signal()  # other findings are held back than before

    def __init__(
        self, workspace: Workspace, showing: Showing, canvas: Canvas, panel: FindingsPanel, reading: ReadingThread,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._workspace, self._showing, self._canvas = workspace, showing, canvas
        self._panel, self._reading = panel, reading
        self._chosen: dict[ReadingKey, int] = {}  # whose finding's map, where it is not the first above threshold
        self._below: set[ReadingKey] = set()  # frames where the map of a finding below threshold was asked for
        self._labels: dict[ReadingKey, tuple[str, ...]] = {}  # the findings that these two were chosen among
        self._pictures: dict[int, Place] = {}  # cell -> whose frame was drawn there last
        self._cancelled: set[ReadingKey] = set()
        self._regions: dict[int, Region] = {}
        self._panel_shows: tuple[object, ...] = ()
        self._first_look = FirstLook()
        self._is_map_on = True
        self.is_peeking = False
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MS)
        self._settle.timeout.connect(self._ask)
        self._is_waiting = False  # for a picture, while another one stands there
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(OPENING_MS)
        self._patience.timeout.connect(self.refresh)
        showing.frame_shown.connect(self._on_frame_shown)
        canvas.arranged.connect(self._note_seen)
        panel.finding_chosen.connect(self._on_finding_chosen)
        panel.below_asked.connect(self.toggle_below)
        panel.retry_asked.connect(self.read_again)
        panel.age_stated.connect(self.state_age)
        panel.findings_asked.connect(self.show_findings)

    # what is read

    def look_elsewhere(self) -> None:
        """What is looked at changed: drop the old request, ask for the new one when the hand rests."""
        place = self._showing.active_place
        if place is None or place.reading_key != self._reading.running_key:
            self._reading.cancel_ask()
        if place is not None and place.reading_key not in self._workspace.readings:
            self._settle.start()
        waits = self._looked_at() != place
        if waits and not self._is_waiting:  # not anew at each step on: the panel would go to and fro
            self._patience.start()
        self._is_waiting = waits
        self.refresh()

    def read_again(self) -> None:
        """Read what is looked at anew."""
        place = self._looked_at()
        if place is None:
            return
        self._forget_reading(place.reading_key)
        if place.frame_index == 0 and self._workspace.may_read:
            self._reading.enqueue([place.image])  # its row waits: whoever looks on now does not take its turn away
        self._ask()
        self.refresh()

    @Slot(object)
    def state_age(self, years: float | None) -> None:
        """A person states the patient's age: read anew what was read of this study without knowing it."""
        place = self._looked_at()
        if place is None:
            return
        examination = examination_key(place.image)
        self._reading.state_age(examination, years)
        wanting = self._workspace.wanting_age(examination)
        for image in wanting:  # what was said without the age is said no more, also where this is cancelled
            self._forget_reading((image.path, 0))
        self._reading.ask(place.image, place.frame_index)
        self._reading.enqueue(wanting)
        self.refresh()

    def cancel(self) -> None:
        """Stop reading; what waits is not read, and its rows say so."""
        self._settle.stop()
        place = self._showing.active_place
        if place is not None and place.reading_key not in self._workspace.readings:
            self._cancelled.add(place.reading_key)
        self._workspace.cancel_waiting(self._reading.cancel())
        self.refresh()

    def read_cancelled(self) -> None:
        """Read what was cancelled, what is looked at first."""
        self._cancelled.clear()
        self._reading.enqueue(self._workspace.resume())
        self._ask()
        self.refresh()

    @property
    def has_cancelled(self) -> bool:
        """Whether anything was cancelled and not read since."""
        return bool(self._workspace.cancelled or self._cancelled)

    @property
    def is_asking(self) -> bool:
        """Whether a reading of what is looked at is to come."""
        place = self._showing.active_place
        return place is not None and place.reading_key not in self._workspace.readings and (
            self._settle.isActive() or self._reading.running_key == place.reading_key
            or self._reading.position(place.reading_key) is not None
        )

    @Slot()
    def _ask(self) -> None:
        place = self._showing.active_place
        if place is None or isinstance(self._workspace.model, Refusal) or place.reading_key in self._cancelled:
            return
        if place.reading_key not in self._workspace.readings:
            self._reading.ask(place.image, place.frame_index)
        self.refresh()

    # what is shown

    @Slot()
    def refresh(self) -> None:
        """Bring panel and cells up to date."""
        self._refresh_panel()
        for cell, viewport in enumerate(self._canvas.all_viewports):
            place = self._pictured(cell)
            if place is not None and viewport.scene.reading_line != (line := self._line(place))[0]:
                viewport.set_reading_line(*line)  # paints the picture, so only where it says something new

    def reading_arrived(self, reading: Reading) -> None:
        """A reading is in the workspace: show it where its image is shown."""
        key, labels = (reading.path, reading.frame_index), tuple(finding.label for finding in reading.findings)
        self._cancelled.discard(key)
        if self._labels.get(key, labels) != labels:  # asked of other findings: at another age, say
            self._chosen.pop(key, None)
            self._below.discard(key)
        self._labels[key] = labels
        self._show_maps(key)
        self.refresh()

    def current_reading(self) -> Reading | None:
        """Return the reading of what is looked at."""
        place = self._looked_at()
        return None if place is None else self._workspace.readings.get(place.reading_key)

    def shown_finding(self, place: Place) -> int | None:
        """Return the number of the finding whose map belongs over a place, None where none does."""
        reading = self._seen_reading(place)
        if reading is None or not reading.findings or reading.placement is None:
            return None
        findings, wants_below = reading.findings, place.reading_key in self._below
        above = [number for number, finding in enumerate(findings) if finding.above]
        chosen = self._chosen.get(place.reading_key, -1)
        if chosen in above or (wants_below and 0 <= chosen < len(findings)):
            return chosen
        below = [number for number in range(len(findings)) if number not in above]
        alone = [number for number in above if not findings[number].given]
        offered = below if wants_below and below else alone
        return max(offered, key=lambda number: findings[number].probability, default=None)

    @property
    def is_below_shown(self) -> bool:
        """Whether the map that belongs over what is looked at is one of a finding below its threshold."""
        place, reading = self._looked_at(), self.current_reading()
        number = self.shown_finding(place) if place is not None else None
        return reading is not None and number is not None and not reading.findings[number].above

    def toggle_below(self) -> None:
        """Draw the map of a finding below threshold, or take it away."""
        place = self._looked_at()
        if place is None or self._seen_reading(place) is None:
            return
        key = place.reading_key
        if self.is_below_shown:
            self._below.discard(key)
        else:
            if self.shown_finding(place) == self._chosen.get(key):
                self._chosen.pop(key, None)  # it is above threshold, and would be shown on
            self._below.add(key)
        self._show_maps(key)
        self.refresh()

    @property
    def is_map_on(self) -> bool:
        """Whether maps are drawn; not where that of what is looked at is held back."""
        return self._is_map_on and not self.is_held_back

    def set_map_on(self, on: bool) -> None:
        """Show or hide all maps; those that are held back stay so."""
        self._is_map_on = on
        self.map_switched.emit(on)
        self._apply_hiding()

    def peek(self, peeking: bool) -> None:
        """Look without the maps while a key is held."""
        self.is_peeking = peeking
        self._apply_hiding()

    # what waits until the reader has looked

    @property
    def is_held_back(self) -> bool:
        """Whether the findings in what is looked at are held back."""
        return self._first_look.holds_back(self.current_reading())

    def holds_back(self, path: Path) -> bool:
        """Return whether the findings in the first frame of a file are held back."""
        return self._first_look.holds_back(self._workspace.readings.get((path, 0)))

    @Slot()
    def show_findings(self) -> None:
        """The reader has looked and asks: show what was found in what is looked at, now and from now on."""
        place = self._looked_at()
        if place is not None and self.is_held_back:
            self._first_look.add_seen(place.reading_key)
            self._show_maps(place.reading_key)
            self.refresh()
            self.held_changed.emit()

    def reveal(self) -> None:
        """The reader has looked and asks for the map: show what was found with it."""
        self.show_findings()
        self.set_map_on(True)

    def set_after_look(self, after_look: bool) -> None:
        """Hold findings back until they are asked for, or show them as soon as they are there; what was seen stays."""
        self._first_look.is_on = after_look
        for cell in range(len(self._canvas.all_viewports)):
            if (place := self._pictured(cell)) is not None:
                self._show_map(cell, place)
        self.refresh()
        self.held_changed.emit()

    def stop(self) -> None:
        """Ask for nothing more; the window is closing."""
        self._settle.stop()
        self._patience.stop()

    def forget(self) -> None:
        """Everything was closed."""
        self._settle.stop()
        self._patience.stop()
        for memory in (self._chosen, self._below, self._labels, self._cancelled, self._regions, self._pictures):
            memory.clear()
        self._first_look.forget()
        self._is_waiting = False
        self._reading.forget_ages()
        self.refresh()

    def region_drawn(self, cell: int, region: Region | None) -> None:
        """A region was drawn, moved or taken away: say what part of the score comes from it."""
        if region is None:
            self._regions.pop(cell, None)
        else:
            self._regions[cell] = region
        self._show_share(cell)

    # inside

    def _forget_reading(self, key: ReadingKey) -> None:
        self._cancelled.discard(key)
        self._workspace.forget_reading(key)
        self._show_maps(key)

    def _seen_reading(self, place: Place) -> Reading | None:
        """Return the reading of a place, None where it is held back."""
        reading = self._workspace.readings.get(place.reading_key)
        return None if self._first_look.holds_back(reading) else reading

    def _pictured(self, cell: int) -> Place | None:
        """Return the place whose picture stands in a cell: while another is awaited, that of the one before."""
        place = self._showing.on_screen(cell)
        if place is None and cell in self._workspace.shown and self._canvas.all_viewports[cell].frame is not None:
            place = self._pictures.get(cell)
        return place

    def _looked_at(self) -> Place | None:
        """Return the place whose picture stands in the active cell; without a picture, that which was asked for."""
        return self._pictured(self._showing.active_cell) or self._showing.active_place

    @Slot(int)
    def _on_frame_shown(self, cell: int) -> None:
        place = self._showing.on_screen(cell)
        self._regions.pop(cell, None)
        if place is None:
            self._pictures.pop(cell, None)
        else:
            self._pictures[cell] = place
            self._show_map(cell, place)
        self._is_waiting = self._looked_at() != self._showing.active_place
        self.refresh()

    @Slot(int)
    def _on_finding_chosen(self, number: int) -> None:
        place = self._looked_at()
        if place is None or self.current_reading() is None:
            return
        self._chosen[place.reading_key] = number
        self._show_maps(place.reading_key)
        self.refresh()

    def _show_maps(self, key: ReadingKey) -> None:
        """Show the map, or that there is none, wherever a frame is shown."""
        for cell in range(len(self._canvas.all_viewports)):
            place = self._pictured(cell)
            if place is not None and place.reading_key == key:
                self._show_map(cell, place)

    def _show_map(self, cell: int, place: Place) -> None:
        viewport = self._canvas.all_viewports[cell]
        number, reading = self.shown_finding(place), self._seen_reading(place)
        self._note_seen()
        if number is None or reading is None:
            viewport.set_heat(None, None, "")
        else:
            finding = reading.findings[number]
            viewport.set_heat(finding.heat(), reading.placement, _map_label(finding))
        self._apply_hiding()
        self._show_share(cell)

    @Slot()
    def _note_seen(self) -> None:
        """What is shown in a cell that can be seen was seen; a reading without findings shows none."""
        for cell in self._canvas.cells_in_view:
            place = self._pictured(cell)
            reading = None if place is None else self._seen_reading(place)
            if place is not None and reading is not None and reading.findings:
                self._first_look.add_seen(place.reading_key)

    def _apply_hiding(self) -> None:
        for viewport in self._canvas.all_viewports:
            viewport.set_heat_hidden(self.is_peeking or not self._is_map_on)
        self.refresh()

    def _show_share(self, cell: int) -> None:
        place, region = self._pictured(cell), self._regions.get(cell)
        text = ""
        if place is not None and region is not None:
            text = self._share_text(place, region)
        self._canvas.all_viewports[cell].set_region_share(text)
        if cell == self._showing.active_cell:
            self._panel.show_region(text)

    def _share_text(self, place: Place, region: Region) -> str:
        reading = self._seen_reading(place)
        if reading is None or not reading.findings or reading.placement is None:
            return ""
        number = self.shown_finding(place)
        if number is None:  # a share can be asked for without drawing the map
            number = max(range(len(reading.findings)), key=lambda one: reading.findings[one].probability)
        return share_of_region(reading.findings[number], reading.placement, region).text

    def _line(self, place: Place) -> tuple[str, str]:
        """The one line at the bottom of a cell, and the same in few words."""
        reading = self._workspace.readings.get(place.reading_key)
        if self._first_look.holds_back(reading):
            return HELD_LINE, HELD_WORDS
        if reading is not None:
            draws = self.shown_finding(place) is not None and self._is_map_on
            return (PEEK_HINT, MAP_CAPTION) if draws else (state_text(reading), state_words(reading))
        if self._reading.running_key == place.reading_key:
            return AI_READING, AI_READING
        position = self._reading.position(place.reading_key)
        waiting = waiting_text(position) if position is not None and self._workspace.can_read else ""
        return waiting, waiting

    def _refresh_panel(self) -> None:
        """Show the one state of what is looked at; the panel is built anew only when that changed."""
        place, reading, model = self._looked_at(), self.current_reading(), self._workspace.model
        key, asked = place.reading_key if place is not None else None, self._showing.active_place
        # the picture before still stands there: what was said of it does so, too, for as long as that is no wait
        opening = asked is not None and asked.reading_key != key and not self._patience.isActive()
        running = key is not None and self._reading.running_key == key
        place_in_line = self._reading.position(key) if key is not None else None
        # what was cancelled may wait again: its file was opened once more
        cancelled, position = key in self._cancelled and place_in_line is None and not running, place_in_line or 1
        # two cells may show one film, each with a region of its own
        cell = self._showing.active_cell
        held = self._first_look.holds_back(reading)
        state = (cell, key, reading, model, running, cancelled, position if reading is None else 0, opening, held)
        had_keyboard = holds_keyboard(self._panel)
        if state != self._panel_shows:
            self._panel_shows = state
            if reading is None and isinstance(model, Refusal):
                self._panel.show_off(model)
            elif place is None:
                self._panel.show_nothing()
            elif opening:
                self._panel.show_opening()
            elif held:
                self._panel.show_held_back()
            elif reading is not None:
                self._panel.show_reading(reading)
            elif cancelled:
                self._panel.show_not_read()
            elif running:
                self._panel.show_reading_now()
            else:
                self._panel.show_waiting(position)
            self._show_share(cell)
        self._panel.mark_finding(self.shown_finding(place) if place is not None else None, self.is_below_shown)
        if had_keyboard and not holds_keyboard(self._panel):  # it went with what was hidden, to whatever Tab comes to
            self._canvas.take_keyboard()


def _map_label(finding: Finding) -> str:
    return finding.label if finding.above else f"{finding.label}, below threshold"
