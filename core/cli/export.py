"""wetread-cli export: a model's network for other programs."""

import argparse
import sys
from pathlib import Path

from core.paths import default_model_folder

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
    from core.cli.shared import load_model_or_say_why

    model = load_model_or_say_why(arguments)
    if model is None:
        return 2
    try:
        from core.training.export import export_model

        done = export_model(model, arguments.form, arguments.out)
    except ModuleNotFoundError as error:
        print(f"{error.name} is not installed: pip install 'wetread[export]'", file=sys.stderr)
        return 1
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"written: {done.path} (answers differ from ours by at most {done.difference:.2g})")
    return 0
