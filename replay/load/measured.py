"""An answer under load -> its row."""

import statistics

from replay.exchange import Sent
from replay.load.lane import Due
from replay.load.rows import Row
from replay.run import metrics as replay_metrics
from replay.run import verdict
from traces import metrics
from traces.content.answers import answer_id, stop_reason


def row_of(
    due: Due, sent: Sent, sent_at: float, *, run: int, level: str, load: float, warmup: float, keep_stamps: bool
) -> Row:
    """Return the row of a request that went out at `sent_at`, in seconds since the run began.

    Its place (node, process, moment) and its history are for the caller to set.
    """
    turn, found = due.turn, replay_metrics.measure(sent)
    times, gaps = found.timing, metrics.chunk_gaps(sent.events)
    moments = sorted(event.at for event in metrics.content_chunks(sent.events) if event.at is not None)
    verdicts = verdict.judge_answer(turn.asked, turn.recorded, sent) if sent.error is None else ()
    usage = found.input
    return Row(
        run=run,
        level=level,
        load=load,
        node="",
        process=0,
        lane=due.lane,
        visit=due.visit,
        session=due.script.session,
        agent=turn.agent,
        turn=turn.number,
        kind=turn.kind,
        warmup=due.at < warmup,
        due=due.at,
        sent=sent_at,
        at=0.0,
        pause=due.pause,
        connect=found.connect,
        headers=times.headers,
        ttft=times.ttft,
        first_answer=times.first_answer,
        first_tool_call=times.first_tool_call,
        last_content=times.last_content,
        total=times.total,
        chunks=len(moments),
        gap_mean=statistics.fmean(gaps) if gaps else None,
        gap_p50=found.gaps.p50 if found.gaps else None,
        gap_p99=found.gaps.p99 if found.gaps else None,
        gap_max=found.gaps.longest if found.gaps else None,
        stamps=tuple(moments) if keep_stamps else (),
        input=usage.total if usage else None,
        cached=usage.cache_read if usage else None,
        output=found.output,
        output_estimated=found.output_by == "estimate",
        decode=found.decode.tokens_per_second,
        decode_estimated=found.decode.estimated,
        prefill=metrics.prefill_speed(usage, times.ttft),
        error=sent.error.kind if sent.error else None,
        message=sent.error.message if sent.error else None,
        status=sent.status,
        stop=stop_reason(sent.message),
        answer_id=answer_id(sent.message),
        correct=verdict.is_correct(verdicts) if sent.error is None else False,
        wrong=" ".join(each.name for each in verdicts if each.passed is False),
        cpu=sent.load.cpu,
        late=sent.load.late,
        doubts="; ".join(found.doubts),
    )
