"""What every page knows of an exchange: what it was made of, in parts, and what went over the wire.

Knows nothing of sessions, of measures, and of how a page looks.
"""

from typing import Any

from traces.model import Trace
from ui.page.dedup import Texts
from ui.page.parts import Counts, Parts


class Contents:
    """The texts and the parts of a page, each kept once: exchanges repeat one another."""

    def __init__(self, counts: Counts) -> None:
        self.texts = Texts()
        self.parts = Parts(self.texts, counts)

    def lists(self) -> dict[str, Any]:
        """What the exchanges of the page point into."""
        return {
            "parts": self.parts.parts,
            "lists": self.parts.lists.runs,
            "texts": self.texts.texts,
            "items": self.texts.items,
            "itemLists": self.texts.lists.runs,
        }

    def raw(self, trace: Trace) -> dict[str, Any]:
        """Request and response as they were, but for the secrets that were removed when they were recorded."""
        request, response = trace.request, trace.response
        return {
            "error": trace.error.message if trace.error else None,
            "request": {
                "method": request.method,
                "url": request.url,
                "headers": dict(request.headers),
                "body": self.texts.body(request.body),
            },
            "response": {
                "status": response.status,
                "headers": dict(response.headers),
                "body": self.texts.body(response.body),
            }
            if response
            else None,
        }
