"""How far an opacity extends, by six zones of the lungs, in the numbers that a radiologist would give."""

from dataclasses import dataclass, replace

MOST_OF_ZONE = 3.0  # Brixia: 0 no abnormality, 1 interstitial, 2 interstitial and alveolar, 3 mostly alveolar
ZONES = ("right upper", "right middle", "right lower", "left upper", "left middle", "left lower")  # A to F
LEVELS = ("upper", "middle", "lower")


@dataclass(frozen=True, slots=True)
class Extent:
    """An estimate of the Brixia score (Borghesi and Maroldi 2020), with how far such estimates were off.

    `scores` are those of `ZONES`, in their order, 0-3 with one decimal. `error` is the mean absolute difference of a
    zone from the mean of two radiologists, `error_of_sum` that of the sum, on patients that the estimate had not
    learned from; `population` says whose pictures these were.
    """

    label: str
    scores: tuple[float, ...]
    error: float
    error_of_sum: float
    population: str

    @property
    def total(self) -> float:
        """The sum of the scores as they are shown, 0-18."""
        return round(sum(self.scores), 1)

    def mirrored(self) -> "Extent":
        """Return the extent of an image whose left edge is the patient's left: the lungs exchanged."""
        levels = len(LEVELS)
        return replace(self, scores=(*self.scores[levels:], *self.scores[:levels]))

    def rows(self) -> tuple[tuple[float, float], ...]:
        """Return the scores as they lie on the screen, from above: (right lung, left lung) of each of `LEVELS`."""
        levels = len(LEVELS)
        return tuple(zip(self.scores[:levels], self.scores[levels:], strict=True))
