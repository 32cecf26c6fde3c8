"""Labelled pictures to a model folder, through the very transforms that reading uses."""
