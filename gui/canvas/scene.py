"""What a viewport shows, as plain values: painting reads it, the viewport changes it."""

import operator
from dataclasses import dataclass, field
from functools import partial

from core.imaging.adjust import COLOR_WINDOW
from core.imaging.display_state import DisplayState
from core.imaging.graphics import overlay_on_view, shutter_on_view
from core.imaging.image import EdgeLetters, Frame, Image, Voi
from core.imaging.layers import SegmentMask, ValueMap, segments_on_view, values_on_view
from core.imaging.overlay import heat_on_view
from core.imaging.placement import FloatGrid, Placement
from core.imaging.presentation import Presentation
from core.imaging.region import Region
from core.imaging.render import default_voi
from core.imaging.view_transform import Size, ViewTransform, view_transform
from gui.canvas.corner_text import Corners, Level, corner_lines
from gui.canvas.screen_images import Drawn, ScreenLayer, ScreenPicture


@dataclass
class Scene:
    """One frame with all that lies over it; `size` is the view's in logical pixels, `pixel_ratio` device for each."""

    image: Image | None = None
    frame: Frame | None = None
    position: str = ""
    own_voi: Voi = COLOR_WINDOW  # what is applied where the reader has chosen nothing
    presentation: Presentation | None = None  # the state that the frame is shown by
    screen_mm: float | None = None  # the size of a device pixel, where a true size asks for it
    state: DisplayState = field(default_factory=DisplayState)
    heat: FloatGrid | None = None
    placement: Placement | None = None
    heat_label: str = ""
    heat_opacity: float = 0.6
    heat_hidden: bool = False
    overlays_hidden: bool = False
    segments: tuple[SegmentMask, ...] = ()
    value_map: ValueMap | None = None
    is_map_alone: bool = False  # the picture is the map's own: nothing is to be seen beneath it
    layer_opacity: float = 0.4
    layers_hidden: bool = False
    region: Region | None = None
    region_share: str = ""
    reading_line: str = ""
    reading_words: str = ""  # the same in few words, where the line has no room
    message: str = ""
    corner_level: Level = "full"
    has_border: bool = False
    has_focus_ring: bool = False
    size: Size = (1, 1)
    pixel_ratio: float = 1.0
    picture: ScreenPicture = field(default_factory=ScreenPicture)
    heat_picture: ScreenLayer = field(default_factory=ScreenLayer)
    overlay_picture: ScreenLayer = field(default_factory=ScreenLayer)
    shutter_picture: ScreenLayer = field(default_factory=ScreenLayer)
    segment_picture: ScreenLayer = field(default_factory=ScreenLayer)
    value_picture: ScreenLayer = field(default_factory=ScreenLayer)
    _said: tuple[object, ...] = (None,)
    _corners: Corners = field(default_factory=Corners)
    _lettered: tuple[object, ...] = (None, None)
    _letters: EdgeLetters | None = None

    def show(
        self, image: Image, frame: Frame, position: str, own_voi: Voi | None = None,
        presentation: Presentation | None = None,
    ) -> None:
        """Put a frame up; what belonged to the last one goes. `own_voi` takes the place of the frame's default."""
        self.clear()
        self.image, self.frame, self.position, self.presentation = image, frame, position, presentation
        self.own_voi = own_voi or (COLOR_WINDOW if frame.is_color else default_voi(frame))

    def clear(self) -> None:
        """Take the frame away, with all that lies over it; how it is looked at stays."""
        self.image, self.frame, self.presentation = None, None, None
        self._said = (None,)
        self.picture.clear()
        self.overlay_picture.clear()
        self.shutter_picture.clear()
        self.set_heat(None, None, "")
        self.set_layers((), None, False)
        self.region, self.region_share = None, ""
        self.reading_line, self.reading_words, self.message = "", "", ""

    def set_heat(self, heat: FloatGrid | None, placement: Placement | None, label: str) -> None:
        """Put a map up, or take it away."""
        self.heat, self.placement, self.heat_label = heat, placement, label
        self.heat_picture.clear()

    def set_layers(self, segments: tuple[SegmentMask, ...], value_map: ValueMap | None, is_map_alone: bool) -> None:
        """Lay segments and a map over the picture, or take them away."""
        self.segments, self.value_map, self.is_map_alone = segments, value_map, is_map_alone
        self.segment_picture.clear()
        self.value_picture.clear()

    @property
    def voi(self) -> Voi:
        """The VOI transform that is applied."""
        return self.own_voi if self.state.voi is None else self.state.voi

    @property
    def device_size(self) -> Size:
        """The view's size in device pixels."""
        return max(1, round(self.size[0] * self.pixel_ratio)), max(1, round(self.size[1] * self.pixel_ratio))

    @property
    def transform(self) -> ViewTransform:
        """Image to device pixels of the view. Only with a frame."""
        assert self.frame is not None
        frame = self.frame
        return view_transform((frame.columns, frame.rows), frame.pixel_aspect, self.device_size, self.state)

    @property
    def has_visible_heat(self) -> bool:
        """Whether a map is drawn."""
        return self.frame is not None and self.heat is not None and not self.heat_hidden

    @property
    def has_visible_overlays(self) -> bool:
        """Whether graphics of the file are drawn."""
        return self.frame is not None and bool(self.frame.overlays) and not self.overlays_hidden

    @property
    def visible_segments(self) -> tuple[SegmentMask, ...]:
        """The segments that are drawn."""
        return self.segments if self.frame is not None and not self.layers_hidden else ()

    @property
    def visible_map(self) -> ValueMap | None:
        """The map of values that is drawn."""
        return self.value_map if self.frame is not None and not self.layers_hidden else None

    def drawn_segments(self) -> Drawn:
        """The segments ready to draw. Only with visible ones."""
        return self.segment_picture.drawn(
            self.segments, partial(segments_on_view, self.segments), self.transform, self.layer_opacity)

    def drawn_values(self) -> Drawn:
        """The map of values ready to draw. Only with a visible one."""
        assert self.value_map is not None
        opacity = 1.0 if self.is_map_alone else self.layer_opacity
        return self.value_picture.drawn(
            self.value_map, partial(values_on_view, self.value_map), self.transform, opacity)

    def drawn_overlays(self) -> Drawn:
        """The file's graphics ready to draw. Only with visible overlays."""
        assert self.frame is not None
        masks = [plane.mask for plane in self.frame.overlays]
        return self.overlay_picture.drawn(self.frame, partial(overlay_on_view, masks), self.transform)

    def drawn_shutter(self) -> Drawn:
        """What a shutter covers, ready to draw. Only with a shutter."""
        assert self.frame is not None
        assert self.frame.shutter is not None
        covered = partial(shutter_on_view, self.frame.shutter, self.frame.shutter_gray)
        return self.shutter_picture.drawn(self.frame, covered, self.transform)

    @property
    def letters(self) -> EdgeLetters | None:
        """The orientation letters of the view's edges, None where nothing is known; kept as the corners are."""
        if self.frame is None or self.frame.edges is None:
            return None
        now = self.frame.edges, self.transform
        if not all(map(operator.is_, now, self._lettered)):
            self._lettered, self._letters = now, self.transform.edge_letters(self.frame.edges)
        return self._letters

    @property
    def corners(self) -> Corners:
        """The lines of the corners, kept until something else is shown: a paint asks for them several times."""
        if self.image is None or self.frame is None:
            return Corners()
        said = (
            self.image, self.frame, self.voi, self.transform, self.position, self.state.invert, self.corner_level,
            self.presentation, self.screen_mm,
        )
        if not all(map(operator.is_, said, self._said)):
            self._said, self._corners = said, corner_lines(*said)
        return self._corners

    def drawn_picture(self) -> Drawn:
        """The picture ready to draw. Only with a frame."""
        assert self.frame is not None
        return self.picture.drawn(self.frame, self.voi, self.state.invert, self.transform)

    def drawn_heat(self) -> Drawn:
        """The map ready to draw. Only with a visible map."""
        assert self.heat is not None
        assert self.placement is not None
        return self.heat_picture.drawn(
            self.heat, partial(heat_on_view, self.heat, self.placement), self.transform, self.heat_opacity)

    def logical_point(self, point: tuple[float, float]) -> tuple[float, float]:
        """The view's point, in logical pixels, of an image point."""
        x, y = self.transform.to_view(*point)
        return x / self.pixel_ratio, y / self.pixel_ratio

    def logical_box(self, box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
        """The view's left, top, width, height, in logical pixels, of an image box of left, top, right, bottom."""
        left, top, right, bottom = (value / self.pixel_ratio for value in self.transform.box_to_view(box))
        return left, top, right - left, bottom - top
