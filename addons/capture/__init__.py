"""The addon that records exchanges, and the process that writes traces."""
