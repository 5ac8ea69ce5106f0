"""Files of results, of this version and of all earlier ones."""
