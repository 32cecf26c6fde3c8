"""Mutated files against the doors for files: `make fuzz`."""
