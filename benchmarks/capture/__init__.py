"""What capturing costs: the addon against a bare mitmproxy, and against no proxy at all."""
