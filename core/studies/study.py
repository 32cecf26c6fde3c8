"""Patient, study, series: what is open, as a frozen tree that grows with each image."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from core.imaging.image import Header, Identity, Image
from core.studies.order import natural_key
from core.studies.stack import Stack, split_series


@dataclass(frozen=True, slots=True)
class Series:
    """The images of one series, each once, and the stacks in which their frames are scrolled through.

    `key` tells it from the series of other studies that claim the same UID.
    """

    uid: str
    images: tuple[Image, ...]
    stacks: tuple[Stack, ...]
    key: str = ""

    @property
    def header(self) -> Header:
        """The header of its first image."""
        return self.images[0].header


@dataclass(frozen=True, slots=True)
class Study:
    """The series of one study, by series number."""

    uid: str
    series: tuple[Series, ...]

    @property
    def header(self) -> Header:
        """The header of its first image."""
        return self.series[0].header


@dataclass(frozen=True, slots=True)
class Patient:
    """The studies of one patient, newest first.

    `key` is the patient's ID and its issuer, never the name; without an ID each study stands alone. Who has the same ID
    may be another all the same (`are_two_people`).
    """

    key: str
    studies: tuple[Study, ...]

    @property
    def header(self) -> Header:
        """The header of its first image."""
        return self.studies[0].header


def add_images(patients: Iterable[Patient], images: Iterable[Image]) -> tuple[Patient, ...]:
    """Return the tree with more images in it: what did not change is the same object as before.

    Images of one series that come from different folders are one series; a file opened again replaces what it held.
    Two files of one instance are the caller's to compare (`core.studies.duplicates`): both are shown where they differ.
    """
    tree = {patient.key: patient for patient in patients}
    new: dict[str, dict[str, dict[str, list[Image]]]] = {}
    for image in images:
        identity = image.identity
        studies = new.setdefault(patient_key(image.header, identity), {})
        studies.setdefault(identity.study_uid, {}).setdefault(identity.series_uid, []).append(image)
    for key, studies in new.items():
        tree[key] = _grown_patient(tree.get(key, Patient(key, ())), studies)
    return tuple(tree.values())


def patient_key(header: Header, identity: Identity) -> str:
    """Return what tells one patient from another: the ID and who issued it; without one each study stands alone."""
    return f"{header.patient_id}^{header.patient_id_issuer}" if header.patient_id else identity.study_uid


def examination_key(image: Image) -> tuple[str, str]:
    """Return what tells the study of a patient from others: a copied Study Instance UID makes no two patients one."""
    return patient_key(image.header, image.identity), image.identity.study_uid


def are_two_people(one: Header, other: Header) -> bool:
    """Return whether what two headers say of the patient contradicts: two people may have one ID, as "0" or "ANON".

    Two birth dates decide; where one is missing the names do, unless one of them is the other written longer.
    """
    if one.birth_date and other.birth_date:
        return one.birth_date != other.birth_date
    parts = (header.patient_name.casefold().replace("^", " ").split() for header in (one, other))
    return not all(_may_be_one_name(*pair) for pair in zip(*parts, strict=False))


def _may_be_one_name(one: str, other: str) -> bool:
    """An initial stands for every name that begins with it; in a script without case one letter is a whole name."""
    short, long = sorted((one.rstrip("."), other.rstrip(".")), key=len)
    is_initial = len(short) == 1 and short != short.upper()
    return short == long or (is_initial and long.startswith(short))


def _grown_patient(patient: Patient, new: dict[str, dict[str, list[Image]]]) -> Patient:
    studies = {study.uid: study for study in patient.studies}
    for uid, series in new.items():
        studies[uid] = _grown_study(studies.get(uid, Study(uid, ())), series, f"{patient.key}/{uid}")
    newest_first = sorted(studies.values(), key=lambda one: (one.header.date, one.header.time), reverse=True)
    return replace(patient, studies=tuple(newest_first))


def _grown_study(study: Study, new: dict[str, list[Image]], key: str) -> Study:
    series = {one.uid: one for one in study.series}
    for uid, images in new.items():
        known = series.get(uid, Series(uid, (), ()))
        once = {image.path: image for image in (*known.images, *images)}
        series[uid] = _series(f"{key}/{uid}", uid, once.values(), known.stacks)
    ordered = sorted(series.values(), key=lambda one: (natural_key(one.header.series_number), one.header.time))
    return replace(study, series=tuple(ordered))


def _series(key: str, uid: str, images: Iterable[Image], known: Iterable[Stack]) -> Series:
    stacks = split_series(key, images, known)
    in_order = {frame.image.path: frame.image for stack in stacks for frame in stack.frames}
    return Series(uid, tuple(in_order.values()), stacks, key)
