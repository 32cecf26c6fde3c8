"""Encoded frame to stored values: one module for each decoding package."""
