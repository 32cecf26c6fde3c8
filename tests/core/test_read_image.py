"""From files to readings with a small real model; the network is the real one, only untrained."""

import errno
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load as load_tensors
from safetensors.torch import save

from core.files import sha256_of
from core.findings.finding import Verdict
from core.findings.wording import (
    CAUTION_AGE_DECIDES,
    CAUTION_AGE_OTHER,
    CAUTION_AGE_UNKNOWN,
    CAUTION_OTHER_AGE_DECIDES,
    CAUTION_UNKNOWN_PART,
    verdict_reason,
)
from core.imaging.image import Frame, Header, Identity, Image
from core.imaging.window import Window
from core.reading.model_card import AgeCalibration, InputSpec
from core.reading.network import Network
from core.reading.preprocess import normalize, preprocess
from core.reading.read_image import Model, load_model, read_file, read_image
from core.refusal import Reason, Refusal
from core.triage.rows import Priority, State, row_of
from tests.make.dicom import make_dicom
from tests.make.model import make_card, make_model

CHEST = Header(modality="CR", body_part="CHEST", view_position="PA")


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Model:
    loaded = load_model(make_model(tmp_path_factory.mktemp("models") / "made"), "cpu")
    assert isinstance(loaded, Model)
    return loaded


def film(seed=0, rows=240, columns=200, header=CHEST, **facts) -> Image:
    rng = np.random.default_rng(seed)
    pixels = (np.linspace(0, 3000, rows)[:, None] + rng.integers(0, 900, (rows, columns))).astype(np.uint16)
    frame = Frame(pixels, **facts)
    return Image(Path(f"film{seed}"), "DICOM", Identity("1", "2", str(seed)), header, rows, columns, 1, False,
                 lambda index: frame)


def test_a_fitting_image_gets_findings_maps_and_provenance(model):
    reading = read_image(film(), model)
    assert reading.verdict is Verdict.FITS and reading.refusal is None
    (finding,) = reading.findings
    assert 0 < finding.probability < 1
    assert finding.evidence.shape == (2, 2) and reading.placement.grid_size == (2, 2)
    assert finding.evidence.mean(dtype=np.float64) + finding.constant == pytest.approx(finding.logit, abs=1e-6)
    assert reading.model == model.identity and reading.device == "cpu" and reading.seconds > 0
    assert reading.not_assessed == ("nodule", "pneumothorax") and len(reading.preprocessing) == 8


def test_the_same_image_gives_the_same_numbers(model):
    first, second = read_image(film(), model), read_image(film(), model)
    assert first.findings[0].logit == second.findings[0].logit
    np.testing.assert_array_equal(first.findings[0].evidence, second.findings[0].evidence)


def test_a_monochrome1_film_reads_like_its_monochrome2_twin(model):
    window = Window(2000, 4000)
    plain = film(voi=(window,)).frame()
    twin = Frame((4000 - plain.stored).astype(np.uint16), voi=(window,), inverse=True)
    ours, theirs = (preprocess(frame, model.card.input)[0] for frame in (plain, twin))
    # the window's ends lie half a unit apart between the twins
    assert np.abs(ours - theirs).max() <= 1 / 255 / model.card.input.std + 1e-6


def test_an_equalized_input_is_the_same_whatever_the_tone_curve():
    spec = InputSpec(rows=32, columns=32, mean=0.5, std=0.25, tone="equalized")
    dark = np.random.default_rng(0).integers(0, 120, (2, 32, 32), np.uint8)
    bright = np.rint(255 * (dark / 120) ** 0.5).astype(np.uint8)
    assert np.abs(normalize(dark, spec) - normalize(bright, spec)).max() < 0.05
    assert np.abs(np.diff(np.percentile(normalize(dark, spec), (25, 75))) - 0.5 / spec.std).max() < 0.1


@pytest.mark.parametrize(
    "header, reason",
    [(replace(CHEST, modality="MR"), Reason.WRONG_MODALITY), (replace(CHEST, view_position="LL"), Reason.NOT_FRONTAL)],
)
def test_a_refused_image_has_a_reason_and_no_findings(model, header, reason):
    reading = read_image(film(header=header), model)
    assert reading.verdict is Verdict.REFUSED and reading.refusal.reason is reason
    assert reading.findings == () and reading.placement is None


def test_an_image_that_says_nothing_of_itself_is_uncertain(model):
    reading = read_image(film(header=Header()), model)
    assert reading.verdict is Verdict.UNCERTAIN and reading.findings and reading.cautions


