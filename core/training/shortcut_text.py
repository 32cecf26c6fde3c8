"""How well the score tells sources, in words and as the cells of a table: the same in every place that shows it."""

from collections.abc import Sequence

from core.training.evaluation import SourceGuess
from core.training.figure_text import figure_text
from core.training.plot_names import SOURCE_LIMIT

GUESS_HEADINGS = ("Label", "Source", "Pictures", "Others", "AUC", "Without children")


def guess_rows(guesses: Sequence[SourceGuess]) -> list[tuple[str, ...]]:
    """Return the cells of each guess, under the headings `GUESS_HEADINGS`."""
    return [
        (guess.label, guess.source, str(guess.pictures), str(guess.others), figure_text(guess.auc),
         figure_text(guess.without_children))
        for guess in guesses
    ]


def guesses_above(guesses: Sequence[SourceGuess]) -> str:
    """Return how many are above the limit, of all and, where children are among them, without them."""
    above = sum(guess.auc.value > SOURCE_LIMIT for guess in guesses)
    grown = [guess.without_children.value for guess in guesses if guess.without_children is not None]
    without = f", {sum(value > SOURCE_LIMIT for value in grown)} of {len(grown)} without children" if grown else ""
    return f"above {SOURCE_LIMIT}: {above} of {len(guesses)}{without}"
