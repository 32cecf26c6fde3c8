"""Figures of speed, each against a peer measured in the same run: `make bench`, `make bench ONLY=start`."""
