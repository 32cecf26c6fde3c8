"""Coverage-guided fuzzing of the headers with atheris (`pip install .[fuzz]`): `python -m tests.fuzz.guided CORPUS`.

Where `tests.fuzz.run` knows what a DICOM file is made of, this looks for inputs that reach new lines of our readers.
Options are those of libFuzzer, such as -max_total_time=60.
"""

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["core.dicom"]):
    from core.dicom.header_tree import read_header_tree
    from core.dicom.load_image import load_image
    from core.dicom.load_object import describe_object
    from core.imaging.image import Image
    from core.refusal import Refusal

SCRATCH = Path(tempfile.mkdtemp(), "case")


def open_it(raw: bytes) -> None:
    """Open the bytes as a file; anything that is raised is a find."""
    SCRATCH.write_bytes(raw)
    image = load_image(SCRATCH)
    assert isinstance(read_header_tree(SCRATCH), tuple | Refusal)
    describe_object(SCRATCH)
    if isinstance(image, Image):
        image.frame(0)


def main() -> None:
    """Fuzz until the options' limits."""
    if len(sys.argv) > 1 and not sys.argv[1].startswith("-") and not any(Path(sys.argv[1]).iterdir()):
        from tests.fuzz.seeds import seeds

        for seed in seeds():
            if len(seed.raw) < 50_000:
                Path(sys.argv[1], seed.name).write_bytes(seed.raw)
    atheris.Setup(sys.argv, open_it)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