def test_a_film_whose_words_nobody_knows_is_read_as_one_that_says_nothing(model):
    reading = read_image(film(header=replace(CHEST, body_part="TORAX", view_position="FRONTAL")), model)
    silent = read_image(film(header=Header(modality="CR")), model)
    assert reading.findings[0].logit == silent.findings[0].logit
    assert CAUTION_UNKNOWN_PART in reading.cautions and CAUTION_UNKNOWN_PART not in silent.cautions
    assert reading.verdict is Verdict.UNCERTAIN
    assert row_of(reading).priority is not Priority.NOT_ANALYZED


def test_a_film_that_names_its_chest_and_no_modality_names_no_unknown_body_part(model):
    reading, silent = (read_image(film(header=header), model)
                       for header in (Header(body_part="CHEST", view_position="PA"), Header()))
    assert reading.cautions == silent.cautions and CAUTION_UNKNOWN_PART not in reading.cautions
    assert CAUTION_UNKNOWN_PART in read_image(film(header=Header(body_part="TORAX")), model).cautions


def test_a_frame_that_cannot_be_decoded_fails(model):
    broken = Image(Path("x"), "DICOM", Identity("1", "2", "3"), CHEST, 300, 300, 1, False,
                   lambda index: Refusal(Reason.DAMAGED, Path("x")))
    reading = read_image(broken, model)
    assert reading.verdict is Verdict.FAILED and reading.refusal.reason is Reason.DAMAGED


