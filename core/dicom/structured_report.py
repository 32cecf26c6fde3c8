"""The content tree of a structured report as rows of name and value (PS3.3 C.17.3)."""

from collections.abc import Iterator

from pydicom.dataset import Dataset

from core.dicom.guard import CannotDecode
from core.dicom.header import person_name
from core.dicom.text_tree import TreeRow
from core.dicom.values import first_item, items, numbers, text, texts
from core.refusal import Reason

MAX_ITEMS = 5_000
MAX_DEPTH = 60
_SHOWN_POINTS = 4

# relationships that change what a value means; the others follow from the place in the tree
_SPOKEN = {"INFERRED FROM": "inferred from", "SELECTED FROM": "selected from"}
_PLAIN = {"TEXT": "TextValue", "DATE": "Date", "TIME": "Time", "DATETIME": "DateTime",
          "UIDREF": "UID"}


def report_rows(dataset: Dataset) -> tuple[TreeRow, ...]:
    """Return the content items of a report below its root. Raises CannotDecode where they are too many."""
    return tuple(_rows(dataset, 0, [MAX_ITEMS]))


def code_text(dataset: Dataset, keyword: str) -> str:
    """Return the meaning of the first code of a sequence, the code itself where it has none, "" without a code."""
    item = first_item(dataset, keyword)
    if item is None:
        return ""
    values = (text(item, name) for name in ("CodeMeaning", "CodeValue", "LongCodeValue", "URNCodeValue"))
    return next(filter(None, values), "")


def _rows(parent: Dataset, depth: int, left: list[int]) -> Iterator[TreeRow]:
    if depth >= MAX_DEPTH:
        yield TreeRow(("nested too deep to be shown", ""))
        return
    for item in items(parent, "ContentSequence"):
        left[0] -= 1
        if left[0] < 0:
            raise CannotDecode(Reason.TOO_LARGE, detail=f"more than {MAX_ITEMS} content items")
        yield TreeRow((_name(item), value_text(item)), tuple(_rows(item, depth + 1, left)))


def _name(item: Dataset) -> str:
    name = code_text(item, "ConceptNameCodeSequence")
    spoken = _SPOKEN.get(text(item, "RelationshipType"), "")
    kind = text(item, "ValueType")
    unnamed = {"CONTAINER": "Section", "NUM": "Measurement"}.get(kind, kind.capitalize())
    return " ".join(filter(None, (spoken, name or unnamed)))


def value_text(item: Dataset) -> str:
    """Return a content item's value as a reader says it: "12.4 mm", "Right lung", "ellipse of 4 points"."""
    kind = text(item, "ValueType")
    if kind == "PNAME":
        return " ".join(person_name(item, "PersonName").replace("^", " ").split())
    if kind in _PLAIN:
        return text(item, _PLAIN[kind])
    if kind == "CODE":
        return code_text(item, "ConceptCodeSequence")
    if kind == "NUM":
        return _measurement(item)
    if kind in ("IMAGE", "COMPOSITE", "WAVEFORM"):
        return _reference(item)
    if kind in ("SCOORD", "SCOORD3D"):
        return _coordinates(item, 2 if kind == "SCOORD" else 3)
    if kind == "TCOORD":
        return _times(item)
    if referred := numbers(item, "ReferencedContentItemIdentifier"):
        return f"see item {'.'.join(f'{number:.0f}' for number in referred)}"
    return ""


def _measurement(item: Dataset) -> str:
    measured = first_item(item, "MeasuredValueSequence")
    if measured is None or not texts(measured, "NumericValue"):
        return code_text(item, "NumericValueQualifierCodeSequence") or "no value"
    unit = first_item(measured, "MeasurementUnitsCodeSequence")
    return f"{text(measured, 'NumericValue')} {'' if unit is None else _unit(unit)}".strip()


def _unit(code: Dataset) -> str:
    """Return a UCUM unit by its symbol, such as mm; what is no symbol by its meaning, and nothing for plain numbers."""
    symbol = text(code, "CodeValue")
    if symbol == "1":
        return ""
    is_symbol = text(code, "CodingSchemeDesignator") == "UCUM" and symbol and not symbol.startswith(("{", "["))
    return symbol if is_symbol else text(code, "CodeMeaning") or symbol


def _reference(item: Dataset) -> str:
    referred = first_item(item, "ReferencedSOPSequence")
    if referred is None:
        return ""
    frames = [f"{number:.0f}" for number in numbers(referred, "ReferencedFrameNumber")]
    where = f", frame {', '.join(frames[:20])}" if frames else ""
    return f"instance {text(referred, 'ReferencedSOPInstanceUID')}{where}"


def _coordinates(item: Dataset, dimensions: int) -> str:
    data = numbers(item, "GraphicData")
    points = [data[at:at + dimensions] for at in range(0, len(data) - dimensions + 1, dimensions)]
    named = " ".join(f"({', '.join(f'{value:.6g}' for value in point)})" for point in points[:_SHOWN_POINTS])
    more = " …" if len(points) > _SHOWN_POINTS else ""
    count = f"{len(points)} {'point' if len(points) == 1 else 'points'}"
    return f"{text(item, 'GraphicType').lower()}, {count}{': ' if points else ''}{named}{more}"


def _times(item: Dataset) -> str:
    offsets = ("ReferencedTimeOffsets", "s")
    for keyword, unit in (offsets, ("ReferencedSamplePositions", ""), ("ReferencedDateTime", "")):
        if values := texts(item, keyword):
            return f"{text(item, 'TemporalRangeType').lower()} {', '.join(values[:20])} {unit}".strip()
    return text(item, "TemporalRangeType").lower()
