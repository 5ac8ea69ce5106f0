"""Changed requests, replayed beside the recorded one: what if a text, a tool or the history were different?"""
