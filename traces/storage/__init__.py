"""How traces are kept: JSON files, their folders, and mitmproxy's .flow files."""
