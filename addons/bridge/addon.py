"""The addon that leads an exchange over the bridge: mitmproxy asks our own server, which asks the model server.

Without an option it changes nothing, and says in one line where one would help.
"""

import asyncio
import logging
import ssl
import time
from typing import Any

import certifi
from mitmproxy import ctx, exceptions
from mitmproxy.addonmanager import Loader
from mitmproxy.http import HTTPFlow, Request

from addons.bridge import choice, hints
from addons.bridge.connections import Connections
from addons.bridge.exchange import Exchange, body_of, refuse
from addons.bridge.loopback import Loopback
from addons.bridge.plan import AUTO, OFF, OPTIONS, Options, Plan
from addons.bridge.upstream import Clock, NoAnswer, url_at
from addons.bridge.ways import credentials
from traces import repairs
from traces.dialects import DEFAULT, dialect_of
from traces.repairs import Learned, Outgoing
from traces.servers import ServerKind, kind_of, mode_of
from traces.storage import flowfile

log = logging.getLogger(__name__)

_TLS_OPTIONS = ("ssl_verify_upstream_trusted_ca", "ssl_verify_upstream_trusted_confdir", "ssl_insecure")


class Bridge:
    """The addon; its methods are mitmproxy's hooks, but for `settle`, which the recorder calls."""

    def __init__(self, clock: Clock = time.perf_counter) -> None:
        self._clock = clock
        self._open: dict[str, Exchange] = {}
        self._unchanged: dict[str, HTTPFlow] = {}  # what goes its way without the bridge, while it does
        self._loopback: Loopback | None = None
        self._connections = Connections(clock, self._tls)
        self._starting = asyncio.Lock()
        self._choosing = asyncio.Lock()
        self._options = Options()
        self._chosen: dict[str, str] = {}
        self._learned: dict[tuple[str, str], Learned] = {}
        self._said: set[str] = set()
        self._tls_made: tuple[tuple[Any, ...], ssl.SSLContext] | None = None

    def load(self, loader: Loader) -> None:
        for name, text in OPTIONS.items():
            loader.add_option(name, str, "", text)

    def configure(self, updated: set[str]) -> None:
        if not updated & OPTIONS.keys():
            return
        try:
            self._options = Options.parse({name: getattr(ctx.options, name) for name in OPTIONS})
            self._learned.clear()
        except ValueError as error:
            if self._loopback:
                raise exceptions.OptionsError(str(error)) from error  # mitmproxy takes the change back
            log.error(str(error))  # at its start it would print a traceback; this ends it with one line

    async def request(self, flow: HTTPFlow) -> None:
        """Lead the exchange over the bridge, where something is to be changed on the way."""
        if flow.response or flow.error or not flowfile.is_recorded(flow):
            return
        if flow.request.raw_content is None:  # mitmproxy has passed it on while it came
            await self._pass_over(flow)
            return
        plan = await self._plan(flow)
        if plan is None or not (plan.is_asked or self._is_needed(flow, plan)):
            self._unchanged[flow.id] = flow
            return
        loopback = await self._started()
        base, learned = self._learned_of(flow.request, plan)

        def on_learned(names: tuple[str, ...]) -> None:
            log.warning(hints.learned(base, learned.names, names))

        self._open[flow.id] = Exchange(flow, plan, learned, on_learned, self._clock, self._connections)
        flow.request = Request.make("POST", loopback.url(flow.id))
        if hooks := asyncio.current_task():
            hooks.add_done_callback(lambda _: self._begin_early(flow))

    def began(self, flow: HTTPFlow) -> float | None:
        """Return when the exchange with the model server began, on `clock`; None where mitmproxy asks it itself."""
        exchange = self._open.get(flow.id)
        return exchange.began if exchange else None

    def _begin_early(self, flow: HTTPFlow) -> None:
        """Ask the model server now that all addons have had their say: mitmproxy takes longer to ask us.

        Where another addon has answered, or sends the request elsewhere, mitmproxy never will.
        """
        exchange, loopback = self._open.get(flow.id), self._loopback
        is_free = not (flow.response or flow.error)
        if exchange and loopback and is_free and flow.request.url == loopback.url(flow.id):
            self._begin(exchange)

    def _begin(self, exchange: Exchange) -> asyncio.Task[None]:
        """Begin to answer, unless that has been done."""
        if exchange.answering is None:
            exchange.answering = asyncio.ensure_future(self._answer(exchange))
        return exchange.answering

    async def responseheaders(self, flow: HTTPFlow) -> None:
        if flow.request.stream and flowfile.is_recorded(
            flow
        ):  # the server may answer before the client has sent it all
            await self._pass_over(flow)

    async def _pass_over(self, flow: HTTPFlow) -> None:
        """Say that a request went its way as it was, and mark that, where something was to be changed on it."""
        plan = await self._plan(flow)
        if plan and plan.is_asked:
            flowfile.mark_unchanged(flow)
            self._say(hints.too_large(self._base(flow.request), flowfile.is_too_large(flow)))

    def response(self, flow: HTTPFlow) -> None:
        self.settle(flow)  # unless the recorder has
        if self._unchanged.pop(flow.id, None):
            self._advise(flow)

    def error(self, flow: HTTPFlow) -> None:
        self.settle(flow)
        self._unchanged.pop(flow.id, None)

    def settle(self, flow: HTTPFlow) -> None:
        """Put the server's side of an exchange that ends into its flow, and stop asking the server."""
        exchange = self._open.pop(flow.id, None)
        if exchange:
            exchange.settle()

    def _advise(self, flow: HTTPFlow) -> None:
        """Say what would help, where the server didn't take what it was sent as it was."""
        was_asked = self._options.translate not in ("", OFF)  # then what there is was tried, and told
        if words := hints.hint(flow, was_asked, self._kind(flow.request)):
            self._say(words)

    def _say(self, words: str) -> None:
        """Log a warning, once for all exchanges that it is true of."""
        if words not in self._said:
            self._said.add(words)
            log.warning(words)

    async def done(self) -> None:
        for flow in self._unchanged.values():  # a client may end the proxy as soon as it has its answer
            self._advise(flow)
        if self._loopback:
            self._loopback.close()
            self._loopback = None
        self._connections.close()

    async def _plan(self, flow: HTTPFlow) -> Plan | None:
        request = flow.request
        kind = self._kind(request)
        translate = self._options.translate or kind.translate
        if translate == AUTO and dialect_of(request.path) == DEFAULT:
            translate = await self._choice_for(request)
        return self._options.plan(request.path, translate, kind)

    def _kind(self, request: Request) -> ServerKind:
        return kind_of(ctx.options.anyclaude_mode or mode_of(request.host, request.port))

    def _is_needed(self, flow: HTTPFlow, plan: Plan) -> bool:
        """Return whether repairs that the kind of server needs would change this request; say so the first time."""
        body = body_of(flow.request)
        _, notes = repairs.repair(Outgoing(flow.request.path, {}, body or {}), plan.repairs)
        if notes:
            self._say(hints.needed(self._base(flow.request), plan.repairs, notes))
        return bool(notes)

    def _base(self, request: Request) -> str:
        return url_at(request)

    def _learned_of(self, request: Request, plan: Plan) -> tuple[str, Learned]:
        """Return the server's address, and the repairs for it in this API format."""
        base = self._base(request)
        return base, self._learned.setdefault((base, plan.to), Learned(plan.repairs))

    async def _choice_for(self, request: Request) -> str:
        """Return the API format to ask this server in. It is asked once what it has."""
        path = request.path.partition("?")[0]
        base = url_at(request, path[: path.rindex("/v1/")])
        async with self._choosing:
            if base not in self._chosen:
                try:
                    formats = await choice.formats_of(base, credentials(request.headers), self._tls)
                except NoAnswer as error:
                    self._say(f"Nothing is translated yet: {error}")
                    return OFF  # the client is told so by its own request, too
                self._chosen[base] = choice.choose(formats) or OFF
                log.info(choice.explain(base, formats))
            return self._chosen[base]

    async def _started(self) -> Loopback:
        async with self._starting:
            if self._loopback is None:
                self._loopback = Loopback(self._serve)
                await self._loopback.start()
        return self._loopback

    async def _serve(self, key: str, writer: asyncio.StreamWriter) -> bool:
        """Answer mitmproxy, which asks for the exchange of this key; return whether the answer is whole."""
        exchange = self._open.get(key)
        if exchange is None:
            return False
        exchange.connect(writer)
        await self._begin(exchange)
        return exchange.reply.is_whole

    async def _answer(self, exchange: Exchange) -> None:
        try:
            await exchange.answer()
        except ConnectionError:
            pass  # the client has left
        except Exception as error:  # whatever it is, other exchanges go on
            self._say(f"An error in the toolkit, please report it: {error!r}")
            if not exchange.reply.has_begun:
                words = f"An error in anyclaude's proxy, please report it: {error!r}"
                await refuse(exchange.reply, 500, "api_error", words)

    def _tls(self) -> ssl.SSLContext:
        """Return the settings for servers with TLS, as the user gave them to mitmproxy."""
        options = ctx.options
        settings = tuple(getattr(options, name) for name in _TLS_OPTIONS)
        if self._tls_made is None or self._tls_made[0] != settings:  # reading all certificates takes long
            self._tls_made = settings, self._new_tls()
        return self._tls_made[1]

    def _new_tls(self) -> ssl.SSLContext:
        options = ctx.options
        context = ssl.create_default_context(
            cafile=options.ssl_verify_upstream_trusted_ca or certifi.where(),
            capath=options.ssl_verify_upstream_trusted_confdir,
        )
        if options.ssl_insecure:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context
