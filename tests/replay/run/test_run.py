"""Runs against real sockets: the result of each, their order, and what follows a failure."""

import asyncio
import json
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import pytest

from replay.exchange import Reply
from replay.request import Options, Target
from replay.result import ReplayResult, RunEvent
from replay.run import double_counting
from replay.run.run import replay_all
from tests.support import answers, synthetic
from tests.support.asking import Answering
from tests.support.scripted import Answer, Received, ScriptedServer, serving, stream, whole
from traces.model import Json, Trace
from traces.surveys import Served, ServedModel

HELLO = answers.events(answers.tool("Read", file_path="/etc/hosts"))
OVERLOADED = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}


@dataclass
class Seen:
    """What happened beside the results: the events, and the waits."""

    events: list[RunEvent] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


def replayed(
    server: ScriptedServer,
    options: Options,
    models: Sequence[str] = ("a",),
    traces: Sequence[Trace] = (synthetic.tool_call(),),
    kind: str = "",
    **more: Any,
) -> tuple[list[ReplayResult], Seen]:
    seen = Seen()

    async def collect() -> list[ReplayResult]:
        to: Any = {"anthropic": Target(server.url, "x", server=kind)}
        runs = replay_all(traces, to, models, options, seen.events.append, sleep=seen.sleep, **more)
        return [result async for result in runs]

    return asyncio.run(collect()), seen


def answering(*posts: Answer) -> Any:
    """Streams are asked of one path; all other questions find nothing."""
    given = iter(posts)

    def script(request: Received) -> Answer:
        if request.path.startswith("/v1/messages") and "stream" in request.json:
            return next(given, posts[-1])
        return whole({}, 404)

    return script


def sent(server: ScriptedServer) -> list[Any]:
    return [json.loads(post.body) for post in server.posts if b'"stream"' in post.body]


def test_a_result_has_all_that_was_measured_and_asked() -> None:
    with serving(answering(stream(HELLO))) as server:
        [result], seen = replayed(server, Options(settings={"temperature": 0}))

    assert result.success
    assert (result.run.model, result.model_answered, result.stop_reason) == ("a", "scripted", "tool_use")
    assert result.settings == {"temperature": 0}
    assert result.metrics.output == answers.USAGE["output_tokens"]
    assert [event.content for event in result.chunks] == ["tool"] * 3
    assert {verdict.name: verdict.passed for verdict in result.verdicts}["same_tool"]
    assert result.machine["cores"]
    assert sent(server)[0]["temperature"] == 0
    assert seen.events[-1].result is result
    assert {(event.number, event.of) for event in seen.events} == {(1, 1)}


def test_a_failed_run_is_a_result_and_the_next_one_follows() -> None:
    with serving(answering(whole(OVERLOADED, 529), stream(HELLO))) as server:
        results, _ = replayed(server, Options(), ["a", "b"])

    assert [(result.run.model, result.success) for result in results] == [("a", False), ("b", True)]
    assert results[0].error is not None
    assert (results[0].error.message, results[0].error.status) == ("Overloaded", 529)


def test_retries_are_only_made_when_asked_for_and_each_is_recorded() -> None:
    with serving(answering(whole(OVERLOADED, 529), whole(OVERLOADED, 429, retry_after="7"), stream(HELLO))) as server:
        results, seen = replayed(server, Options(retries=3))

    assert [(result.run.attempt, result.success) for result in results] == [(1, False), (2, False), (3, True)]
    assert seen.slept == [1.0, 7.0]


def test_each_retry_waits_twice_as_long_where_the_server_does_not_say() -> None:
    with serving(answering(whole(OVERLOADED, 529))) as server:
        results, seen = replayed(server, Options(retries=3))

    assert ([result.success for result in results], seen.slept) == ([False] * 4, [1.0, 2.0, 4.0])


def test_what_the_server_refuses_is_not_tried_again() -> None:
    with serving(answering(whole(OVERLOADED, 401))) as server:
        results, _ = replayed(server, Options(retries=3))

    assert len(results) == 1


def test_warm_sends_once_before_counting_and_again_only_after_another() -> None:
    with serving(answering(stream(HELLO))) as server:
        results, _ = replayed(server, Options(cache="warm", runs=3))
        alone = len(sent(server))
        replayed(server, Options(cache="warm"), ["a", "b"])

    assert (len(results), alone) == (3, 4)
    assert len(sent(server)) - alone == 4


def test_another_trace_is_warmed_by_itself() -> None:
    with serving(answering(stream(HELLO))) as server:
        replayed(server, Options(cache="warm"), traces=[synthetic.tool_call(), synthetic.text()])

    assert [len(body["messages"]) for body in sent(server)] == [3, 3, 1, 1]


