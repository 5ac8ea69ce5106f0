"""Pages: one HTML file with its data, its scripts and its style."""
