"""The input gate's figures in words: lines of CARD.md, rows of tables."""

from collections.abc import Callable

from core.reading.model_card import Answer
from core.training.evaluation import Figure, GatePart, GateResult
from core.training.gate_data import ALL_FRONTAL, FRONTAL
from core.training.gate_pictures import MADE_OF_CHESTS

FigureText = Callable[[Figure | None], str]
HEADINGS = ("Pictures", "Number", "Patients", "Stopped or put right", "Taken for what they are")


def gate_rows(parts: tuple[GatePart, ...], text: FigureText) -> list[tuple[str, ...]]:
    """Return the cells of a table of figures, a row for each part."""
    return [
        (part_title(part), str(part.pictures), str(part.patients), text(part.stopped), text(part.recognized))
        for part in parts
    ]


def unseen_rows(result: GateResult, text: FigureText) -> list[tuple[str, ...]]:
    """Return the cells of gates that never saw a source or kind.

    Where their answers were not kept, of what should be stopped only that it was is known: what it was taken for is
    left out.
    """
    if result.has_answers:
        return gate_rows(result.unseen, text)
    asked = [kind for kind, (_, answer) in MADE_OF_CHESTS.items() if answer is Answer.MIRRORED]
    asked += [kind.name for kind in result.config.kinds if kind.answer is Answer.MIRRORED]
    known = (ALL_FRONTAL, FRONTAL, *asked)
    return gate_rows(tuple(part if part.kind in known else part.model_copy(update={"recognized": None})
                           for part in result.unseen), text)


def part_title(part: GatePart) -> str:
    """Return what a part's pictures are, with the source of frontal chests."""
    return f"{part.kind}: {part.source}" if part.source else part.kind


def gate_lines(result: GateResult | None, text: FigureText) -> list[str]:
    """Return the section of CARD.md, empty without a gate."""
    if result is None:
        return []
    whose = "patient" if result.is_of_one_source else "source"
    chest = "patient" if result.is_of_one_source else "source of the chest"
    lines = [
        "## Input gate", "",
        "Before a reading the gate asks of every picture, whatever its header says, whether it is a frontal chest "
        "radiograph the right way round, by features of the same forward pass. What is not is refused with the reason. "
        "A chest with its gray reversed is read with the gray turned back, which the reading says; one that looks "
        "mirrored is read as it is, and asked about.", "",
        f"Let through from a log-odds of {result.least:.2f}: the point at which, of {whose}s left out in turn, "
        f"{result.config.most_refused:.1%} of the frontal chests are stopped. Chests turned, inverted, mirrored, cut "
        "and on a screen were made from frontal ones; noise, text pages and shapes were drawn.", "",
        "Pictures of patients that it never learned from (kinds whose table names no patients: other pictures of the "
        "same collection):", "",
        *_table(gate_rows(result.tested, text)),
    ]
    if result.unseen:
        lines += [
            f"Harder: gates that never saw the {chest}, or any picture of the kind (lateral chests: of the "
            "patient); with the limits of the gate above, which were set on these very chests"
            f"{'' if result.has_answers else '; a dash where it was not kept what they took the pictures for'}:", "",
            *_table(unseen_rows(result, text)),
        ]
    return lines


def gate_data_lines(result: GateResult) -> list[str]:
    """Return what the gate learned from, for the section on data; nothing where that was not kept."""
    if not (result.learned or result.learned_outliers):
        return []
    more = (f", and {result.learned_outliers} files of folders beside the table that are nothing the model is made for"
            if result.learned_outliers else "")
    return [
        "", f"The input gate learned from these, labelled or not{more}:", "",
        "| Source | Licence | Pictures |",
        "|---|---|---|",
        *(f"| {item.source} | {item.licence} | {item.pictures} |" for item in result.learned),
    ]


def _table(rows: list[tuple[str, ...]]) -> list[str]:
    lines = (" | ".join(cells) for cells in rows)
    return ["| " + " | ".join(HEADINGS) + " |", "|" + "---|" * len(HEADINGS), *(f"| {line} |" for line in lines), ""]
