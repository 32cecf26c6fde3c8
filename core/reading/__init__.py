"""Image to reading: preprocess, gate, network, calibration, heatmap."""
