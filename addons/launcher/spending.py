"""The budget of a run: whether it can be kept at all."""

from addons.launcher.settings import Settings
from traces.errors import ToolkitError
from traces.money import book
from traces.money.budget import Budget
from traces.money.published import is_loopback
from traces.money.words import how_to_price
from traces.servers import KINDS


def check(settings: Settings) -> None:
    """Raise ToolkitError where there is a budget in dollars, and nothing that the server answers can have a price."""
    if not settings.budget or Budget.parse(settings.budget).in_tokens:
        return
    kind, prices = KINDS[settings.mode], book.load()
    if prices.own or kind.reports_cost:
        return
    if prices.published is not None and (kind.price_list or not is_loopback(settings.backend)):
        return
    raise ToolkitError(
        f"--budget {settings.budget}: no price is known of what {kind.title} answers: "
        f"{how_to_price(prices.published is not None)}, or limit tokens, as --budget 200k-tokens"
    )
