"""File to image: the only place that imports pydicom."""
