"""A small model folder of the real format: the real network, seeded and untrained."""

from pathlib import Path

import torch
from safetensors.torch import save

from core.files import sha256_of
from core.reading.model_card import FindingSpec, InputSpec, ModelCard, Population
from core.reading.network import Network, fold_batch_norm
from core.reading.preprocess import normalize
from core.reading.reference import Reference, reference_pictures

POPULATION = Population(
    modalities=("CR", "DX"), body_parts=("CHEST", "THORAX"), views=("PA", "AP"),
    description="frontal chest radiographs", min_side_px=100, max_side_ratio=2.0,
)


def make_card(
    weights_sha256: str, *, size: int = 64, geometry: str = "squash", threshold: float = 0.5, min_side_px: int = 100
) -> ModelCard:
    population = POPULATION.model_copy(update={"min_side_px": min_side_px})
    return ModelCard(
        schema_version=1, name="made", version="0.0", architecture="efficientnet-lite0",
        input=InputSpec(rows=size, columns=size, mean=0.5, std=0.5, geometry=geometry),
        findings=(FindingSpec(label="Opacity / consolidation", slope=1.0, intercept=0.0, threshold=threshold,
                              evidence_scale=1.0),),
        not_assessed=("nodule", "pneumothorax"), population=population, weights_sha256=weights_sha256,
    )


def make_model(folder: Path, *, size: int = 64, geometry: str = "squash", threshold: float = 0.5,
               seed: int = 1, min_side_px: int = 100) -> Path:
    """Write a model folder and return it; `threshold` decides whether its answer, near 0.5, is above or below.

    Drawn chests (`make.training`) are small: a `min_side_px` of 40 takes them.
    """
    torch.manual_seed(seed)
    network = Network(1).eval()
    # An untrained network's features are tiny; a larger head makes answers differ between images.
    with torch.no_grad():
        network.head.weight.mul_(100)
    content = save(network.state_dict())
    folder.mkdir(parents=True, exist_ok=True)
    card = make_card(sha256_of(content), size=size, geometry=geometry, threshold=threshold, min_side_px=min_side_px)
    (folder / "weights.safetensors").write_bytes(content)
    (folder / "model.json").write_text(card.model_dump_json(indent=2), encoding="utf-8")
    inputs = torch.from_numpy(normalize(reference_pictures(card.input), card.input)[:, None])
    with torch.inference_mode():
        logits, _ = fold_batch_norm(network)(inputs)
    reference = Reference(logits=tuple(tuple(row) for row in logits.tolist()))
    (folder / "reference.json").write_text(reference.model_dump_json(indent=2), encoding="utf-8")
    return folder
