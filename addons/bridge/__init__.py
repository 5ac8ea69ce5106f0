"""The bridge to servers that don't take what the client sends: repairs and translation, recorded before and after."""
