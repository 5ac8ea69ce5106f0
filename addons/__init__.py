"""The addon that runs inside mitmproxy, and the launcher that starts it."""
