"""Every sentence that a person reads about a reading, a refusal or a failure.

A refused or failed reading never reads like a negative one, and nothing here ever says "normal".
"""

from collections.abc import Iterable, Sequence
from math import floor
from pathlib import Path

from core.files import printable
from core.findings.extent import MOST_OF_ZONE, ZONES, Extent
from core.findings.finding import Finding, Reading, Verdict
from core.refusal import Reason, Refusal

RESEARCH_NOTICE = "Research use. Not a medical device. Unverified."
START_NOTICE = "Wetread is research software, not a medical device: do not use it for diagnosis."
AI_OFF = "AI: off"
AI_READING = "AI: reading..."
FITS = "Fits what the model was made for: frontal chest"
AGE_WANTED = "Age in years (not in the file)"
AGE_EXPLANATION = (
    "Some answers were measured at some ages only. The age that is entered here counts for all images of the study "
    "until everything is closed, and readings say that it was stated."
)
MAP_CAPTION = "area that drove the score"
TRAINING_NOT_PACKED = "Training and evaluation are not in this program: they need Wetread installed from its sources."
TRAINING_NOT_INSTALLED = (
    "Training and evaluation need packages that are not installed: in Wetread's sources, pip install -e '.[train]'"
)

NOTHING_FOUND = "There is no file in what was named or dropped."

# of a folder, an archive or a medium's index, where one picture is wanted
ONE_PICTURE_WANTED = (
    "One picture file can be rendered, and this holds files. Name one of them; of an archive after unpacking it."
)

NO_PLACE = "it does not say where on this image it lies"  # of a segmentation or map

MOST_GAPS = 5  # that are told of a series one by one

CAUTION_UNCONFIRMED = "The file does not say what it shows: read as a frontal chest radiograph, unchecked."
CAUTION_BY_PIXELS = "The file does not say what it shows: by its pixels a frontal chest radiograph."
CAUTION_UNKNOWN_PART = "The body part that the file names is not known here: read as a frontal chest radiograph."
CAUTION_INVERTED = "Its gray looks reversed: read with the gray turned back."
CAUTION_MIRRORED = "Left and right look exchanged, or the heart lies on the right: check the side marker. Read as is."
CAUTION_BAND = "The score lies where the model cannot tell reliably."
CAUTION_AGE_DECIDES = "The patient's age is not known, and whether the threshold is reached depends on it."
CAUTION_OTHER_AGE_DECIDES = "Not measured apart at this age, and whether the threshold is reached depends on the age."
CAUTION_AGE_UNKNOWN = "The patient's age is not known: the probability is calibrated for all ages together."
CAUTION_AGE_OTHER = "Not measured apart at this age: the probability is calibrated for all ages together."
# notes of a frame that say nothing against reading it
INVALID_SHUTTER_NOTE = "invalid shutter ignored"
EIGHT_OF_SIXTEEN_NOTE = "shown with 8 of its 16 bits"
# cautions that leave a reading as certain as it is
REMARKS = frozenset({
    CAUTION_AGE_UNKNOWN, CAUTION_AGE_OTHER, CAUTION_BY_PIXELS,
    f"{INVALID_SHUTTER_NOTE}.", f"{EIGHT_OF_SIXTEEN_NOTE}.",
})

