"""One cell that shows one frame: what is asked of it, what it tells, and the way of events to paint."""

from dataclasses import replace

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QCursor,
    QEnterEvent,
    QFocusEvent,
    QHelpEvent,
    QHideEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from core.imaging.display_state import DisplayState
from core.imaging.image import Frame, Image, Voi
from core.imaging.layers import SegmentMask, ValueMap, layers_text
from core.imaging.placement import FloatGrid, Placement
from core.imaging.presentation import Presentation, presented_state
from core.imaging.probe import value_text
from core.imaging.region import Region, Shape
from core.imaging.view_transform import Size, ViewTransform, panned, zoomed
from gui.canvas.corner_text import LEVELS, Level
from gui.canvas.mouse import Mouse
from gui.canvas.paint_order import PAINT_ORDER
from gui.canvas.paint_words import cut_corner, reading_box
from gui.canvas.scene import Scene
from gui.elided_label import plain_tip
from gui.screen_size import device_pixel_mm


class Viewport(QWidget):
    """Shows a frame with its overlays; painted in software, exact to the device pixel, on black."""

    state_changed = Signal(object)  # DisplayState
    pointer_moved = Signal(str)  # "value 8 214 at 1032, 611", "" outside
    scrolled = Signal(int)  # +1: the next image is wanted
    maximize_asked = Signal()
    activated = Signal()
    region_changed = Signal(object)  # Region or None
    frame_painted = Signal()  # a newly shown frame was painted for the first time
    context_menu_asked = Signal(QPoint)  # in this widget's coordinates, as customContextMenuRequested

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(120, 120)
        self.setAccessibleName("Image view")
        self.drag_up_is_brighter = True
        self.region_shape = Shape.ELLIPSE
        self.image_count = 1
        self.can_maximize = True  # where there are other cells; else a double-click is two presses
        self._scene = Scene()
        self._mouse = Mouse(self)
        self._is_unpainted = False
        self._likeness: tuple[Size, bool] = (0, 0), False  # of the frame that was shown last
        self._given: tuple[object, object] = None, None  # the zoom and center that a presentation state gave
        self._refiner = QTimer(self, interval=0, singleShot=True)  # once a draft is painted and nothing else waits
        self._refiner.timeout.connect(self._refine)
        self._describe()

    # what is shown

    def show_frame(
        self, image: Image, frame: Frame, position: str = "1 / 1", image_count: int = 1, keep_state: bool = False,
        own_voi: Voi | None = None, presentation: Presentation | None = None,
    ) -> None:
        """Show a frame; `position` is its place in its series, which holds `image_count` images.

        `keep_state` keeps zoom, pan, rotation and the user's window, as within a series; a frame of another size is
        fitted, and one that a presentation state shows otherwise than the last one begins as that says. `own_voi` is
        what is applied where the user has chosen nothing, None is the frame's default. `presentation` is the state
        that `frame` is shown by. The last frame's map, region and reading line go, so that they never stand over
        another image.
        """
        self._mouse.cancel()
        had_region = self._scene.region is not None
        before = self._first_state()
        self._scene.show(image, frame, position, own_voi, presentation)
        self.image_count = image_count
        self._is_unpainted = True
        if had_region:
            self.region_changed.emit(None)
        if keep_state and self._first_state() == before:
            self._go_on(frame)
        else:
            self.reset()
        self._likeness = _likeness(frame)
        self._describe()
        self._tell_pointer()
        self.update()

    def set_image(self, image: Image) -> None:
        """Say anew what the shown frame's file says of itself: its text is read otherwise now."""
        if self._scene.frame is not None:
            self._scene.image = image
            self._describe()
            self.update()

    def set_position(self, position: str, image_count: int) -> None:
        """Say anew where the shown frame stands in its series, which has grown."""
        self._scene.position, self.image_count = position, image_count
        self._describe()
        self.update()

    def show_message(self, text: str, image_count: int = 1) -> None:
        """Show no frame but a sentence: what is awaited, or why there is nothing to see.

        The wheel goes on through the series, which holds `image_count` images; how it is looked at stays.
        """
        self._mouse.cancel()
        had_region = self._scene.region is not None
        self._scene.clear()
        self._scene.message = text
        self.image_count = image_count
        if had_region:
            self.region_changed.emit(None)
        self._describe()
        self._tell_pointer()
        self.update()

    def clear(self) -> None:
        """Show nothing."""
        self.show_message("")
        self.set_state(DisplayState())

    @property
    def image(self) -> Image | None:
        """The image whose frame is shown."""
        return self._scene.image

    @property
    def frame(self) -> Frame | None:
        """The frame that is shown."""
        return self._scene.frame

    @property
    def scene(self) -> Scene:
        """All that is shown, to read."""
        return self._scene

    # how it is looked at

    @property
    def state(self) -> DisplayState:
        """Window, inversion, zoom, pan, rotation and flip."""
        return self._scene.state

    def set_state(self, state: DisplayState) -> None:
        """Look at the frame in another way."""
        before = self._scene.state
        if state != before:
            self._scene.state = state
            self.update()
            self.state_changed.emit(state)
            if _place(state) != _place(before):
                self._tell_pointer()

    @property
    def shown_voi(self) -> Voi:
        """The VOI transform that is applied: the state's, else that of `show_frame`."""
        return self._scene.voi

    def set_voi(self, voi: Voi | None) -> None:
        """Apply a window or VOI LUT; None is what is applied where the user has chosen nothing."""
        self.set_state(replace(self.state, voi=voi))

    def set_own_voi(self, voi: Voi) -> None:
        """Say anew what is applied where the user has chosen nothing. Only with a frame."""
        self._scene.own_voi = voi
        self.update()

    def fit(self) -> None:
        """Show the whole image, as large as it goes."""
        self.set_state(replace(self.state, zoom=None, center=None))

    def one_to_one(self) -> None:
        """Show one image pixel on one device pixel, about the view's middle."""
        if self.frame is not None:
            self.zoom_by(1.0 / self.transform.zoom)

    def zoom_by(self, factor: float, at: QPointF | None = None) -> None:
        """Zoom about a point in logical pixels of this view, the middle where none is given."""
        if self.frame is None:
            return
        point = QPointF(self.width() / 2, self.height() / 2) if at is None else at
        view, aspect = self.transform, self.frame.pixel_aspect
        self.set_state(zoomed(self.state, view, aspect, view.zoom * factor, self._device_point(point)))

    def pan_by(self, dx: float, dy: float) -> None:
        """Move the image by so many logical pixels."""
        if self.frame is not None:
            view, ratio = self.transform, self._scene.pixel_ratio
            self.set_state(panned(self.state, view, dx * ratio, dy * ratio))

    def invert(self) -> None:
        """Turn the user's inversion on or off."""
        self.set_state(replace(self.state, invert=not self.state.invert))

    def reset(self) -> None:
        """Look at the frame as at first: as its presentation state says, where it has one."""
        state = self._first_state()
        self._given = state.zoom, state.center
        self.set_state(state)

    def scroll_by(self, step: int) -> None:
        """Ask for another image of the series, +1 for the next."""
        if self.image_count > 1:
            self.scrolled.emit(step)

    # what lies over it

    def set_heat(self, heat: FloatGrid | None, placement: Placement | None, label: str = "") -> None:
        """Lay a heat map, (rows, columns) of the network's grid, 0-1, over the image; None takes it away."""
        if heat is not None and placement is None:
            raise ValueError("a heat map needs its placement")
        self._scene.set_heat(heat, placement, label)
        self.update()

    def set_heat_opacity(self, opacity: float) -> None:
        """Set the heat map's opacity, 0-1."""
        self._scene.heat_opacity = min(max(opacity, 0.0), 1.0)
        self.update()

    def set_heat_hidden(self, hidden: bool) -> None:
        """Look without the heat map for a while."""
        self._scene.heat_hidden = hidden
        self.update()

    def set_overlays_hidden(self, hidden: bool) -> None:
        """Look without the graphics that files lay over their pictures."""
        self._scene.overlays_hidden = hidden
        self.update()

    def set_layers(self, segments: tuple[SegmentMask, ...], value_map: ValueMap | None, is_map_alone: bool) -> None:
        """Lay segments and a map of values over the image; `is_map_alone`: the image is the map's own."""
        self._scene.set_layers(segments, value_map, is_map_alone)
        self._tell_pointer()
        self.update()

    def set_layer_opacity(self, opacity: float) -> None:
        """Set the opacity of segments and maps of values, 0-1."""
        self._scene.layer_opacity = min(max(opacity, 0.0), 1.0)
        self.update()

    def set_layers_hidden(self, hidden: bool) -> None:
        """Look without segments and maps of values."""
        self._scene.layers_hidden = hidden
        self._tell_pointer()
        self.update()

    @property
    def heat_is_visible(self) -> bool:
        """Whether a heat map is drawn."""
        return self._scene.has_visible_heat

    @property
    def region(self) -> Region | None:
        """The drawn region."""
        return self._scene.region

    def set_region(self, region: Region | None) -> None:
        """Draw a region, or none; its share is unknown until it is set."""
        if region != self._scene.region:
            self._scene.region, self._scene.region_share = region, ""
            self.update()
            self.region_changed.emit(region)

    def set_region_share(self, text: str) -> None:
        """Write beside the region what it holds, such as "63 % of the score"."""
        self._scene.region_share = text
        self.update()

    def set_reading_line(self, text: str, words: str = "") -> None:
        """Write the state of the reading at the bottom, in few `words` where the view has no room for the text."""
        self._scene.reading_line, self._scene.reading_words = text, words or text
        self._describe()
        self.update()

    @property
    def corner_level(self) -> Level:
        """How much the corners say."""
        return self._scene.corner_level

    def set_corner_level(self, level: Level) -> None:
        """Let the corners say all ("full"), the lossy mark ("minimal"), or nothing; orientation letters stay."""
        if level not in LEVELS:
            raise ValueError(f"{level!r} is none of {LEVELS}")
        self._scene.corner_level = level
        self.update()

    def set_border(self, visible: bool) -> None:
        """Draw the border of the active cell."""
        self._scene.has_border = visible
        self.update()

    @property
    def tool(self) -> str:
        """The left button's tool: "window", "zoom", "pan", "region" or "scroll"."""
        return self._mouse.left_tool

    @tool.setter
    def tool(self, name: str) -> None:
        self._mouse.set_left_tool(name)

    # where things are

    def image_point(self, at: QPointF) -> tuple[float, float]:
        """Return the image position under a point in logical pixels of this view. Only with a frame."""
        return self.transform.to_image(*self._device_point(at))

    @property
    def transform(self) -> ViewTransform:
        """Image to device pixels of this view, as it is looked at. Only with a frame."""
        self._measure()
        return self._scene.transform

    def _device_point(self, at: QPointF) -> tuple[float, float]:
        return at.x() * self.devicePixelRatioF(), at.y() * self.devicePixelRatioF()

    def _first_state(self, rotation: int | None = None) -> DisplayState:
        """Return how the frame is looked at as at first, or where a reader has turned it by `rotation`."""
        scene = self._scene
        if scene.frame is None or scene.presentation is None:
            return DisplayState()
        self._measure()
        return presented_state(scene.frame, scene.presentation, scene.device_size, scene.screen_mm, rotation)

    def _go_on(self, frame: Frame) -> None:
        """Look at a new frame as at the last one, as far as they are alike."""
        (size, is_bytes), (last_size, were_bytes) = _likeness(frame), self._likeness
        if size != last_size:
            first = self._first_state()
            self._given = first.zoom, first.center
            self.set_state(replace(self.state, zoom=first.zoom, center=first.center))
        if is_bytes != were_bytes:  # a window over the one says nothing of the other
            self.set_voi(None)
        self._follow_area()

    def _follow_area(self) -> None:
        """Show what the presentation state shows, where the reader left it so: the view or its screen has changed."""
        if self._scene.presentation is not None and (self.state.zoom, self.state.center) == self._given:
            now = self._first_state(self.state.rotation)
            self._given = now.zoom, now.center
            self.set_state(replace(self.state, zoom=now.zoom, center=now.center))

    def _tell_pointer(self, at: QPointF | None = None) -> None:
        """Tell what is under the pointer, and nothing where it is over another cell: that one tells."""
        if at is None:
            if not self.underMouse():
                return
            at = QPointF(self.mapFromGlobal(QCursor.pos()))
        text = ""
        if self.frame is not None:
            point = self.image_point(at)
            over = layers_text(self._scene.visible_segments, self._scene.visible_map, *point)
            text = " · ".join(filter(None, (value_text(self.frame, *point), over)))
        self.pointer_moved.emit(text)

    def _describe(self) -> None:
        """Tell screen readers what is shown, without anything of the patient."""
        scene = self._scene
        shown = scene.message or "empty"
        if scene.image is not None:
            shown = f"{scene.image.header.modality or scene.image.kind} image {scene.position}"
        self.setAccessibleDescription(". ".join(part for part in (shown, scene.reading_line) if part))

    # events

    def paintEvent(self, event: QPaintEvent) -> None:
        self._measure()
        painter = QPainter(self)
        for paint in PAINT_ORDER:
            paint(painter, self._scene)
        self._mouse.paint(painter)
        painter.end()
        if self._scene.picture.is_draft:
            self._refiner.start()
        if self._is_unpainted and self.frame is not None:
            self._is_unpainted = False
            QTimer.singleShot(0, self, self.frame_painted.emit)  # listeners must not work inside a paint

    def _refine(self) -> None:
        """Replace a draft."""
        if self._scene.picture.is_draft:
            self._scene.picture.refine()
            self.update()

    def _measure(self) -> None:
        self._scene.size = self.width(), self.height()
        self._scene.pixel_ratio = self.devicePixelRatioF()
        look = self._scene.presentation
        if look is not None and look.true_spacing_mm is not None:
            self._scene.screen_mm = device_pixel_mm(self.screen())

    def event(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.DevicePixelRatioChange, QEvent.Type.ScreenChangeInternal):
            self._follow_area()
            self.update()
        if isinstance(event, QNativeGestureEvent) and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
            self.zoom_by(1.0 + event.value(), event.position())
            return True
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            return self._tell_words(event)
        return super().event(event)

    def _tell_words(self, event: QHelpEvent) -> bool:
        """Tell all of what stands under the pointer: a reading line may be short or cut, a corner's lines cut."""
        at, line = QPointF(event.pos()), reading_box(self._scene)
        is_line = line is not None and line.contains(at)
        text = self._scene.reading_line if is_line else cut_corner(self._scene, at)
        QToolTip.showText(event.globalPos(), plain_tip(text), self)
        return True

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.activated.emit()
        self._mouse.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._mouse.move(event)
        self._tell_pointer(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._mouse.release(event):
            self.context_menu_asked.emit(event.position().toPoint())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.activated.emit()
        if event.button() == Qt.MouseButton.LeftButton and self.can_maximize:
            self.maximize_asked.emit()
        else:
            self._mouse.press(event)  # Qt sends this in place of the second press

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._mouse.wheel(event)
        event.accept()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        # the right button zooms, so its menu is asked for at the release of a click
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            self.context_menu_asked.emit(self.rect().center())

    def enterEvent(self, event: QEnterEvent) -> None:
        self._tell_pointer(event.position())

    def leaveEvent(self, event: QEvent) -> None:
        self.pointer_moved.emit("")

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._follow_area()
        self._tell_pointer()

    def hideEvent(self, event: QHideEvent) -> None:
        self._mouse.stop()

    def focusInEvent(self, event: QFocusEvent) -> None:
        is_tab = event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        # who clicks knows where
        self._scene.has_focus_ring = is_tab or event.reason() == Qt.FocusReason.ShortcutFocusReason
        self.update()
        if is_tab:
            self.activated.emit()  # what the keys act on is where the keyboard is

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._scene.has_focus_ring = False
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(640, 640)


def _likeness(frame: Frame) -> tuple[Size, bool]:
    """What of a frame decides whether zoom and pan, and a window, of another one are good for it: size, and depth."""
    return (frame.columns, frame.rows), frame.stored.dtype == np.uint8


def _place(state: DisplayState) -> tuple[object, ...]:
    """What of a state decides which image point lies under a point of the view."""
    return state.zoom, state.center, state.rotation, state.flip
