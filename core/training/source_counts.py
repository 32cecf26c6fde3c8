"""How many pictures of each source a model learned from and was tested on, under which licences: CARD.md's data."""

from collections import Counter
from collections.abc import Iterable, Sequence

from core.training.config import Report
from core.training.evaluation import SourceCount, rows_of
from core.training.labels import LabelRow


def count_sources(
    trained: Sequence[LabelRow], held_out: Sequence[LabelRow], tested: Sequence[LabelRow],
    unlabelled: Sequence[LabelRow] = (),
) -> tuple[SourceCount, ...]:
    """Return for each source, in their order, how many pictures were used for what."""
    uses = {"trained": trained, "held_out": held_out, "tested": tested, "unlabelled": unlabelled}
    found = {
        source: {use: [row for row in rows if row.source == source] for use, rows in uses.items()}
        for source in sorted({row.source for rows in uses.values() for row in rows})
    }
    return tuple(
        SourceCount(
            source=source,
            licence=licence_text(row.licence for rows in own.values() for row in rows),
            trained=len(own["trained"]),
            held_out=len(own["held_out"]),
            tested=len(own["tested"]),
            positives=sum(row.is_positive for use, rows in own.items() if use != "unlabelled" for row in rows),
            tested_positives=sum(row.is_positive for row in own["tested"]),
            unlabelled=len(own["unlabelled"]),
        )
        for source, own in found.items()
    )


def rows_of_reports(reports: Sequence[Report], rows: Sequence[LabelRow]) -> tuple[LabelRow, ...]:
    """Return the table's rows that any report asks for, each once and with the label that the table gives it."""
    asked = {row.path for report in reports for row in rows_of(report, rows)}
    return tuple(row for row in rows if row.path in asked)


def count_tests_anew(counts: Sequence[SourceCount], tested: Sequence[LabelRow]) -> tuple[SourceCount, ...]:
    """Return the counts of a model that is tested again, on these pictures: sources that it never saw come in."""
    known = {count.source: count for count in counts}
    now = {count.source: count for count in count_sources((), (), tested)}
    found = []
    for source in sorted({*known, *now}):
        if source not in known:
            found.append(now[source])
            continue
        before = known[source]
        here, positives = (now[source].tested, now[source].positives) if source in now else (0, 0)
        changes = {"tested": here}
        if before.tested_positives is not None:  # else how many of the positives were tested is not known
            learned = before.positives - before.tested_positives
            changes |= {"tested_positives": positives, "positives": learned + positives}
        found.append(before.model_copy(update=changes))
    return tuple(count for count in found if count.trained or count.held_out or count.tested or count.unlabelled)


def licence_text(licences: Iterable[str]) -> str:
    """Return the licences of a source's pictures, the commonest first, with their numbers where there are several."""
    found = Counter(licence or "unknown" for licence in licences)
    return "; ".join(f"{name} ({count})" if len(found) > 1 else name for name, count in found.most_common())