# what happened, and what to do; {path} and the refusal's facts are filled in
_FILE_SENTENCES = {
    Reason.NOT_FOUND: ("not found", "There is no such file.", "Check the path."),
    Reason.NOT_PERMITTED: ("not permitted", "The {kind} may not be read.", "Ask for permission or copy it."),
    Reason.NOT_A_FILE: (
        "not a regular file", "This is not a regular file{detail}, and was not opened.",
        "Nothing to do if it was not meant as an image.",
    ),
    Reason.EMPTY_FILE: ("empty", "The file is empty.", "Copy it again from its source."),
    Reason.NOT_AN_IMAGE: (
        "no image", "This is neither DICOM nor a PNG, JPEG, TIFF, BMP or WebP picture{detail}.",
        "Nothing to do if it was not meant as an image.",
    ),
    Reason.NO_PIXELS: (
        "no picture", "This DICOM object{sop_class} holds no picture.", "Open the images that it belongs to.",
    ),
    Reason.DAMAGED: ("damaged", "The file is damaged or cut off{detail}.", "Copy or export it again."),
    Reason.UNSUPPORTED: (
        "not supported", "The picture is stored as {syntax}, which is not supported{detail}.",
        "Export it uncompressed or as JPEG 2000.",
    ),
    Reason.TOO_LARGE: ("too large", "The picture is too large{detail}.", "Export it at a smaller size."),
    Reason.TOOK_TOO_LONG: (
        "took too long", "Decoding took too long: the machine is busy, or the file is damaged.",
        "Try again; if it stays so, copy or export the file again.",
    ),
    Reason.NOT_ON_MEDIUM: (
        "missing", "The file is named by the medium's DICOMDIR and is not there.", "Look for it on the medium.",
    ),
    Reason.WRONG_DICOMDIR: (
        "wrong DICOMDIR", "None of the {files} files that the DICOMDIR names is there.",
        "Its folder was searched instead.",
    ),
    Reason.NOTHING_INSIDE: (
        "nothing inside", "The archive holds nothing that can be opened ({files} {files_word} tried).",
        "Nothing to do if it was not meant to hold images.",
    ),
    Reason.PASSWORD_NEEDED: (
        "password needed", "The archive asks for a password.",
        "Open it again and enter it; on the command line with --password-file.",
    ),
    Reason.PASSWORD_WRONG: ("wrong password", "The password does not open the archive.", "Open it again with another."),
    Reason.PACKING: (
        "not supported", "It is packed in a way that is not supported{detail}.",
        "Unpack it with another program and open the folder.",
    ),
    Reason.ARCHIVE_LIMIT: (
        "not unpacked", "The archive was not unpacked to its end{detail}.",
        "Make room for temporary files, or unpack it with another program and open the folder.",
    ),
    Reason.CHANGED: (
        "changed", "The file has changed since it was opened.", "Close everything that is open, and open it again.",
    ),
    Reason.NO_SUCH_FRAME: ("no such frame", "There is no frame {frame} among {frames}.", "Name one that exists."),
    Reason.MODEL_MISSING: (
        "model missing", "The model cannot be read{detail}.",
        "Viewing works; for readings, look at the model's folder ({folder}) or install the program again.",
    ),
    Reason.MODEL_DAMAGED: (
        "model damaged", "The model was refused{detail}.",
        "Viewing works; for readings, replace the model's folder ({folder}) or install the program again.",
    ),
    Reason.FAILED: ("failed", "An unexpected error ended the work{detail}.", "Try again; the log has the details."),
    Reason.CANCELLED: ("cancelled", "The work was cancelled.", "Start it again."),
}

_NOT_ANALYZED = {
    Reason.WRONG_MODALITY: "{modality_name}, not a chest radiograph",
    Reason.WRONG_BODY_PART: "{body_part}, not a chest",
    Reason.NOT_FRONTAL: "{view_name} view",
    Reason.COLOR: "color picture",
    Reason.SEVERAL_FRAMES: "{frames} frames, not one film",
    Reason.TOO_SMALL: "too small ({size} pixels, at least {least} needed)",
    Reason.WRONG_SHAPE: "not the shape of a chest film ({size} pixels)",
    Reason.CONSTANT: "empty picture, one gray value everywhere",
    Reason.NOT_A_CHEST: "does not look like a frontal chest radiograph",
    Reason.LOOKS_LATERAL: "looks like a lateral view",
    Reason.TURNED: "looks like a chest {lies}",
    Reason.PART_OF_CHEST: "looks like a part of a chest, or a screen with a chest on it",
}

