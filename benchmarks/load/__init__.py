"""How exactly, punctually and cheaply load is made: by ours and by others, to a server whose times are known."""
