"""The files that are mutated: made ones of every encoding, the small ones of pydicom-data, and a folder's."""

import io
import tempfile
from collections.abc import Iterator
from pathlib import Path

import imagecodecs
import numpy as np
import PIL.Image

from core.paths import sample_folder
from tests.fuzz.mutate import Seed, read_seed
from tests.make.dicom import make_dataset, to_bytes
from tests.make.layers import make_parametric_map, make_segmentation

LARGEST = 300_000  # bytes: of larger files fewer would be tried in the time
GRAY, COLOR = np.arange(64 * 64, dtype=np.uint16).reshape(64, 64), np.arange(64 * 64 * 3, dtype=np.uint8)


def seeds(folder: Path | None = None) -> list[Seed]:
    """Return the seeds, in an order that is always the same."""
    found = [read_seed(name, raw) for name, raw in (*_made(), *_pictures())]
    folders = [sample_folder(), *([folder] if folder else [])]
    for path in (path for one in folders for path in sorted(one.rglob("*"))):
        if path.is_file() and path.suffix not in (".tsv", ".txt", ".md", ".png") and path.stat().st_size <= LARGEST:
            found.append(read_seed(path.name, path.read_bytes()))
    return found


def _made() -> Iterator[tuple[str, bytes]]:
    color = COLOR.reshape(64, 64, 3)
    byte = GRAY.astype(np.uint8)
    for name, syntax in (("implicit", "1.2.840.10008.1.2"), ("explicit", "1.2.840.10008.1.2.1"),
                         ("deflated", "1.2.840.10008.1.2.1.99"), ("big", "1.2.840.10008.1.2.2"),
                         ("rle", "1.2.840.10008.1.2.5"), ("jpegls", "1.2.840.10008.1.2.4.80"),
                         ("j2k", "1.2.840.10008.1.2.4.90")):
        yield f"{name}-gray", to_bytes(make_dataset(GRAY, **_windowed()), syntax)
        if name != "big":
            yield f"{name}-color", to_bytes(make_dataset(color), syntax)
    streams = {
        "1.2.840.10008.1.2.4.50": imagecodecs.jpeg8_encode(byte),
        "1.2.840.10008.1.2.4.51": imagecodecs.jpeg8_encode(GRAY % 4096, bitspersample=12),
        "1.2.840.10008.1.2.4.57": imagecodecs.ljpeg_encode(GRAY),
        "1.2.840.10008.1.2.4.201": imagecodecs.htj2k_encode(GRAY),
        "1.2.840.10008.1.2.4.110": imagecodecs.jpegxl_encode(GRAY, lossless=True),
    }
    for syntax, stream in streams.items():
        pixels = byte if syntax.endswith(".50") else GRAY
        yield syntax, to_bytes(make_dataset(pixels), syntax, frames=[stream])
    yield "frames", to_bytes(make_dataset(np.stack([GRAY] * 3), **_groups()))
    yield "frames-rle", to_bytes(make_dataset(np.stack([GRAY] * 3)), "1.2.840.10008.1.2.5")
    yield "palette", to_bytes(make_dataset(byte, **_palette()))
    numbers = GRAY.astype(np.float32)
    yield "float", to_bytes(make_dataset(numbers))
    numbers[0] = np.nan
    yield "float-table", to_bytes(make_dataset(
        numbers, VOILUTSequence={"LUTDescriptor": [4, 0, 8], "LUTData": [0, 1, 2, 3]}))
    yield from _layers()