_MODALITIES = {"MR": "MR", "CT": "CT", "US": "ultrasound", "MG": "mammogram", "XA": "angiography", "NM": "scintigraphy",
               "PT": "PET", "SC": "secondary capture", "OT": "image of another kind", "XC": "photograph",
               "ES": "endoscopy"}
_BODY_PARTS = {"CSPINE": "cervical spine", "TSPINE": "thoracic spine", "LSPINE": "lumbar spine",
               "SSPINE": "sacral spine", "CTSPINE": "cervicothoracic spine", "TLSPINE": "thoracolumbar spine",
               "LSSPINE": "lumbosacral spine", "TMJ": "temporomandibular joint", "IAC": "internal auditory canal"}
_VIEWS = {"LL": "lateral", "RL": "lateral", "LATERAL": "lateral", "LLD": "decubitus", "RLD": "decubitus",
          "LLO": "oblique", "LAO": "oblique", "RAO": "oblique", "RLO": "oblique", "LPO": "oblique", "RPO": "oblique"}

# what the input gate takes a picture for: how it lies in its file, which alone is read, and what to do
_EXPORT = "in the file: export it turned by {} from where it came; turning the view changes no reading"
_TURNS = {"turned-left": f"on its side {_EXPORT.format('90° clockwise')}",
          "turned-right": f"on its side {_EXPORT.format('90° counterclockwise')}",
          "upside-down": f"upside down {_EXPORT.format('180°')}"}


class _Facts(dict[str, str]):
    """Facts of a refusal for str.format_map; what was not said is left out of the sentence."""

    def __missing__(self, key: str) -> str:
        return {"detail": "", "kind": "file", "syntax": "an unknown syntax", "sop_class": ""}.get(key, "?")


def _facts(refusal: Refusal) -> _Facts:
    facts = _Facts(refusal.facts)
    if facts.get("detail"):
        facts["detail"] = f" ({facts['detail']})"
    if facts.get("sop_class"):
        facts["sop_class"] = f" ({facts['sop_class']})"
    modality, view = facts.get("modality", ""), facts.get("view", "")
    facts["modality_name"] = _MODALITIES.get(modality, modality)
    if refusal.path is not None:  # of a model: its folder or a file in it
        is_file = refusal.path.suffix in (".json", ".safetensors")
        facts["folder"] = printable(refusal.path.parent if is_file else refusal.path)
    facts["files_word"] = "file" if facts.get("files") == "1" else "files"
    facts["body_part"] = _body_part_name(facts.get("body_part", "?"))
    facts["view_name"] = _VIEWS.get(view, view)
    facts["lies"] = _TURNS.get(facts.get("answer", ""), "turned")
    return facts


def _body_part_name(text: str) -> str:
    """Return a body part as a person writes it: "EXTREMITY" is "extremity", "CSPINE" the cervical spine (PS3.16 L)."""
    return _BODY_PARTS.get(text.upper(), text.lower() if text.isupper() else text)


def reason_text(refusal: Refusal) -> str:
    """Return the reason in few words, without the file's name: "cut off", "MR, not a chest radiograph"."""
    if refusal.reason in _NOT_ANALYZED:
        return _NOT_ANALYZED[refusal.reason].format_map(_facts(refusal))
    return _FILE_SENTENCES[refusal.reason][0]


def refusal_sentence(refusal: Refusal) -> str:
    """Return what happened and what can be done, without the file's name."""
    if refusal.reason in _NOT_ANALYZED:
        return f"Not analysed: {reason_text(refusal)}."
    _, happened, remedy = _FILE_SENTENCES[refusal.reason]
    return f"{happened.format_map(_facts(refusal))} {remedy.format_map(_facts(refusal))}"


def refusal_text(refusal: Refusal) -> str:
    """Return what happened, to which file, and what can be done."""
    text = refusal_sentence(refusal)
    return f"{printable(Path(refusal.path.name))}: {text}" if refusal.path else text


