"""The repair `items`: a conversation in OpenAI's responses without items that only OpenAI's own service reads."""

from traces.dialects.translation.common_items import to_common_items
from traces.dialects.translation.notes import Notes
from traces.repairs.base import Outgoing


def make_items_common(request: Outgoing, notes: Notes) -> Outgoing:
    """Return the request with each such item as a message, a call or a result. Other API formats have no items."""
    items = request.body.get("input")
    if not isinstance(items, list):
        return request
    return request.with_body({**request.body, "input": to_common_items(items, notes)})
