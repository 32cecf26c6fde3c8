"""The page of what is supported: the code's own tables, with the numbers of files that they were tested with.

`python -m core.cli.statement > resources/docs/conformance.md`; the numbers come from `wetread-cli conformance`.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from core.cli.conformance_files import Comparison, FileResult
from core.paths import resources_folder

COUNTS = resources_folder() / "docs" / "conformance.json"
_ORIGIN = ("Made from the program's tables and `resources/docs/conformance.json` by `python -m core.cli.statement`; a "
           "test holds them together. The numbers of files are from `wetread-cli conformance`.")

# what is done with an object that holds no picture, by the value of its ObjectKind
_DONE = {
    "Report": "shown as a tree of its content",
    "Document": "described, and handed to the desktop's program on request",
    "Presentation state": "offered for the images that it names, and applied to them",
    "Waveform": "listed by name, with its channels and rates; not drawn",
    "Structure set": "listed, and drawn over the images that it belongs to",
    "Treatment plan": "listed by name, with its beams and fractions",
    "Registration": "listed by name, with its matrices and images; not applied",
    "Spectroscopy": "listed by name, with its size and nucleus; not drawn",
    "Directory": "opens the file-set that it names",
    "Raw data": "listed by name; its header is shown",
    "Object": "listed by name; its header is shown",
}
_FOR_SEVERAL = ("Blending", "Volumetric")
_NOT_APPLIED = "listed by name; it is made for a volume or several series, and is not applied"
_IMAGE, _LAYER = "opens as a picture", "opens as a picture, and is laid over the images that it belongs to"
_VIDEO = "listed; its frames are refused, since video has no decoder here"
_IMAGES_OF_OTHER_NAMES = frozenset({
    "RT Dose", "Ophthalmic Thickness Map", "Corneal Topography Map", "Enhanced US Volume",
    "Ophthalmic Optical Coherence Tomography B-scan Volume Analysis",
})


def counted(files: Sequence[FileResult], comparisons: Sequence[Comparison]) -> dict[str, Any]:
    """Return how many files of each transfer syntax, decoder and SOP class were tested, and with what outcome."""
    by_syntax: dict[str, Counter[str]] = {}
    by_class: dict[str, Counter[str]] = {}
    decoders: dict[str, Counter[str]] = {}
    for one in files:
        found = one.found
        by_class.setdefault(found.sop_class, Counter())[found.outcome] += 1
        if one.opened:
            by_syntax.setdefault(found.syntax, Counter())["files"] += 1
            decoders.setdefault(found.syntax, Counter()).update(one.decoders)
    syntax_of = {one.path: one.found.syntax for one in files}
    for compared in comparisons:
        if not compared.is_disputed and (count := by_syntax.get(syntax_of[compared.path])) is not None:
            count["pictures"] += 1
            count["agree"] += compared.agrees
    return {
        "files": len(files), "pictures": sum(not one.is_disputed for one in comparisons),
        "syntaxes": {uid: {**count, "decoders": dict(decoders[uid])} for uid, count in by_syntax.items()},
        "classes": {uid: dict(count) for uid, count in by_class.items()},
    }


def as_markdown(counts: Mapping[str, Any]) -> str:
    """Return the page, for what `counted` gave."""
    lines = ["# Conformance", "", _ORIGIN, "",
             "What of DICOM is opened: the beginning of a conformance statement (PS3.2). There is no network service.",
             "",
             f"Tested with {counts['files']} files and {counts['pictures']} reference renderings on which other "
             "programs agree: a difference of one gray level is agreement, of two where another library decodes lossy "
             "JPEG. Where the references disagree among themselves, `disputed.md` says what is chosen.", ""]
    lines += [*_syntaxes(counts["syntaxes"]), "", *_unsupported(), "", *_classes(counts["classes"]), "", *_pictures()]
    return "\n".join(lines) + "\n"


def _syntaxes(tested: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    from core.dicom.decoders import DECODERS
    from core.dicom.header import syntax_name

    yield from ("## Transfer syntaxes", "",
                "A decoder's number is that of the files whose first frame it decodes by itself; the first that can "
                "is used. Those marked with ◦ work in a helper process.", "",
                "| Transfer syntax | UID | Decoders: files | Files | Renderings that agree |", "|---|---|---|---|---|")
    for uid, decoders in DECODERS.items():
        if not decoders:
            continue
        found = tested.get(uid, {})
        by = found.get("decoders", {})
        names = ", ".join(f"{one.name}{'' if one.is_safe else '◦'}: {by.get(one.name, 0)}" for one in decoders)
        agree = f"{found['agree']} of {found['pictures']}" if found.get("pictures") else ""
        yield f"| {syntax_name(uid)} | `{uid}` | {names} | {found.get('files', 0)} | {agree} |"
    yield ""
    yield ("A file without a transfer syntax is read by the encoding that its elements have. Any syntax that is not "
           "named on this page is refused by its name.")


def _unsupported() -> Iterator[str]:
    from core.dicom.decoders import UNSUPPORTED
    from core.dicom.header import syntax_name

    yield from ("## Transfer syntaxes that are not supported", "", "| Transfer syntax | UID | Why |", "|---|---|---|")
    for uid, why in UNSUPPORTED.items():
        yield f"| {syntax_name(uid)} | `{uid}` | {why} |"


def _classes(tested: Mapping[str, Mapping[str, int]]) -> Iterator[str]:
    from core.dicom.header import storage_classes

    yield from ("## SOP classes", "",
                "A file of any class, also a private one, opens as a picture where it has pixels. What was refused of "
                "the tested files lacks its pixels or is damaged.", "",
                "| SOP class | UID | What is done | Files | Refused |", "|---|---|---|---|---|")
    known = storage_classes()
    for uid, name in known.items():
        found = tested.get(uid, {})
        yield f"| {name} | `{uid}` | {treatment(name)} | {sum(found.values())} | {found.get('refused', 0)} |"
    others = [found for uid, found in tested.items() if uid not in known]
    refused = sum(found.get("refused", 0) for found in others)
    yield f"| Private and others | | as what they hold | {sum(sum(found.values()) for found in others)} | {refused} |"
    yield from ("", "ICC profiles are not applied: the picture says so, unless its color space is sRGB. What is meant "
                "for processing (Presentation Intent Type) opens as any other picture, and says so.")


def treatment(name: str) -> str:
    """Return what is done with objects of a SOP class; `name` is its name without "Storage"."""
    from core.dicom.dicom_object import LAYER_CLASSES
    from core.dicom.load_object import kind_of_class

    if name in LAYER_CLASSES:
        return _LAYER
    if name.startswith("Video "):
        return _VIDEO
    if "Image" in name or name in _IMAGES_OF_OTHER_NAMES:
        return _IMAGE
    if "Presentation State" in name and any(word in name for word in _FOR_SEVERAL):
        return _NOT_APPLIED
    return _DONE[kind_of_class(name).value]


def _pictures() -> Iterator[str]:
    yield from ("## Other files", "",
                "PNG, JPEG, TIFF, BMP and WebP open as pictures; zip archives, DICOMDIR and folders as what they hold.")


if __name__ == "__main__":
    print(as_markdown(json.loads(COUNTS.read_text(encoding="utf-8"))), end="")