# what is shown instead of a picture; a report needs no words beside its own
_OBJECT_NOTES = {
    "Report": "",
    "Document": "The document inside opens in the desktop's program for it, when you ask for it.",
    "Presentation state": "It says how images are to be shown; here is what it holds.",
    "Waveform": "No picture to show; the curves are not drawn. Here is what they are.",
    "Structure set": "Outlines for the images that they were drawn on; here are their names.",
    "Directory": "The list of files of a medium. Open the medium's folder to see them.",
}


def object_note(kind: str) -> str:
    """Return what is said of an object of a kind that is no picture; `kind` is the name that a person reads."""
    return _OBJECT_NOTES.get(kind, f"{kind}: no picture to show. Its header has all that it holds.")


def matrix_text(columns: int, rows: int) -> str:
    """Return why a segmentation or map does not lie over an image of another matrix."""
    return f"its matrix of {columns} × {rows} pixels is not the image's, and it does not say where it lies"


def lost_frames_text(count: int) -> str:
    """Return that frames of a segmentation or map are missing."""
    return f"{count} of its frames could not be decoded"


def split_text(splits: Iterable[tuple[str, int]], is_joined: bool = False) -> str:
    """Return why a series was split; each split is what differs, as a plural, and in how many ways."""
    reasons = [what if "(" in what else f"{count} {what}" for what, count in splits]
    what_is = "joined again, though" if is_joined else "split:"
    return f"The series is {what_is} it holds {' and '.join(reasons)}." if reasons else ""


def order_text(order: str) -> str:
    """Return by what the images of a series are in order, "" where there is nothing to put in order."""
    return f"In order of {order}." if order else ""


def gaps_text(gaps: Sequence[tuple[float, int, float]], usual_mm: float, in_order: bool = True) -> str:
    """Return where the gaps between slices are uneven: each in mm, the image before it (1 is the first), its place.

    The numbers of images are told only where these are `in_order` of their positions.
    """
    told = [f"{gap:.4g} mm {f'after image {number} ' if in_order else ''}(at {place:.4g} mm)"
            for gap, number, place in gaps[:MOST_GAPS]]
    told += [f"{len(gaps) - MOST_GAPS} more"] * (len(gaps) > MOST_GAPS)
    return f"Uneven gaps between slices, {usual_mm:.4g} mm elsewhere: {', '.join(told)}." if told else ""


def gap_text(gap_mm: float, usual_mm: float, is_before: bool) -> str:
    """Return what is said beside an image of an uneven gap, which lies after it or `is_before` it."""
    return f"{gap_mm:.4g} mm {'from the last' if is_before else 'to the next'} (else {usual_mm:.4g})"


MOST_REFUSALS = 3  # of an opening that are told one by one


def opening_text(
    images: int, others: int, refused: int, missing: int, copies: int, indexes: int, told: Sequence[Refusal] = ()
) -> str:
    """Return what came of opening files, as counts that add up; "" where the lists of what is open tell enough.

    That is told of which no list speaks: copies, media that are not whole, and that nothing opened at all. `missing`
    of the `refused` are named by a DICOMDIR and not there; `others` are objects that are no pictures. A few of the
    refusals may be `told` with their reasons, a line each: where they are all that came of it they are all it says.
    """
    few = "\n".join(map(refusal_text, told)) if len(told) <= MOST_REFUSALS else ""
    if not (missing or copies or (refused and not images and not others)):
        return few
    if len(told) == refused == images + others + refused + copies + indexes and few:
        return few
    files = images + others + refused + copies + indexes
    parts = [f"{images} {_plural(images, 'image')}"]
    parts += [f"{others} without a picture"] * bool(others)
    parts += [f"{refused} not opened" + f" ({missing} missing on the medium)" * bool(missing)] * bool(refused)
    parts += [f"{copies} {_plural(copies, 'copy', 'copies')} of open files"] * bool(copies)
    parts += [f"{indexes} DICOMDIR"] * bool(indexes)
    counts = f"{files} {_plural(files, 'file')}: {', '.join(parts)}."
    return f"{counts}\n{few}" if few else counts


