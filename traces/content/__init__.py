"""The parts of a request: blocks of every API format, media, reminders."""
