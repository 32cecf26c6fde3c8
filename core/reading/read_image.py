"""The one path from an image to a reading: gate, preprocess, network, calibrate, maps."""

import copy
import logging
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load as load_tensors

from core.dicom.load_image import load_image
from core.findings.finding import Finding, ModelIdentity, Reading, Verdict, standing_alone
from core.findings.wording import (
    CAUTION_AGE_DECIDES,
    CAUTION_AGE_OTHER,
    CAUTION_AGE_UNKNOWN,
    CAUTION_BAND,
    CAUTION_BY_PIXELS,
    CAUTION_OTHER_AGE_DECIDES,
    CAUTION_UNCONFIRMED,
    CAUTION_UNKNOWN_PART,
    REMARKS,
    ages_text,
    not_asked_text,
)
from core.imaging.image import Frame, Image
from core.imaging.placement import Placement
from core.reading import calibrate, gate
from core.reading.asking import age_in_years, depends_on_age, is_asked
from core.reading.extent import ExtentHead, ask_extent, load_extent
from core.reading.gated import Gated, pass_gate
from core.reading.input_gate import InputGate, load_gate
from core.reading.model_card import (
    WEIGHTS_NAME,
    AgeCalibration,
    CalibrationSpec,
    FindingSpec,
    ModelCard,
    load_card,
    load_weights,
)
from core.reading.network import Network, fold_batch_norm, receptive_centers
from core.reading.preprocess import fingerprint, input_gray, normalize
from core.reading.reference import TOLERANCE, load_reference, reference_pictures
from core.refusal import Reason, Refusal

log = logging.getLogger(__name__)

Overtaken = Callable[[], bool]

# CUDA's errors are RuntimeErrors; asking a torch without CUDA for it is an AssertionError
CARD_ERRORS = (RuntimeError, AssertionError)


def never() -> bool:
    """Answer that no newer request has come: for callers that do not cancel."""
    return False


class Seen(NamedTuple):
    """One forward pass as arrays: see `network.Passed`."""

    logits: NDArray[np.float32]
    maps: NDArray[np.float32]
    cells: NDArray[np.float32]
    middle: NDArray[np.float32]


