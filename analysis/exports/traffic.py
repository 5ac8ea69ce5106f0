"""Traces for benchmarks of KV caches, without any text: Mooncake's (one file), and Weka's (one file a session).

Times are relative to the first request, sessions and agents are numbered: nothing in a file says who asked, or when.
"""

from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import PurePath
from typing import Any

from analysis.exports.kv_blocks import Request, Workload
from traces import jsonio

Fields = dict[str, Any]


def mooncake(found: Workload) -> Iterator[bytes]:
    """Yield the lines of a Mooncake trace: a request each. `timestamp` is in milliseconds.

    A line has no session: AIPerf would put the turns before it into a turn's prompt, which holds them already.
    """
    begun = _begin(found.requests)
    for one in found.requests:
        line = {
            "timestamp": round(1000 * _since(begun, one)),
            "input_length": one.input,
            "output_length": one.output,
            "hash_ids": list(one.blocks),
        }
        yield jsonio.dumps(line) + b"\n"


def weka(found: Workload, number: int) -> Fields:
    """Return one session as a Weka trace, whose times are in seconds. Subagents are nested, each in one entry.

    The format is that of callanjfox/agentic-coding-analysis, docs/TRACE_FORMAT.md.
    """
    begun = _begin(found.requests)
    by_agent: dict[str, list[Request]] = {}
    for one in found.requests:
        by_agent.setdefault(one.agent, []).append(one)
    numbers = count(1)
    main = [_weka_request(one, begun, found.block_size) for one in by_agent.pop("main", [])]
    agents = [_subagent(requests, begun, found.block_size, next(numbers)) for requests in by_agent.values()]
    return {
        "id": f"session_{number:04}",
        "models": _models(found.requests),
        "block_size": found.block_size,
        "hash_id_scope": "local",
        "requests": sorted([*main, *agents], key=lambda entry: entry["t"]),
    }


def _subagent(requests: Sequence[Request], begun: float, size: int, number: int) -> Fields:
    return {
        "t": round(_since(begun, requests[0]), 3),
        "type": "subagent",
        "agent_id": f"agent_{number:03}",
        "subagent_type": "subagent",
        "duration_ms": round(1000 * (max(_ended(one, begun) for one in requests) - _since(begun, requests[0]))),
        "total_tokens": sum(one.input + one.output for one in requests),
        "tool_use_count": sum(len(one.turn.tools_used) for one in requests),
        "status": "completed" if requests[-1].turn.state == "complete" else "failed",
        "requests": [_weka_request(one, begun, size) for one in requests],
        "models": _models(requests),
    }


def _weka_request(one: Request, begun: float, size: int) -> Fields:
    timing = one.turn.timing
    last_user = [part.kind for part in one.turn.parts if part.section == "messages"][-1:]
    measured = {"api_time": timing.total, "ttft": timing.ttft}  # a request that wasn't streamed has no ttft
    return {
        "t": round(_since(begun, one), 3),
        "type": "n" if timing.ttft is None else "s",
        "model": _model(one),
        "in": one.input,
        "out": one.output,
        "hash_ids": [block + 1 for block in one.blocks[: one.input // size]],  # whole blocks only, counted from 1
        "input_types": ["tool_result" if kind == "tool_result" else "text" for kind in last_user],
        "output_types": ["tool_use"] if one.turn.tools_used else ["text"],
        "stop": "tool_use" if one.turn.tools_used else "end_turn",
        **{name: round(at, 3) for name, at in measured.items() if at is not None},
    }


def _models(requests: Sequence[Request]) -> list[str]:
    return list(dict.fromkeys(map(_model, requests)))


def _model(one: Request) -> str:
    """Return the model's name; of a path, which names folders as well, only the file."""
    return PurePath(one.turn.model or "unknown").name


def _begin(requests: Sequence[Request]) -> float:
    return min((one.started for one in requests if one.started is not None), default=0.0)


def _since(begun: float, one: Request) -> float:
    """Return the seconds since the first request; 0 where it isn't known when a request began."""
    return 0.0 if one.started is None else one.started - begun


def _ended(one: Request, begun: float) -> float:
    return _since(begun, one) + (one.turn.timing.total or 0.0)
