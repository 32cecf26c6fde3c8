"""The input gate's figures in words: lines of CARD.md, rows of tables."""

from collections.abc import Callable

from core.training.evaluation import Figure, GatePart, GateResult

FigureText = Callable[[Figure | None], str]
HEADINGS = ("Pictures", "Number", "Patients", "Stopped or put right", "Taken for what they are")


def gate_rows(parts: tuple[GatePart, ...], text: FigureText) -> list[tuple[str, ...]]:
    """Return the cells of a table of figures, a row for each part."""
    return [
        (part_title(part), str(part.pictures), str(part.patients), text(part.stopped), text(part.recognized))
        for part in parts
    ]


def part_title(part: GatePart) -> str:
    """Return what a part's pictures are, with the source of frontal chests."""
    return f"{part.kind}: {part.source}" if part.source else part.kind


def gate_lines(result: GateResult | None, text: FigureText) -> list[str]:
    """Return the section of CARD.md, empty without a gate."""
    if result is None:
        return []
    lines = [
        "## Input gate", "",
        "Before a reading the gate asks of every picture, whatever its header says, whether it is a frontal chest "
        "radiograph the right way round, by features of the same forward pass. What is not is refused with the reason. "
        "A chest with its gray reversed is read with the gray turned back, which the reading says; one that looks "
        "mirrored is read as it is, and asked about.", "",
        f"Let through from a log-odds of {result.least:.2f}: the point at which, of sources left out in turn, "
        f"{result.config.most_refused:.1%} of the frontal chests are stopped. Chests turned, inverted, mirrored, cut "
        "and on a screen were made from frontal ones; noise, text pages and shapes were drawn.", "",
        "Pictures of patients that it never learned from (kinds whose table names no patients: other pictures of the "
        "same collection):", "",
        *_table(result.tested, text),
    ]
    if result.unseen:
        lines += [
            "Harder: gates that never saw the source of the chest, or any picture of the kind (lateral chests: of the "
            "patient); with the limits of the gate above, which were set on these very chests:", "",
            *_table(result.unseen, text),
        ]
    return lines


def _table(parts: tuple[GatePart, ...], text: FigureText) -> list[str]:
    rows = (" | ".join(cells) for cells in gate_rows(parts, text))
    return ["| " + " | ".join(HEADINGS) + " |", "|" + "---|" * len(HEADINGS), *(f"| {row} |" for row in rows), ""]
