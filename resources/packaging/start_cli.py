"""The frozen program `wetread-cli`: the command line."""

import multiprocessing
import sys

if __name__ == "__main__":
    multiprocessing.freeze_support()  # first: a helper process runs this file again and must not parse its arguments
    from core.cli.main import main

    sys.exit(main())