def empty_folders_text(folders: Sequence[Path]) -> str:
    """Return which of the folders that were named hold no file."""
    return f"There is no file in {', '.join(printable(Path(folder.name)) for folder in folders)}."


def _plural(count: int, one: str, many: str = "") -> str:
    return one if count == 1 else many or f"{one}s"


def overwriting_text(output: Path, read: Path, wanted: str = "file") -> str:
    """Return that a result would be written over a file that is read; another one of what is `wanted` is asked for."""
    where = "is" if read == output else f"is {printable(read)}, which is"
    return f"{printable(output)}: not written, it {where} one of the files to read. Name another {wanted}."


def wrong_kind_text(output: Path, wanted: str) -> str:
    """Return that a result cannot be written since a folder is there where a file is `wanted`, or the other way."""
    there = "folder" if wanted == "file" else "file"
    return f"{printable(output)}: not written, it is a {there}. Name a {wanted}."


def not_written_text(path: Path, error: OSError) -> str:
    """Return that a result could not be written, and why."""
    return f"{printable(path)}: not written ({error.strerror or error}). Name a folder you may write to."


def kept_text(path: Path) -> str:
    """Return that a list of before was not replaced by one that is not whole."""
    return f"{printable(path)}: left as it was, since the new list is not whole. Name a file that is not there yet."


def interrupted_text(files: int) -> str:
    """Return that a person ended the work, and after how many files of a list."""
    return f"interrupted after {files} {_plural(files, 'file')}: the list is not whole"


def copy_text(first: Path) -> str:
    """Return that a file is the same instance as another, with the same data set."""
    return f"copy of {printable(first)}"


def waiting_text(position: int) -> str:
    """Return the state of a reading that waits; position 1 is the next."""
    last, teens = position % 10, position % 100 in (11, 12, 13)
    ending = "th" if teens else {1: "st", 2: "nd", 3: "rd"}.get(last, "th")
    return f"AI: waiting ({position}{ending})"


def fit_text(reading: Reading) -> str:
    """Return whether the image is what the model was made for, as the line above the findings."""
    if reading.verdict is Verdict.FITS:
        return FITS
    if reading.verdict is Verdict.UNCERTAIN:
        return "Uncertain"
    return state_text(reading)


def state_text(reading: Reading) -> str:
    """Return the one state of an image's reading, in one line."""
    if reading.verdict in (Verdict.REFUSED, Verdict.FAILED):
        refusal = reading.refusal or Refusal(Reason.FAILED)
        word = "Not analysed" if reading.verdict is Verdict.REFUSED else "Failed"
        return f"{word}: {reason_text(refusal)}"
    above = [finding.label for finding in reading.findings if finding.above]
    prefix = "Uncertain. " if reading.verdict is Verdict.UNCERTAIN else ""
    if above:
        return f"{prefix}Above threshold: {', '.join(above)}"
    return f"{prefix}No listed finding above threshold ({len(reading.findings)} looked for). Does not exclude disease."


def state_words(reading: Reading) -> str:
    """Return the state of an image's reading in few words, where the one line has no room; the line is still told."""
    if reading.verdict in (Verdict.REFUSED, Verdict.FAILED):
        return "Not analysed" if reading.verdict is Verdict.REFUSED else "Failed"
    if any(finding.above for finding in reading.findings):
        return "Above threshold"
    return "Uncertain" if reading.verdict is Verdict.UNCERTAIN else "No listed finding above threshold"


def verdict_reason(reading: Reading) -> str:
    """Return why a reading is not plainly "fits": the refusal's words or the cautions; "" for one that fits."""
    if reading.refusal is not None:
        return reason_text(reading.refusal)
    return " ".join(reading.cautions) if reading.verdict is Verdict.UNCERTAIN else ""


MOST_DIGITS = 6  # of a probability that lies beside its threshold


