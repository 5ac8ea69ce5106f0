"""How a request goes over the wire, and when each byte of its answer came."""
