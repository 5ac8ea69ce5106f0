"""What counting tokens costs: `trace-analyzer` against a plain script, and against parsing alone."""
