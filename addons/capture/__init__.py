"""Recording: the addon that watches exchanges, and the process that writes traces."""