def _layers() -> Iterator[tuple[str, bytes]]:
    """Give what is laid over images, each over a slice of frame of reference 7.7 and instance 1.2.3."""
    places = [(0.0, 0.0, 0.0), (0.0, 0.0, 2.0)]
    masks = np.ones((2, 16, 20), np.uint8)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a")
        for kind in ("BINARY", "FRACTIONAL", "LABELMAP"):
            yield f"segmentation-{kind}", make_segmentation(path, masks, kind, positions=places).read_bytes()
        yield "segmentation-sources", make_segmentation(path, masks, sources=[("1.2.3", 0)] * 2).read_bytes()
        yield "parametric-map", make_parametric_map(path, masks.astype(np.float32), positions=places).read_bytes()
    named = {"ReferencedSOPInstanceUID": "1.2.3"}
    contour = {"ContourGeometricType": "CLOSED_PLANAR", "ContourData": [1, 1, 0, 9, 1, 0, 9, 9, 0],
               "ContourImageSequence": named}
    yield "structures", to_bytes(make_dataset(
        SOPClassUID="1.2.840.10008.5.1.4.1.1.481.3", Modality="RTSTRUCT", FrameOfReferenceUID="7.7",
        StructureSetROISequence={"ROINumber": "1", "ROIName": "Heart"},
        ROIContourSequence={"ReferencedROINumber": "1", "ROIDisplayColor": [255, 0, 10], "ContourSequence": contour}))
    graphics = {"GraphicData": [1, 1, 9, 9], "GraphicType": "POLYLINE", "GraphicAnnotationUnits": "PIXEL",
                "NumberOfGraphicPoints": 2, "GraphicDimensions": 2, "GraphicFilled": "N"}
    words = {"UnformattedTextValue": "here", "AnchorPoint": [3.0, 3.0], "AnchorPointAnnotationUnits": "PIXEL"}
    yield "state", to_bytes(make_dataset(
        SOPClassUID="1.2.840.10008.5.1.4.1.1.11.1", Modality="PR", ContentLabel="MARKED",
        ReferencedSeriesSequence={"ReferencedImageSequence": named},
        SoftcopyVOILUTSequence={"WindowCenter": "40", "WindowWidth": "400"}, PresentationLUTShape="INVERSE",
        DisplayedAreaSelectionSequence={
            "DisplayedAreaTopLeftHandCorner": [1, 1], "DisplayedAreaBottomRightHandCorner": [10, 10],
            "PresentationSizeMode": "SCALE TO FIT", "PresentationPixelSpacing": [0.5, 0.5]},
        ShutterShape=["CIRCULAR", "POLYGONAL"], CenterOfCircularShutter=[8, 8], RadiusOfCircularShutter=7,
        VerticesOfThePolygonalShutter=[1, 1, 1, 9, 9, 9], ShutterPresentationValue=0, ImageRotation=90,
        GraphicAnnotationSequence={"GraphicLayer": "ONE", "GraphicObjectSequence": graphics,
                                   "TextObjectSequence": words},
        GraphicLayerSequence={"GraphicLayer": "ONE", "GraphicLayerOrder": 1}))


def _windowed() -> dict[str, object]:
    return {
        "WindowCenter": [40, 600], "WindowWidth": [400, 1600], "RescaleSlope": "1", "RescaleIntercept": "-1024",
        "PixelPaddingValue": 0, "PixelSpacing": [0.5, 0.5], "NumberOfFrames": "1",
        "VOILUTSequence": {"LUTDescriptor": [4, 0, 8], "LUTData": [0, 1, 2, 3]},
        "ModalityLUTSequence": {"LUTDescriptor": [4, 0, 16], "LUTData": [0, 100, 200, 300], "ModalityLUTType": "US"},
    }


def _groups() -> dict[str, object]:
    own = [{"PlanePositionSequence": {"ImagePositionPatient": [0, 0, one]}} for one in range(3)]
    return {"SharedFunctionalGroupsSequence": {"PixelMeasuresSequence": {"PixelSpacing": [0.5, 0.25]}},
            "PerFrameFunctionalGroupsSequence": own}


def _palette() -> dict[str, object]:
    colors = ("Red", "Green", "Blue")
    return {"PhotometricInterpretation": "PALETTE COLOR",
            **{f"{color}PaletteColorLookupTableDescriptor": [256, 0, 16] for color in colors},
            **{f"{color}PaletteColorLookupTableData": list(range(0, 65536, 256)) for color in colors}}


def _pictures() -> Iterator[tuple[str, bytes]]:
    picture = PIL.Image.fromarray(COLOR.reshape(64, 64, 3))
    for kind in ("PNG", "JPEG", "TIFF", "BMP", "WEBP"):
        file = io.BytesIO()
        picture.save(file, kind)
        yield kind, file.getvalue()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.tiff")
        PIL.Image.fromarray(GRAY).save(path, compression="tiff_lzw")
        yield "TIFF-16", path.read_bytes()
