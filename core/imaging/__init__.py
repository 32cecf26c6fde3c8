"""Image to picture: pure NumPy and OpenCV; no file, no network, no state."""
