"""Translation of requests between API formats, by way of one common form: Anthropic's, which can express most.

What has no counterpart is listed; nothing is dropped in silence. The classes of the formats call these functions.
"""
