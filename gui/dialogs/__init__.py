"""Small windows built from tables."""
