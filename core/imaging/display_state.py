"""What one viewport shows of its frame, as one frozen value."""

from dataclasses import dataclass, replace

from core.imaging.image import Voi


@dataclass(frozen=True, slots=True)
class DisplayState:
    """Window, inversion, zoom, pan, rotation and flip.

    `voi` None means the frame's default. `zoom` is device pixels of the screen for each image column, None means
    fitted to the view. `center` is the image point (x, y) in the middle of the view, None means the image's middle.
    `rotation` is 0, 90, 180 or 270 degrees clockwise, applied after `flip` (left-right mirroring).
    """

    voi: Voi | None = None
    invert: bool = False
    zoom: float | None = None
    center: tuple[float, float] | None = None
    rotation: int = 0
    flip: bool = False

    def turned(self, degrees: int) -> "DisplayState":
        """Return the state with what is seen turned clockwise by a multiple of 90 degrees."""
        return replace(self, rotation=(self.rotation + degrees) % 360)

    def mirrored(self) -> "DisplayState":
        """Return the state with left and right of what is seen exchanged."""
        return replace(self, rotation=-self.rotation % 360, flip=not self.flip)

    def upended(self) -> "DisplayState":
        """Return the state with top and bottom of what is seen exchanged."""
        return self.mirrored().turned(180)
