"""How exact the measures are: held against a server whose times are known."""