class Loading(Answering):
    """LM Studio with room for one model, which takes a prompt of no length at all."""

    async def __call__(self, target: Target, method: str, path: str, body: Json = None, timeout: float = 10.0) -> Reply:
        reply = await super().__call__(target, method, path, body, timeout)
        if path == "/api/v1/models":
            return Reply(200, body={"models": [self._entry(name) for name in "ab"]})
        return Reply(200, body={"status": "loaded"}) if path.endswith("/load") else reply

    @property
    def loads(self) -> list[str]:
        return [body["model"] for path, body in self.posts if path.endswith("/load") and isinstance(body, dict)]

    def _entry(self, name: str) -> dict[str, Any]:
        instances = [{"id": name, "config": {"context_length": 1}}] if self.loads[-1:] == [name] else []
        return {"type": "llm", "key": name, "loaded_instances": instances}


def test_a_model_is_loaded_whenever_another_one_was_before() -> None:
    ask = Loading({})
    with serving(answering(stream(HELLO))) as server:
        results, _ = replayed(server, Options(runs=3, seed=2, force=True), ["a", "b"], kind="lmstudio", ask=ask)

    order = [result.run.model for result in results]
    assert (len(order), order.count("a")) == (6, 3)
    assert ask.loads == [model for model, _ in groupby(order)]


def test_a_report_from_before_a_model_was_loaded_is_not_used() -> None:
    """Then it didn't say how much context the model would have."""
    before = Served("lmstudio", (ServedModel("a", False),))
    with serving(answering(stream(HELLO))) as server:
        [result], _ = replayed(server, Options(), kind="lmstudio", ask=Loading({}), served=before)

    assert result.error is not None
    assert result.error.kind == "context"


def test_cold_prompts_differ_in_every_run() -> None:
    with serving(answering(stream(HELLO))) as server:
        replayed(server, Options(cache="cold", runs=3))

    assert len({json.dumps(body["system"]) for body in sent(server)}) == 3


def test_a_request_that_cannot_be_translated_is_a_failed_result() -> None:
    with serving(answering(stream(HELLO))) as server:
        [result], _ = replayed(server, Options(settings={"stream": False}))

    assert result.error is not None
    assert (result.error.kind, result.settings) == ("translation", {"stream": False})
    assert sent(server) == []


def test_saved_runs_are_left_out() -> None:
    with serving(answering(stream(HELLO))) as server:
        first, _ = replayed(server, Options(runs=2))
        again, _ = replayed(server, Options(runs=3, done=frozenset(result.key for result in first)))

    assert [result.run.round for result in again] == [3]


def test_stopping_keeps_what_is_finished_and_closes_the_connection() -> None:
    kept: list[ReplayResult] = []

    async def interrupted(url: str) -> None:
        to: Any = {"anthropic": Target(url, "x")}
        runs = replay_all([synthetic.tool_call()], to, ["a"], Options(runs=2), lambda event: None)
        async with aclosing(runs):
            async for result in runs:
                kept.append(result)

    async def stop_in_the_second_run(url: str) -> None:
        task = asyncio.create_task(interrupted(url))
        while not kept:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.2)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    with serving(answering(stream(HELLO), stream([HELLO[0], 30.0]))) as server:
        asyncio.run(stop_in_the_second_run(server.url))

    assert [result.run.round for result in kept] == [1]


@pytest.mark.parametrize("force", [False, True])
def test_a_prompt_that_was_cut_off_shows_in_a_single_run(force: bool) -> None:
    """Counts that fill the context, as a server says it in its list."""
    loaded = Served("ollama", (ServedModel("a", context=answers.USAGE["input_tokens"], loaded=True),))
    with serving(answering(stream(HELLO))) as server:
        [result], _ = replayed(server, Options(force=force), traces=[synthetic.text()], served=loaded)

    assert "it may have cut the prompt off" in " ".join(result.metrics.doubts)


def test_a_server_that_counts_its_cache_twice_is_read_as_it_means() -> None:
    long = {"messages": [{"role": "user", "content": "word " * 800}]}
    counts = {b'input_tokens": 12,': b'input_tokens": 1000,', b'read_input_tokens": 3,': b'read_input_tokens": 990,'}
    sent = list(HELLO)
    for before, after in counts.items():
        sent = [event.replace(before, after) for event in sent]
    with serving(answering(stream(sent))) as server:
        [result], _ = replayed(server, Options(), traces=[synthetic.with_body(long)])

    assert result.metrics.input is not None
    assert (result.metrics.input.uncached, result.metrics.input.cache_read) == (10, 990)
    assert double_counting.NOTE in result.notes
