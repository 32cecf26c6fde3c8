"""Readings as JSON: a list, one object for each image, the same whoever asked for them."""

import json
from collections.abc import Sequence
from typing import Any

from core.files import path_text
from core.findings.extent import ZONES, Extent
from core.findings.finding import Finding, Reading
from core.findings.wording import completed_tenths, refusal_sentence, verdict_reason


def finding_to_dict(finding: Finding, heatmap: str | None = None) -> dict[str, Any]:
    """Return one finding's object; `heatmap` is the path of its map on the image's pixels, where one was written."""
    result: dict[str, Any] = {
        "label": finding.label,
        "probability": finding.probability,
        "threshold": finding.threshold,
        "above": finding.above,
        "uncertain": finding.is_uncertain,
        "calibrated_for": {"population": finding.population or "all ages", "prevalence": finding.prevalence},
    }
    if heatmap is not None:
        result["heatmap"] = heatmap
    return result


def extent_to_dict(extent: Extent) -> dict[str, Any]:
    """Return the object of an extent by zones: scores 0-3 by the zone's name, their sum, and how far such are off."""
    return {
        "label": extent.label,
        "zones": dict(zip(ZONES, extent.scores, strict=True)),
        "sum": extent.total,
        "mean_absolute_error": {"zone": extent.error, "sum": extent.error_of_sum},
        "population": extent.population,
    }


def reading_to_dict(reading: Reading, heatmaps: Sequence[str] = ()) -> dict[str, Any]:
    """Return one image's object. `heatmaps` are the paths of the findings' maps, in their order, or empty.

    `reason` is few words, `detail` the sentence about a refusal that a person reads, with what exactly was wrong. A
    finding is `uncertain` where its probability lies in the band in which the model cannot tell, on either side of the
    threshold. `copy_of` is the file that a copy has its answer from.
    """
    paths: Sequence[str | None] = heatmaps or [None] * len(reading.findings)
    model = reading.model
    return {
        "path": path_text(reading.path),
        "frame": reading.frame_index + 1,
        "model": None if model is None else {
            "id": f"{model.name} {model.version}", "name": model.name, "version": model.version,
            "weights_sha256": model.weights_sha256,
        },
        "verdict": reading.verdict.value,
        "reason": verdict_reason(reading),
        "detail": "" if reading.refusal is None else refusal_sentence(reading.refusal),
        "reason_code": None if reading.refusal is None else reading.refusal.reason.value,
        "cautions": list(reading.cautions),
        "findings": [finding_to_dict(f, path) for f, path in zip(reading.findings, paths, strict=True)],
        "extent": None if reading.extent is None else extent_to_dict(reading.extent),
        "age_years": None if reading.age_years is None else completed_tenths(reading.age_years),
        "age_is_stated": reading.age_is_stated,
        "not_assessed": list(reading.not_assessed),
        "preprocessing": reading.preprocessing,
        "device": reading.device,
        "seconds": round(reading.seconds, 4),
        "copy_of": None if reading.copy_of is None else path_text(reading.copy_of),
    }


def to_json(objects: Sequence[dict[str, Any]]) -> str:
    """Return the text of a list of reading objects."""
    return json.dumps(list(objects), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
