"""What mitmweb and mitmproxy show of an exchange: the content view, and the comment in the flow list."""
