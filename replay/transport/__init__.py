"""Sending requests, and taking the time at which each byte of an answer arrives."""
