"""A user name and password in a backend's address: taken out, so that no line shows them, and sent to it alone."""

import base64
import re
from urllib.parse import unquote, urlsplit, urlunsplit

VARIABLE = "ANYCLAUDE_PROXY_AUTHORIZATION"
"""How the proxy is told the header: everybody sees a command line, and only the user a process's environment."""


def split(url: str) -> tuple[str, str]:
    """Return the URL without them, and the value of the `Authorization` header that says them; "" without any."""
    parts = urlsplit(url)
    userinfo, at, host = parts.netloc.rpartition("@")
    if not at:
        return url, ""
    user, _, password = userinfo.partition(":")
    said = base64.b64encode(f"{unquote(user)}:{unquote(password)}".encode()).decode()
    return urlunsplit(parts._replace(netloc=host)), f"Basic {said}"


def hide(text: str) -> str:
    """Return a text that may be meant as an address without what may be meant as them."""
    return re.sub(r"(?<=//)\S*@|^(?!\w+://)\S*@", "[redacted]@", text)
