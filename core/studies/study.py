"""Patient, study, series: what is open, as a frozen tree that grows with each image."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from core.imaging.image import Header, Image
from core.studies.order import natural_key, sort_images


@dataclass(frozen=True, slots=True)
class Series:
    """The images of one series, in the order in which they are scrolled through. A multi-frame image is one image."""

    uid: str
    images: tuple[Image, ...]

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
    """The studies of one patient, newest first. `key` is the patient's ID; without one, each study stands alone."""

    key: str
    studies: tuple[Study, ...]

    @property
    def header(self) -> Header:
        """The header of its first image."""
        return self.studies[0].header


def add_images(patients: Iterable[Patient], images: Iterable[Image]) -> tuple[Patient, ...]:
    """Return the tree with more images in it: what did not change is the same object as before.

    Images of one series that come from different folders are one series; the same instance opened again replaces the
    earlier one, so that it appears once.
    """
    tree = {patient.key: patient for patient in patients}
    new: dict[str, dict[str, dict[str, list[Image]]]] = {}
    for image in images:
        identity = image.identity
        studies = new.setdefault(_patient_key(image), {})
        studies.setdefault(identity.study_uid, {}).setdefault(identity.series_uid, []).append(image)
    for key, studies in new.items():
        tree[key] = _grown_patient(tree.get(key, Patient(key, ())), studies)
    return tuple(tree.values())


def _patient_key(image: Image) -> str:
    return image.header.patient_id or image.identity.study_uid


def _grown_patient(patient: Patient, new: dict[str, dict[str, list[Image]]]) -> Patient:
    studies = {study.uid: study for study in patient.studies}
    for uid, series in new.items():
        studies[uid] = _grown_study(studies.get(uid, Study(uid, ())), series)
    newest_first = sorted(studies.values(), key=lambda one: (one.header.date, one.header.time), reverse=True)
    return replace(patient, studies=tuple(newest_first))


def _grown_study(study: Study, new: dict[str, list[Image]]) -> Study:
    series = {one.uid: one for one in study.series}
    for uid, images in new.items():
        known = series[uid].images if uid in series else ()
        once = {image.identity.instance_uid: image for image in (*known, *images)}
        series[uid] = Series(uid, tuple(sort_images(once.values())))
    ordered = sorted(series.values(), key=lambda one: (natural_key(one.header.series_number), one.header.time))
    return replace(study, series=tuple(ordered))
