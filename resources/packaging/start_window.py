"""The frozen program `wetread`: the window."""

import multiprocessing
import sys

if __name__ == "__main__":
    multiprocessing.freeze_support()  # first: a helper process runs this file again and must not open a window
    from gui.app import main

    sys.exit(main())
