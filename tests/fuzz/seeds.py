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
    yield "float", to_bytes(make_dataset(GRAY.astype(np.float32)))


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
