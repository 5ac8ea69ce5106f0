"""What `replay` shows in the terminal."""
