"""What is said of prefixes against real servers, and what saying it costs."""
