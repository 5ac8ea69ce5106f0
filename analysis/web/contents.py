"""What every page holds of exchanges: their parts, and request and response as they went over the wire."""

from typing import Any

from traces.model import Exchange
from ui.page.dedup import Texts
from ui.page.parts import Counts, Parts


class Contents:
    """The texts and parts of a page; what exchanges repeat is kept once."""

    def __init__(self, counts: Counts) -> None:
        self.texts = Texts()
        self.parts = Parts(self.texts, counts)

    def lists(self) -> dict[str, Any]:
        """Return the lists that the page's exchanges refer to by index."""
        return {
            "parts": self.parts.parts,
            "lists": self.parts.lists.runs,
            "texts": self.texts.texts,
            "items": self.texts.items,
            "itemLists": self.texts.lists.runs,
        }

    def raw(self, trace: Exchange) -> dict[str, Any]:
        """Return request and response as they were recorded, with secrets removed."""
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
