"""DICOM files from a few lines: `make_dicom(path, pixels, Modality="CT", WindowCenter=40, WindowWidth=400)`."""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom import dcmwrite
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.sequence import Sequence as DicomSequence
from pydicom.uid import (
    UID,
    DigitalXRayImageStorageForPresentation,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    generate_uid,
)

_NATIVE = {"1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.2"}
# the compressed syntaxes that pydicom writes: RLE, JPEG-LS and JPEG 2000 (of 64 × 64 pixels or more), all lossless
_CODED = {"1.2.840.10008.1.2.5", "1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.90"}


def make_dataset(pixels: NDArray[Any] | None = None, **attributes: Any) -> Dataset:
    """Return a data set of a small frontal chest radiograph with these pixels; `attributes` replace what it says.

    `pixels` is (rows, columns), (frames, rows, columns) or, as uint8 or uint16 with a last axis of 3, color. An
    attribute of None is left out, a dict or a list of dicts becomes a sequence, entries of a table little endian words.
    """
    dataset = Dataset()
    _fill(dataset, {
        "SpecificCharacterSet": "ISO_IR 192", "SOPClassUID": DigitalXRayImageStorageForPresentation,
        "SOPInstanceUID": generate_uid(), "StudyInstanceUID": generate_uid(), "SeriesInstanceUID": generate_uid(),
        "Modality": "DX", "BodyPartExamined": "CHEST", "ViewPosition": "PA", "PatientName": "Doe^Jane",
        "PatientID": "MADE-1", "StudyDate": "20200102", "StudyTime": "101112",
    })
    if pixels is not None:
        describe_pixels(dataset, pixels)
    _fill(dataset, attributes)
    return dataset


def describe_pixels(dataset: Dataset, pixels: NDArray[Any]) -> None:
    """Set the Image Pixel module (PS3.3 C.7.6.3) and native little endian Pixel Data of `pixels`."""
    is_color = pixels.ndim >= 3 and pixels.shape[-1] == 3
    rows, columns = pixels.shape[-3:-1] if is_color else pixels.shape[-2:]
    frames = pixels.ndim == (4 if is_color else 3)
    raw = pixels.astype(pixels.dtype.newbyteorder("<")).tobytes()
    _fill(dataset, {
        "Rows": rows, "Columns": columns, "SamplesPerPixel": 3 if is_color else 1,
        "NumberOfFrames": pixels.shape[0] if frames else None,
        "PhotometricInterpretation": "RGB" if is_color else "MONOCHROME2",
        "PlanarConfiguration": 0 if is_color else None, "BitsAllocated": 8 * pixels.dtype.itemsize,
    })
    if pixels.dtype.kind == "f":
        setattr(dataset, "FloatPixelData" if pixels.dtype.itemsize == 4 else "DoubleFloatPixelData", raw)
        return
    _fill(dataset, {
        "BitsStored": 8 * pixels.dtype.itemsize, "HighBit": 8 * pixels.dtype.itemsize - 1,
        "PixelRepresentation": int(pixels.dtype.kind == "i"),
    })
    dataset.add_new("PixelData", "OB" if pixels.dtype.itemsize == 1 else "OW", raw + b"\0" * (len(raw) % 2))


def make_dicom(
    path: Path, pixels: NDArray[Any] | None = None, *, syntax: str = ExplicitVRLittleEndian, preamble: bool = True,
    meta: bool = True, frames: Sequence[bytes] | None = None, **attributes: Any,
) -> Path:
    """Write a DICOM file and return its path; for `pixels` and `attributes` see `make_dataset`.

    `syntax` is the transfer syntax: a compressed one encodes the pixels, or takes `frames` as they are. Without
    `meta` the file starts with the data set, without `preamble` with the file meta information.
    """
    path.write_bytes(to_bytes(make_dataset(pixels, **attributes), syntax, preamble, meta, frames))
    return path


def to_bytes(
    dataset: Dataset, syntax: str = ExplicitVRLittleEndian, preamble: bool = True, meta: bool = True,
    frames: Sequence[bytes] | None = None,
) -> bytes:
    """Return the file of a data set whose native pixels are little endian; see `make_dicom`."""
    uid = UID(syntax)
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = uid if syntax in _NATIVE else ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = dataset.get("SOPClassUID", "1.2.3")
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.get("SOPInstanceUID", "1.2.3.4")
    if frames is not None:
        dataset.add_new("PixelData", "OB", encapsulate(list(frames)))
        dataset["PixelData"].is_undefined_length = True
        dataset.file_meta.TransferSyntaxUID = UID(syntax.replace("1.2.", "1.9.", 1))  # pydicom writes what it knows not
    elif syntax in _CODED:
        dataset.compress(uid, generate_instance_uid=False)
    elif syntax == ExplicitVRBigEndian and "PixelData" in dataset and dataset.BitsAllocated > 8:
        dataset.PixelData = np.frombuffer(dataset.PixelData, f"<u{dataset.BitsAllocated // 8}").byteswap().tobytes()
    file = io.BytesIO()
    dcmwrite(file, dataset, implicit_vr=syntax == ImplicitVRLittleEndian,
             little_endian=syntax != ExplicitVRBigEndian, enforce_file_format=True)
    raw = file.getvalue().replace(syntax.replace("1.2.", "1.9.", 1).encode(), syntax.encode())
    if not meta:
        length = int.from_bytes(raw[140:144], "little")
        return raw[144 + length:]
    return raw if preamble else raw[132:]


def make_dicomdir(path: Path, names: Sequence[str]) -> Path:
    """Write a DICOMDIR that names these files ("IMAGES/CT1") as images of one series, and return its path."""
    above = [{"DirectoryRecordType": kind, "RecordInUseFlag": 0xFFFF} for kind in ("PATIENT", "STUDY", "SERIES")]
    images = [{"DirectoryRecordType": "IMAGE", "RecordInUseFlag": 0xFFFF, "ReferencedFileID": name.split("/")}
              for name in names]
    dataset = Dataset()
    _fill(dataset, {"SOPClassUID": "1.2.840.10008.1.3.10", "SOPInstanceUID": generate_uid(),
                    "DirectoryRecordSequence": [*above, *images] if names else []})
    path.write_bytes(to_bytes(dataset))
    return path


def _fill(dataset: Dataset, attributes: Mapping[str, Any]) -> None:
    for keyword, value in attributes.items():
        if value is None:
            if keyword in dataset:
                delattr(dataset, keyword)
        elif isinstance(value, Mapping):
            setattr(dataset, keyword, DicomSequence([_item(value)]))
        elif isinstance(value, list) and value and isinstance(value[0], Mapping):
            setattr(dataset, keyword, DicomSequence([_item(one) for one in value]))
        elif keyword.endswith(("LUTData", "LookupTableData")) and isinstance(value, list) and not _has_floats(value):
            setattr(dataset, keyword, np.array(value, "<u2").tobytes())
        else:
            setattr(dataset, keyword, value)


def _has_floats(values: list[Any]) -> bool:
    return any(isinstance(one, float) for one in values)


def _item(attributes: Mapping[str, Any]) -> Dataset:
    item = Dataset()
    _fill(item, attributes)
    return item
