"""Amounts of money as a person reads them, and what to do where a price isn't known."""

import sys
from decimal import Decimal

HOW_TO_PRICE = "write it under `prices` in .anyclauderc.json"


def dollars(amount: Decimal | float) -> str:
    """Return an amount in dollars: of less than a dollar, hundredths of a cent are shown, too."""
    sign, size = ("-", -amount) if amount < 0 else ("", amount)
    return f"{sign}${size:,.2f}" if size >= 1 or not size else f"{sign}${size:,.4f}"


def how_to_price(is_installed: bool) -> str:
    """Return what the user can do to have the price of a model known."""
    if is_installed or sys.version_info < (3, 12):
        return HOW_TO_PRICE
    return f"{HOW_TO_PRICE}, or install the published ones: pip install 'anyclaude-toolkit[prices]'"
