"""How exact the measures are, checked against a server whose times are known."""
