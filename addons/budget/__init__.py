"""A budget for the proxy: what is spent is counted, and the next request refused when nothing is left."""
