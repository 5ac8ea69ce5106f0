"""A recorded request -> the one that is sent: translated, with settings and markers."""
