"""What an agent may ask of the recorded sessions, over the Model Context Protocol: read-only, in small answers."""
