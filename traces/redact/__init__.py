"""Removes secrets before anything is written: from headers, URLs, bodies and error messages.

A secret is replaced whole by `[redacted]`: not even a part of it stays. It is known

    by its name         the value of an auth header, of a secret parameter in a URL, of a field such as `password`
    by its shape        keys that begin as their issuer lets them begin, private keys, JSON web tokens; in base64, too
    by what it repeats  the secrets of the request's own headers and URL, wherever an answer repeats them

What only sounds secret stays readable: `anthropic-ratelimit-tokens-remaining`, `max_tokens`, `idempotency-key`, hashes.

Modules: `names` (which names hold secrets), `shapes` (what keys look like), `assigned` (what a name or a URL's grammar
gives away in a text), `joints` (what stands between a name and its value), `commands` (options that hold secrets),
`wrapped` (private keys in blocks, text in base64), `cleaner` (all of it, on texts and JSON).
"""

from traces.redact.cleaner import REDACTED, Cleaner, cleaner, headers, secrets_in, url
from traces.redact.names import is_secret

__all__ = ["REDACTED", "Cleaner", "cleaner", "headers", "is_secret", "secrets_in", "url"]
