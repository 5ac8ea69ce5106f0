"""Exams: which model would have done what the recorded one did, turn by turn."""
