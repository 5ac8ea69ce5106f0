"""The addon that keeps to a budget: it refuses requests once that is used up, in words that the client shows.

Nothing is broken off: an answer that is under way comes to its end, and is paid for, so a budget may be exceeded by
what was asked at that moment. The writer, which reads each answer anyhow, says what is billed; a request waits until
all answers before it are counted.
"""

import asyncio
import logging
from contextlib import suppress

from mitmproxy import ctx, exceptions
from mitmproxy.addonmanager import Loader
from mitmproxy.http import HTTPFlow, Request, Response

from traces import jsonio
from traces.clients import Client, client_of
from traces.clients.base import lower
from traces.dialects import DEFAULT, FORMATS, asks_for_an_answer, dialect_of
from traces.errors import ToolkitError
from traces.model import Json
from traces.money import book
from traces.money.bill import Bill
from traces.money.book import PriceBook
from traces.money.budget import WARN_AT, Account, Budget
from traces.money.words import how_to_price

log = logging.getLogger(__name__)

OPTION = "anyclaude_budget"
HELP = (
    "The most that may be spent while this proxy runs: dollars, as 5, or tokens, as 200k-tokens. Then requests are "
    "refused; `unlimited` only counts. Prices are those of .anyclauderc.json and of the package genai-prices."
)

STATUS = 402
"""Claude Code shows this at once and in words; at others it asks again, or wants its user to log in. opencode, Qwen
Code and Gemini CLI show it, too."""

STATUS_OF = {"responses": 400}
"""API format -> another status: Codex asks five times more at each but this one."""

KIND = "billing_error"

PATIENCE = 10.0
"""Seconds for which a request waits at most until the answers before it are counted."""

_LOOK = 0.02


class Budgeting:
    """The addon. `handed_over` and `reported` are called by the recorder; the others are mitmproxy's hooks."""

    def __init__(self) -> None:
        self._account: Account | None = None
        self._book = PriceBook()
        self._uncounted: set[str] = set()
        self._warned: set[str] = set()

    def load(self, loader: Loader) -> None:
        loader.add_option(OPTION, str, "", HELP)

    def configure(self, updated: set[str]) -> None:
        if OPTION not in updated:
            return
        try:
            self._change(getattr(ctx.options, OPTION))
        except ToolkitError as error:
            if self._account:
                raise exceptions.OptionsError(str(error)) from error  # mitmproxy takes the change back
            log.error(str(error))  # at its start it would print a traceback; this ends it with one line

    def _change(self, words: str) -> None:
        """Take a budget, or another one: what is spent stays spent. Raises ToolkitError."""
        if not words:
            self._account = None
            return
        try:
            budget = Budget.parse(words)
        except ValueError as allowed:
            raise ToolkitError(f"{OPTION}: {words!r} can't be used: it must be {allowed}") from None
        if self._account and self._account.budget.in_tokens == budget.in_tokens:
            self._account.budget = budget
        else:
            self._account = Account(budget, PriceBook() if budget.in_tokens else book.load())
        self._warned.clear()

    async def request(self, flow: HTTPFlow) -> None:
        """Refuse the request where nothing is left."""
        if self._account is None or flow.response or not asks_for_an_answer(flow.request.path):
            return
        if not self._account.budget.is_limited:
            return  # nothing to wait for
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                while self._uncounted:
                    await asyncio.sleep(_LOOK)
        for key in list(self._uncounted):
            self.reported(key, "")
        if self._account and self._account.is_used_up:
            flow.response = _refused(flow.request, self._account)

    def handed_over(self, key: str) -> None:
        """Take note of an answer that the writer is about to read."""
        if self._account:
            self._uncounted.add(key)

    def reported(self, key: str, bill: str) -> None:
        """Count what the writer says is billed of an exchange; "" where it couldn't read it."""
        if self._account is None or key not in self._uncounted:
            return
        self._uncounted.discard(key)
        if bill:
            self._account.add(Bill.from_line(bill))
        else:
            self._account.unknown += 1
        share = f" ({self._account.share:.0%})" if self._account.budget.is_limited else ""
        log.info(f"Budget: {self._account.words}{share}")
        self._warn(self._account)

    def _warn(self, account: Account) -> None:
        for model in account.unpriced:
            self._say(
                f"budget: no price is known for {model}, so what it costs isn't counted: "
                f"{how_to_price(account.book.published is not None)}"
            )
        if account.is_used_up:
            self._say(f"budget: {account.words}: further requests are refused", of="used up")
        elif account.share >= WARN_AT:
            self._say(f"budget: {account.words}, {account.share:.0%}", of="nearly")

    def _say(self, words: str, of: str = "") -> None:
        if (of or words) not in self._warned:
            self._warned.add(of or words)
            log.warning(words)


def _refused(request: Request, account: Account) -> Response:
    """Return the refusal of a request, with the status at which its client shows the words and asks no more."""
    dialect = dialect_of(request.path) or DEFAULT
    status = STATUS_OF.get(dialect, STATUS)
    client = client_of(lower(request.headers), _body(request))
    words = refusal(account, client)
    body = FORMATS[dialect].error_body(status, KIND, words)
    return Response.make(status, jsonio.dumps(body), {"content-type": "application/json"})


def _body(request: Request) -> Json:
    try:
        return jsonio.loads(request.content or b"")
    except ValueError:
        return None


def refusal(account: Account, client: Client) -> str:
    """Return what the client's user reads."""
    options = " ".join(filter(None, ("anyclaude --budget", account.budget.doubled, client.resumed)))
    return (
        f"anyclaude: the budget is used up: {account.words}. Nothing is lost: to go on, quit and start again with a "
        f"larger one, as: {options}"
    )
