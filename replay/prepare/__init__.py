"""Recorded requests made ready to be sent: translated, with settings and markers."""
