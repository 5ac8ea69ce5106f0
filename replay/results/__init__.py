"""Results on disk, of this version and of all earlier ones."""
