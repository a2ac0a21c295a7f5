"""Golden answers and frames: what the wire looks like, byte for byte but for what no two runs share."""
