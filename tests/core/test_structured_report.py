"""Structured reports as trees of name and value."""

import pytest
from pydicom.dataset import Dataset

from core.dicom.guard import CannotDecode
from core.dicom.structured_report import MAX_ITEMS, report_rows, value_text
from tests.make.dicom import make_dataset


def code(meaning: str, value: str = "1", scheme: str = "99MADE") -> dict[str, str]:
    return {"CodeValue": value, "CodingSchemeDesignator": scheme, "CodeMeaning": meaning}


def item(kind: str, name: str = "", **values) -> dict:
    named = {"ConceptNameCodeSequence": code(name)} if name else {}
    return {"ValueType": kind, **named, **values}


def value(kind: str, **values) -> str:
    dataset: Dataset = make_dataset(ContentSequence=item(kind, **values))
    return value_text(dataset.ContentSequence[0])


def test_sections_hold_their_items_in_order():
    rows = report_rows(make_dataset(ContentSequence=[
        item("CONTAINER", "Findings", ContentSequence=[
            item("TEXT", "Lungs", TextValue="Clear."), item("TEXT", "Heart")]),
        item("CODE", "Conclusion", ConceptCodeSequence=code("Pneumonia")),
    ]))
    assert [row.cells for row in rows] == [("Findings", ""), ("Conclusion", "Pneumonia")]
    assert [row.cells for row in rows[0].children] == [("Lungs", "Clear."), ("Heart", "")]


@pytest.mark.parametrize(("unit", "text"), (
    (code("millimeter", "mm", "UCUM"), "12.4 mm"), (code("no units", "1", "UCUM"), "12.4"),
    (code("ratio", "{ratio}", "UCUM"), "12.4 ratio"), (code("Length Unit", "L1"), "12.4 Length Unit"),
))
def test_a_measurement_has_its_unit(unit, text):
    measured = {"NumericValue": "12.4", "MeasurementUnitsCodeSequence": unit}
    assert value("NUM", MeasuredValueSequence=measured) == text


def test_a_measurement_without_a_value_says_why():
    assert value("NUM") == "no value"
    assert value("NUM", NumericValueQualifierCodeSequence=code("Not a number")) == "Not a number"


def test_names_lose_their_carets_and_have_their_ideographic_form_in_brackets():
    assert value("PNAME", PersonName="Doe^John^^Dr.") == "Doe John Dr."
    assert value("PNAME", PersonName="Yamada^Tarou=山田^太郎=やまだ^たろう") == "Yamada Tarou (山田 太郎)"


def test_references_name_the_instance_and_its_frames():
    referred = {"ReferencedSOPInstanceUID": "1.2.3", "ReferencedFrameNumber": ["2", "5"]}
    assert value("IMAGE", ReferencedSOPSequence=referred) == "instance 1.2.3, frame 2, 5"


def test_coordinates_are_counted_and_shortened():
    assert value("SCOORD", GraphicType="POINT", GraphicData=[1.5, 2.0]) == "point, 1 point: (1.5, 2)"
    long = value("SCOORD3D", GraphicType="POLYLINE", GraphicData=[float(number) for number in range(18)])
    assert long.startswith("polyline, 6 points: (0, 1, 2) ")
    assert long.endswith(" …")


def test_an_unnamed_item_is_called_by_its_kind_and_a_derivation_is_spoken():
    rows = report_rows(make_dataset(ContentSequence=[
        item("CONTAINER"), item("NUM", "Diameter", ContentSequence=item(
            "IMAGE", RelationshipType="INFERRED FROM", ReferencedSOPSequence={"ReferencedSOPInstanceUID": "1.2"})),
    ]))
    assert rows[0].cells[0] == "Section"
    assert rows[1].children[0].cells == ("inferred from Image", "instance 1.2")


def test_an_item_by_reference_names_where_it_stands():
    dataset = make_dataset(ContentSequence={"ReferencedContentItemIdentifier": [1, 3, 2]})
    assert value_text(dataset.ContentSequence[0]) == "see item 1.3.2"


def test_a_report_of_too_many_items_is_refused():
    many = make_dataset()
    many.ContentSequence = [Dataset()] * (MAX_ITEMS + 1)
    with pytest.raises(CannotDecode):
        report_rows(many)
