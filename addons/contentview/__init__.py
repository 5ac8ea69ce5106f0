"""How an exchange reads in mitmweb and mitmproxy: the view, and the list's comment."""
