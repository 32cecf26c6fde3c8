"""wetread-cli export: a model's network for other programs."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from core.cli.shared import with_model
from core.paths import default_model_folder

if TYPE_CHECKING:
    from core.reading.read_image import Model

FORMS = ("onnx", "torchscript", "torch-export")


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser(
        "export", help="a model's network for other programs",
        description="Write a model's network as ONNX, TorchScript or torch.export, after its answers were compared "
        "with ours. It takes gray as model.json says and gives logits and maps; model.json travels inside.",
    )
    parser.add_argument("model", type=Path, nargs="?", default=default_model_folder(), metavar="MODEL",
                        help="the model's folder (default: the bundled chest-radiograph model)")
    parser.add_argument("--format", choices=FORMS, default="onnx", dest="form", help="default: onnx")
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="where the file is written")
    parser.set_defaults(run=run, device="cpu", needs_training=True)


def run(arguments: argparse.Namespace) -> int:
    """Export; 0 when the file was written, 1 when its answers differ or a package is missing, 2 without a model."""
    def export(model: "Model") -> str:
        from core.training.export import export_model

        done = export_model(model, arguments.form, arguments.out)
        return f"written: {done.path} (answers differ from ours by at most {done.difference:.2g})"

    return with_model(arguments, export)
