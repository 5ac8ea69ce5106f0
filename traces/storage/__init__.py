"""Storage of traces: JSON files, their folders, and mitmproxy's .flow files."""
