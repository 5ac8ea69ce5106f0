"""Requests of one API format -> those of another, by way of one common form: Anthropic's, which can say most.

What has no counterpart is listed; nothing is dropped in silence. Each format's class calls what is here.
"""