class Model:
    """A loaded model folder on one device; `device` says where it really runs, and why after a fall-back.

    `network` is on the CPU and stays there: a card that has failed may not give its own copy back.
    """

    def __init__(self, card: ModelCard, network: Network, input_gate: InputGate | None = None) -> None:
        self.card = card
        self.gate = input_gate
        self.extent: ExtentHead | None = None  # the part of the folder that scores zones
        self._network = self._on_cpu = network
        self._device = torch.device("cpu")
        self.device = str(self._device)

    @property
    def identity(self) -> ModelIdentity:
        """Name, version and weights' hash."""
        return self.card.identity

    @property
    def network(self) -> Network:
        """The network itself, batch normalization folded, where the model runs."""
        return self._network

    def predict(self, inputs: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return logits (N, findings) and maps (N, findings, grid rows, grid columns) of inputs as `look`."""
        seen = self.look(inputs)
        return seen.logits, seen.maps

    def look(self, inputs: NDArray[np.float32]) -> Seen:
        """Return all of the forward pass of inputs (N, 1, rows, columns).

        A failure of the graphics card moves the model to the CPU for good and asks again there.
        """
        try:
            return self._forward(inputs)
        except CARD_ERRORS as error:
            if self.is_on_cpu:
                raise
            self.fall_back(type(error).__name__)
            return self._forward(inputs)

    @property
    def is_on_cpu(self) -> bool:
        """Whether the network runs on the CPU, chosen or fallen back to."""
        return self._device.type == "cpu"

    def move(self, target: torch.device) -> None:
        """Move to a device; one that fails at once leaves the model on the CPU, with the reason in `device`."""
        self._device, self.device = target, str(target)
        if target.type == "cuda" and not torch.cuda.is_available():  # torch would only fail an assertion
            self.fall_back("no CUDA device")
            return
        try:
            self._network = copy.deepcopy(self._on_cpu).to(target)
        except CARD_ERRORS as error:
            self.fall_back(type(error).__name__)

    def fall_back(self, why: str) -> None:
        """Move to the CPU and remember why."""
        log.warning("%s gave up (%s): reading on the CPU", self._device, why)
        self.device = f"cpu ({self._device} failed: {why})"
        self._device = torch.device("cpu")
        self._network = self._on_cpu

    @torch.inference_mode()
    def _forward(self, inputs: NDArray[np.float32]) -> Seen:
        batch = torch.from_numpy(inputs).to(self._device, memory_format=torch.channels_last)
        return Seen(*(part.float().cpu().numpy() for part in self._network.everything(batch)))


def choose_device(wish: str = "auto") -> torch.device:
    """Return the device for a wish: "auto" (a CUDA or Apple GPU where torch sees one), "cpu", "cuda", "mps"."""
    if wish != "auto":
        return torch.device(wish)
    if torch.cuda.is_available():
        return torch.device("cuda")
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


def leave_a_core_free() -> None:
    """Let the network use all cores but one (at least one), so that a window beside it stays quick; process-wide."""
    affinity = getattr(os, "sched_getaffinity", None)
    cores = len(affinity(0)) if affinity is not None else os.cpu_count() or 1
    torch.set_num_threads(max(1, cores - 1))


def load_model(folder: Path, device: str = "auto") -> Model | Refusal:
    """Load and check a model folder: card, weights against their SHA-256, reference answers on this device.

    Nothing in the folder is executed. A missing, damaged or tampered folder is a Refusal.
    """
    card = load_card(folder)
    if isinstance(card, Refusal):
        return card
    weights = load_weights(folder, card)
    if isinstance(weights, Refusal):
        return weights
    network = Network(len(card.findings), card.architecture)
    try:
        network.load_state_dict(load_tensors(weights))
    except (SafetensorError, RuntimeError) as error:
        detail = str(error).splitlines()[0]
        return Refusal(Reason.MODEL_DAMAGED, folder / WEIGHTS_NAME, {"detail": detail})
    input_gate = load_gate(folder, card, network.middle_channels)
    if isinstance(input_gate, Refusal):
        return input_gate
    network = fold_batch_norm(network)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    model = Model(card, network, input_gate)
    model.move(choose_device(device))
    extent = load_extent(folder, card)
    if isinstance(extent, Refusal):
        return extent
    model.extent = extent
    return _self_test(model, folder)


def _self_test(model: Model, folder: Path) -> Model | Refusal:
    """Compare the network's answers with those written where the model was made; a GPU that differs is not used."""
    reference = load_reference(folder)
    if isinstance(reference, Refusal):
        return reference
    if reference is None:
        return model
    inputs = normalize(reference_pictures(model.card.input), model.card.input)[:, None]
    expected = np.array(reference.logits)
    for _ in range(2):
        logits, _maps = model.predict(inputs)
        if logits.shape == expected.shape and np.allclose(logits, expected, atol=TOLERANCE, rtol=0.01):
            return model
        if model.is_on_cpu:
            break
        model.fall_back("other answers than the reference")
    return Refusal(Reason.MODEL_DAMAGED, folder, {"detail": "its network does not give its reference answers"})


def read_file(
    path: Path, model: Model, overtaken: Overtaken = never, *, asks_all: bool = False, age_years: float | None = None,
) -> Reading | None:
    """Open a file and read its first frame; a file that cannot be opened is a Reading that FAILED."""
    started = time.perf_counter()
    image = load_image(path)
    if isinstance(image, Refusal):
        return Reading(path, 0, Verdict.FAILED, model.identity, image, device=model.device)
    return read_image(image, model, overtaken=overtaken, started=started, asks_all=asks_all, age_years=age_years)


def read_image(
    image: Image, model: Model, frame_index: int = 0, overtaken: Overtaken = never, started: float | None = None,
    *, asks_all: bool = False, age_years: float | None = None,
) -> Reading | None:
    """Read one frame of an opened image; `frame_index` 0 is the first.

    `overtaken` is asked between the steps; as soon as it says yes the answer is None and the work stops. `started` is
    the `time.perf_counter()` from which the reading's seconds count. With `asks_all` every finding speaks, also of
    images that it is not made for: for those who measure it. `age_years` is the patient's age where whoever asks knows
    it; it goes before the header's. Raises nothing that a file can bring about.
    """
    started = time.perf_counter() if started is None else started
    card = model.card

    def no(verdict: Verdict, refusal: Refusal) -> Reading:
        return Reading(
            image.path, frame_index, verdict, model.identity, refusal, not_assessed=card.not_assessed,
            preprocessing=fingerprint(card.input), device=model.device, seconds=time.perf_counter() - started,
        )

    refusal = gate.refuse_by_header(image, card.population)
    if refusal is not None:
        return no(Verdict.REFUSED, refusal)
    if overtaken():
        return None
    frame = image.frame(frame_index)
    if isinstance(frame, Refusal):
        return no(Verdict.FAILED, frame)
    refusal = gate.refuse_by_shape(image, frame, card.population)
    if refusal is not None:
        return no(Verdict.REFUSED, refusal)
    if overtaken():
        return None
    gray, placement = input_gray(frame, card.input)
    refusal = gate.refuse_featureless(image, gray)
    if refusal is not None:
        return no(Verdict.REFUSED, refusal)
    inputs = normalize(gray, card.input)[None, None]
    if overtaken():
        return None
    seen = model.look(inputs)
    stated = age_in_years(image.header)
    age = stated if age_years is None else age_years
    try:
        gated = _gated(image, frame, model, seen, asks_all)
        if isinstance(gated, Refusal):
            return no(Verdict.REFUSED, gated)
        logits, maps = gated.seen.logits, gated.seen.maps
        findings, unasked = _findings(card, age, logits[0], maps[0], asks_all)
        extent, unscored = ask_extent(model.extent, card, gated.seen, age, findings, asks_all, frame.edges)
    except ValueError as error:
        return no(Verdict.FAILED, Refusal(Reason.FAILED, image.path, {"detail": str(error)}))
    alone = standing_alone(findings)
    cautions = gated.cautions + _cautions(image, frame, alone, model) + _age_cautions(card, age, alone)
    verdict = Verdict.UNCERTAIN if set(cautions) - REMARKS else Verdict.FITS
    return Reading(
        image.path, frame_index, verdict, model.identity, None, findings, card.not_assessed + unasked + unscored,
        place_grid(placement, maps.shape[3], maps.shape[2], card.first_center), cautions,
        fingerprint(card.input), model.device, time.perf_counter() - started,
        extent=extent, age_years=age, age_is_stated=age_years is not None,
        wants_age=stated is None and depends_on_age(card),
    )


def _gated(image: Image, frame: Frame, model: Model, seen: Seen, asks_all: bool) -> Gated | Refusal:
    """Ask the model's input gate, where it has one; who measures the findings asks them of everything."""
    if model.gate is None or asks_all:
        return Gated(seen)
    return pass_gate(model, model.gate, image.path, frame, seen)


def _findings(
    card: ModelCard, age: float | None, logits: NDArray[np.float32], maps: NDArray[np.float32], asks_all: bool
) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    """Return the findings that are asked of a patient of that age, and what is said of those that are not."""
    findings: tuple[Finding, ...] = ()
    unasked: tuple[str, ...] = ()
    for index, spec in enumerate(card.findings):
        if asks_all or is_asked(spec, age, findings):
            findings += (make_finding(card, index, logits, maps, age),)
        else:
            unasked += (not_asked_text(spec.label, spec.ages, spec.given, age is not None),)
    return findings, unasked


def _cautions(image: Image, frame: Frame, findings: tuple[Finding, ...], model: Model) -> tuple[str, ...]:
    """Return all that makes a reading uncertain: what is wrong with the picture, unknown of it, or of the answer.

    The answer is that of the findings that stand alone; what others add stands beside it.
    """
    cautions = tuple(f"The picture is {note}." if note.startswith("incomplete") else f"{note}." for note in frame.notes)
    if gate.is_unconfirmed(image, model.card.population):
        silent = CAUTION_UNCONFIRMED if model.gate is None else CAUTION_BY_PIXELS
        is_unknown = gate.has_unknown_part(image, model.card.population)  # else it may lack the modality alone
        cautions += (CAUTION_UNKNOWN_PART if is_unknown else silent,)
    if any(finding.is_uncertain for finding in findings):
        cautions += (CAUTION_BAND,)
    return cautions


def _age_cautions(card: ModelCard, age: float | None, findings: tuple[Finding, ...]) -> tuple[str, ...]:
    """Return what is said where a finding has numbers by age, and the patient's age is not among them."""
    specs = {spec.label: spec for spec in card.findings if spec.calibrations}
    pooled = [finding for finding in findings
              if (spec := specs.get(finding.label)) is not None and calibrate.numbers_for(spec, age) is spec]
    if not pooled:
        return ()
    decides = any(calibrate.depends_on_age(finding.logit, specs[finding.label]) for finding in pooled)
    if age is not None:
        return (CAUTION_OTHER_AGE_DECIDES,) if decides else (CAUTION_AGE_OTHER,)
    return (CAUTION_AGE_DECIDES,) if decides else (CAUTION_AGE_UNKNOWN,)


def make_finding(
    card: ModelCard, index: int, logits: NDArray[np.float32], maps: NDArray[np.float32], age: float | None = None
) -> Finding:
    """Return the finding with that index from logits (findings,) and maps (findings, grid rows, grid columns).

    `age` in years chooses among the card's calibrations; None is not known.
    """
    spec = card.findings[index]
    numbers = calibrate.numbers_for(spec, age)
    logit, evidence = float(logits[index]), maps[index]
    chance = calibrate.probability(logit, numbers)
    return Finding(
        label=spec.label,
        probability=chance,
        threshold=numbers.threshold,
        logit=logit,
        constant=logit - float(evidence.mean(dtype=np.float64)),
        evidence=evidence,
        evidence_scale=spec.evidence_scale,
        is_uncertain=calibrate.is_uncertain(chance, numbers),
        given=spec.given,
        population=_population(spec, numbers),
        prevalence=numbers.prevalence,
    )


def _population(spec: FindingSpec, numbers: CalibrationSpec) -> str:
    """Return whom a finding's numbers were made on: patients of the ages that it is asked at, "" for all."""
    if isinstance(numbers, AgeCalibration):
        return numbers.name
    return "" if spec.ages is None else ages_text(spec.ages)


def place_grid(
    placement: Placement, columns: int, rows: int, first_center: tuple[float, float] | None = None
) -> Placement:
    """Return the placement with the network's grid of so many columns and rows laid on its input.

    `first_center` is the card's: where the first cell really looks; without it theory says where.
    """
    x, step_x = receptive_centers(placement.input_size[0])
    y, step_y = receptive_centers(placement.input_size[1])
    return Placement(
        placement.image_size, placement.input_size, placement.scale, placement.offset,
        grid_size=(columns, rows), first_center=first_center or (x, y), stride=(step_x, step_y),
    )