def probability_text(probability: float, digits: int = 2) -> str:
    """Return a probability of 0 to 1 as it is shown: "0.46", and "<0.01" or ">0.99" rather than 0 or 1.

    No estimate is certain, and rounding makes none so.
    """
    least = 10.0 ** -digits
    if round(probability, digits) <= 0:
        return f"<{least:.{digits}f}"
    if round(probability, digits) >= 1:
        return f">{1 - least:.{digits}f}"
    return f"{probability:.{digits}f}"


def digits_apart(finding: Finding, least: int = 2) -> int:
    """Return how many digits, `least` or more, tell a probability from its threshold, so that both say one thing."""
    return next((digits for digits in range(least, MOST_DIGITS)
                 if round(finding.probability, digits) != round(finding.threshold, digits)
                 or finding.probability == finding.threshold), MOST_DIGITS)


def threshold_text(finding: Finding, digits: int = 2) -> str:
    """Return "above threshold 0.46" or "below threshold 0.46"."""
    return f"{'above' if finding.above else 'below'} threshold {finding.threshold:.{digits}f}"


YEARS_FROM = 2  # below this age months are told
OLDEST = 120  # years: an upper limit of this or more is none


def not_asked_text(label: str, ages: tuple[float, float] | None, given: str, is_age_known: bool = True) -> str:
    """Return which finding was not asked of an image, of which it is, and whether for want of the patient's age."""
    conditions = [] if ages is None else [f"at {ages_text(ages)}"]
    conditions += [f"with {given.lower()} above its threshold"] if given else []
    unknown = "; the age is not known" if ages is not None and not is_age_known else ""
    return f"{label[:1].lower()}{label[1:]} (asked {', '.join(conditions)}{unknown})"


def ages_text(ages: tuple[float, float]) -> str:
    """Return a range of ages in completed years: "1–5 years", "18 years and older"."""
    return f"{ages[0]:g} years and older" if ages[1] >= OLDEST else f"{ages[0]:g}–{ages[1]:g} years"


def extent_text(extent: Extent) -> str:
    """Return the scores of the zones in one line: each lung from above, and the sum."""
    right, left = (" ".join(f"{score:.1f}" for score in side) for side in zip(*extent.rows(), strict=True))
    return f"{extent.label}: right {right}, left {left}, sum {extent.total:.1f} of {MOST_OF_ZONE * len(ZONES):g}"


def age_text(years: float | None, is_stated: bool) -> str:
    """Return the patient's age in completed years or months, and whether the file or a person says so."""
    if years is None:
        return "not in the file"
    old = f"{_completed(years)} years" if years >= YEARS_FROM else f"{_completed(years * 12)} months"
    return f"{old}, stated here" if is_stated else old


def completed_tenths(years: float) -> float:
    """Return an age to the tenth of a year that is completed: who is to be of age tomorrow is not 18.0 today."""
    return _completed(years * 10) / 10


def _completed(count: float) -> int:
    return floor(count + 1e-9)  # an age of whole months, made from years and back, may lie a rounding error below


def extent_error_text(extent: Extent) -> str:
    """Return how far such estimates were off."""
    return f"off by {extent.error:.1f} a zone and {extent.error_of_sum:.1f} in the sum on average"


def extent_explanation(extent: Extent) -> str:
    """Return what the numbers are, whom they were measured on and how far they were off."""
    return (
        "An estimate of the Brixia score (Borghesi and Maroldi 2020): upper, middle and lower zone of each lung, "
        "0 no abnormality, 1 interstitial, 2 interstitial and alveolar, 3 mostly alveolar opacities. "
        f"Learned from and measured on {extent.population}, where it was {extent_error_text(extent)}, "
        "against radiologists' mean. Zones are parts of the picture, not outlined lungs."
    )


def share_text(inside: float, outside: float, fraction: float | None) -> str:
    """Return what a region adds to the score: a percentage where one makes sense, else the plain sum in logits."""
    if fraction is not None:
        return f"{fraction:.0%} of the score".replace("%", " %")
    return f"{inside:+.2f} in the region, {outside:+.2f} outside (logits)"