def test_a_file_that_cannot_be_opened_is_a_failed_reading(model, tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("no image")
    reading = read_file(path, model)
    assert reading.verdict is Verdict.FAILED and reading.path == path and reading.findings == ()


@pytest.mark.parametrize("asked", [1, 2, 3])
def test_an_overtaken_request_stops_between_the_steps(model, asked):
    calls = []

    def overtaken() -> bool:
        calls.append(1)
        return len(calls) >= asked

    assert read_image(film(), model, overtaken=overtaken) is None
    assert len(calls) == asked


def test_weights_that_do_not_fit_the_network_are_refused(tmp_path):
    folder = make_model(tmp_path / "m")
    card = (folder / "model.json").read_text()
    content = (folder / "weights.safetensors").read_bytes()
    cut = content[: len(content) // 2]
    (folder / "weights.safetensors").write_bytes(cut)
    (folder / "model.json").write_text(card.replace(sha256_of(content), sha256_of(cut)))
    refusal = load_model(folder, "cpu")
    assert isinstance(refusal, Refusal) and refusal.reason is Reason.MODEL_DAMAGED


def test_a_network_that_does_not_give_its_reference_answers_is_refused(tmp_path):
    folder = make_model(tmp_path / "m")
    (folder / "reference.json").write_text('{"logits": [[9.0], [9.0], [9.0]]}')
    refusal = load_model(folder, "cpu")
    assert isinstance(refusal, Refusal) and "reference" in refusal.facts["detail"]


@pytest.mark.parametrize("content", ['{"logits": [[9.0], [9.0, 1.0], [9.0]]}', '{"logits": 1}', "", None])
def test_reference_answers_that_are_damaged_or_cannot_be_read_are_a_damaged_model(tmp_path, content, monkeypatch):
    path = make_model(tmp_path / "m") / "reference.json"
    real = Path.read_bytes

    def closed(file):  # root may read any
        if file == path:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return real(file)

    if content is None:
        monkeypatch.setattr(Path, "read_bytes", closed)
    else:
        path.write_text(content)
    refusal = load_model(path.parent, "cpu")
    assert isinstance(refusal, Refusal) and refusal.path == path and "reference.json" in refusal.facts["detail"]
    assert refusal.reason is (Reason.MODEL_MISSING if content is None else Reason.MODEL_DAMAGED)


def test_a_pickle_is_never_opened(tmp_path):
    folder = make_model(tmp_path / "m")
    torch.save({"a": torch.zeros(1)}, folder / "weights.safetensors")
    refusal = load_model(folder, "cpu")
    assert isinstance(refusal, Refusal) and refusal.reason is Reason.MODEL_DAMAGED


@pytest.fixture
def absent_card() -> str:
    """A kind of card that this machine does not have, whose use is a real failure."""
    available = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    return next(kind for kind in ("cuda", "mps") if not available[kind])


def test_a_card_that_fails_at_once_leaves_the_model_on_the_cpu_and_says_so(tmp_path, absent_card):
    model = load_model(make_model(tmp_path / "m"), absent_card)
    assert isinstance(model, Model) and model.is_on_cpu
    assert model.device.startswith(f"cpu ({absent_card} failed: ")


def test_a_card_that_fails_while_reading_is_replaced_by_the_cpu(model, tmp_path, absent_card):
    other = load_model(make_model(tmp_path / "m"), "cpu")
    other._device = torch.device(absent_card)
    reading = read_image(film(), other)
    assert other.is_on_cpu and reading.device.startswith(f"cpu ({absent_card} failed: ")
    assert reading.findings[0].logit == pytest.approx(read_image(film(), model).findings[0].logit)


@pytest.mark.parametrize("moved", ["on loading", "later"])
def test_a_card_whose_memory_cannot_be_read_any_more_is_replaced_by_the_cpu(model, tmp_path, moved):
    """Of torch's "meta" device nothing can be copied back, as of a card after an error that stays."""
    other = load_model(make_model(tmp_path / "m"), "meta" if moved == "on loading" else "cpu")
    if moved == "later":
        other.move(torch.device("meta"))
        assert not other.is_on_cpu
    for seed in (0, 1):
        reading = read_image(film(seed), other)
        assert reading.findings[0].logit == pytest.approx(read_image(film(seed), model).findings[0].logit)
    assert other.is_on_cpu and reading.device.startswith("cpu (meta failed: ")
    assert next(other.network.parameters()).device.type == "cpu"


def test_a_film_that_is_cut_off_is_uncertain_and_says_so(model):
    shuttered = read_image(film(notes=("invalid shutter ignored",)), model)  # what the network sees is the same
    assert shuttered.verdict is read_image(film(), model).verdict and "invalid shutter ignored." in shuttered.cautions
    reading = read_image(film(notes=("incomplete: the file is cut off",)), model)
    assert reading.verdict is Verdict.UNCERTAIN and reading.findings
    assert "cut off" in verdict_reason(reading)
    assert row_of(reading).priority in (Priority.FLAGGED, Priority.LOOK)


def test_a_film_that_is_meant_for_processing_is_uncertain_and_says_so(model, tmp_path):
    pixels, header = film().frame().stored, {"BodyPartExamined": "CHEST", "PatientAge": "050Y"}
    plain, raw = (read_file(make_dicom(tmp_path / intent, pixels, PresentationIntentType=intent, **header), model)
                  for intent in ("FOR PRESENTATION", "FOR PROCESSING"))
    assert plain.verdict is Verdict.FITS and plain.cautions == ()
    assert raw.verdict is Verdict.UNCERTAIN and raw.findings[0].logit == plain.findings[0].logit
    assert raw.cautions == ("for processing: not made to be looked at.",)


@pytest.mark.parametrize("window", [Window(-1e5, 2), Window(1e5, 2), Window(1e30, 1e300)])
def test_a_window_that_leaves_one_gray_is_refused_not_read(model, window):
    reading = read_image(film(voi=(window,)), model)
    assert reading.verdict is Verdict.REFUSED and reading.refusal.reason is Reason.CONSTANT


def test_a_few_odd_pixels_do_not_make_a_picture(model):
    pixels = np.full((240, 200), 100, np.uint16)
    pixels[3, 4] = 4000
    frame = Frame(pixels)
    image = Image(Path("x"), "DICOM", Identity("1", "2", "3"), CHEST, 240, 200, 1, False, lambda index: frame)
    assert read_image(image, model).refusal.reason is Reason.CONSTANT


def test_a_network_whose_answer_is_no_number_fails_and_is_not_negative(tmp_path):
    folder = make_model(tmp_path / "m")
    tensors = load_tensors((folder / "weights.safetensors").read_bytes())
    tensors["head.bias"] = torch.tensor([float("nan")])
    content = save(tensors)
    card = (folder / "model.json").read_text()
    before = sha256_of((folder / "weights.safetensors").read_bytes())
    (folder / "model.json").write_text(card.replace(before, sha256_of(content)))
    (folder / "weights.safetensors").write_bytes(content)
    (folder / "reference.json").unlink()
    reading = read_image(film(), load_model(folder, "cpu"))
    assert reading.verdict is Verdict.FAILED and reading.findings == ()
    assert row_of(reading).state is State.FAILED


@pytest.fixture(scope="module")
def two_findings() -> Model:
    """A model whose second finding is asked of children in whom the first is above its threshold, here always."""
    torch.manual_seed(3)
    card = make_card("0" * 64)
    first = card.findings[0].model_copy(update={"threshold": 1e-6})
    only = {"ages": (1.0, 5.0), "given": first.label, "uncertain": (0.0, 1.0)}
    second = first.model_copy(update={"label": "Viral", **only})
    return Model(card.model_copy(update={"findings": (first, second)}), Network(2).eval())


def test_a_further_finding_is_asked_of_those_that_it_was_measured_in(two_findings):
    child = film(header=replace(CHEST, age="3 y"))
    reading = read_image(child, two_findings)
    assert [finding.label for finding in reading.findings] == ["Opacity / consolidation", "Viral"]
    assert reading.findings[1].given == "Opacity / consolidation"
    assert reading.verdict is Verdict.FITS  # that the second one is uncertain does not make the reading so
    assert [finding.population for finding in reading.findings] == ["", "1–5 years"]


def test_of_others_it_is_said_that_it_was_not_assessed(two_findings):
    for header in (CHEST, replace(CHEST, age="40 y")):
        reading = read_image(film(header=header), two_findings)
        assert len(reading.findings) == 1
        assert reading.not_assessed[-1].startswith("viral (asked at 1–5 years, with")


def test_an_age_that_is_stated_goes_before_the_files(two_findings):
    assert len(read_image(film(), two_findings, age_years=3.0).findings) == 2
    assert len(read_image(film(header=replace(CHEST, age="3 y")), two_findings, age_years=40.0).findings) == 1


def test_who_measures_a_model_asks_all(two_findings):
    assert len(read_image(film(), two_findings, asks_all=True).findings) == 2


def by_age(adult_threshold: float) -> Model:
    torch.manual_seed(3)
    card = make_card("0" * 64, threshold=1e-6)
    adults = AgeCalibration(name="adults", ages=(18, 120), slope=1, intercept=-3, threshold=adult_threshold,
                            prevalence=0.3)
    spec = card.findings[0].model_copy(update={"calibrations": (adults,)})
    return Model(card.model_copy(update={"findings": (spec,)}), Network(1).eval())


def test_the_probability_is_calibrated_for_the_patients_age():
    adult = read_image(film(header=replace(CHEST, age="40 y")), by_age(1e-6)).findings[0]
    other = read_image(film(header=replace(CHEST, age="9 y")), by_age(1e-6))
    assert (adult.population, adult.prevalence) == ("adults", 0.3)
    assert adult.probability == pytest.approx(1 / (1 + np.exp(3 - adult.logit)))
    assert other.findings[0].population == "" and other.findings[0].probability > adult.probability
    assert other.cautions == (CAUTION_AGE_OTHER,) and other.verdict is Verdict.FITS


def test_where_the_age_is_not_known_that_is_said_and_uncertain_only_where_it_decides():
    same, differs = (read_image(film(header=CHEST), by_age(threshold)) for threshold in (1e-6, 0.999))
    assert same.cautions == (CAUTION_AGE_UNKNOWN,) and same.verdict is Verdict.FITS
    assert differs.cautions == (CAUTION_AGE_DECIDES,) and differs.verdict is Verdict.UNCERTAIN


def test_at_an_age_without_numbers_an_answer_is_uncertain_where_it_depends_on_the_age():
    differs = read_image(film(header=replace(CHEST, age="9 y")), by_age(0.999))
    assert differs.cautions == (CAUTION_OTHER_AGE_DECIDES,) and differs.verdict is Verdict.UNCERTAIN


def test_a_finding_of_some_ages_that_has_numbers_for_a_part_of_them_says_both():
    model = by_age(1e-6)
    spec = model.card.findings[0].model_copy(update={"ages": (2.0, 120.0)})
    some = Model(model.card.model_copy(update={"findings": (spec,)}), model.network)
    adult, child = (read_image(film(header=replace(CHEST, age=age)), some) for age in ("40 y", "9 y"))
    assert [one.findings[0].population for one in (adult, child)] == ["adults", "2 years and older"]
    assert adult.cautions == () and child.cautions == (CAUTION_AGE_OTHER,)


@pytest.mark.skipif(torch.cuda.is_available(), reason="only without a CUDA device")
def test_a_wish_for_a_cuda_device_that_is_not_there_is_answered_in_words(model_folder, caplog):
    model = load_model(model_folder, "cuda")
    assert model.device == "cpu (cuda failed: no CUDA device)"
    assert "no CUDA device" in caplog.text and "AssertionError" not in caplog.text
