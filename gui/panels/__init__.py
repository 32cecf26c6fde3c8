"""One dock in each module."""
