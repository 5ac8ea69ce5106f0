"""What a run may spend: whether that can be known at all, and where what is spent is shown."""

import os
import shlex
from dataclasses import replace
from pathlib import Path

from addons.launcher.settings import Settings
from traces import running
from traces.errors import ToolkitError
from traces.money import book
from traces.money.budget import Budget
from traces.money.published import is_loopback
from traces.money.words import how_to_price
from traces.servers import KINDS
from traces.storage import writing


def decide(settings: Settings) -> Settings:
    """Return the settings with a budget that only counts, where what is spent is to be shown and nothing limits it.

    Raise ToolkitError where there is a budget in dollars, and nothing that the server answers can have a price.
    """
    if not settings.budget:
        return replace(settings, budget=_only_count(settings)) if settings.status else settings
    if not Budget.parse(settings.budget).in_tokens and not _may_have_a_price(settings):
        how = how_to_price(book.load().published is not None)
        raise ToolkitError(
            f"--budget {settings.budget}: no price is known of what {KINDS[settings.mode].title} answers: "
            f"{how}, or limit tokens, as --budget 200k-tokens"
        )
    return settings


def _only_count(settings: Settings) -> str:
    return "unlimited" if _may_have_a_price(settings) else "unlimited-tokens"


def _may_have_a_price(settings: Settings) -> bool:
    kind, prices = KINDS[settings.mode], book.load()
    if prices.own or kind.reports_cost:
        return True
    return prices.published is not None and bool(kind.price_list or not is_loopback(settings.backend))


def place(settings: Settings) -> Path:
    """Return the file that tells others what this run has spent."""
    root = Path(settings.trace_dir) if settings.trace_dir else writing.root()
    return running.path_of(root.expanduser().absolute(), os.getpid())


def status_line(place: Path) -> dict[str, object]:
    """Return the setting of Claude Code that shows what is spent below its prompt, each second anew."""
    return {"type": "command", "command": f"head -n 1 {shlex.quote(str(place))} 2>/dev/null", "refreshInterval": 1}
