// Made by `make web` from the pages' data: python -m tests.support.page_types. Don't edit it.

declare namespace Data {
  /** [from, to]: the numbers from … to - 1; [from, to, list]: what an earlier list has at these indexes. */
  type Stretch = [number, number] | [number, number, number];

  /** These characters, the text at this index, or [the items of this list]. */
  type Piece = string | number | [number];

  /** When a chunk came, what it held, and how many characters. */
  type Arrival = [number | null, string, number];

  /** A request under load: its lane; when it was sent, its first token, its end; failure, whether it was good; its place;
   * tokens of the prompt, from the cache, and what could have been from there. */
  type LoadRow = [
    lane: number,
    sent: number,
    ttft: number | null,
    total: number,
    error: string | null,
    good: number,
    turn: number,
    agent: string,
    input: number | null,
    cached: number | null,
    predicted: number | null,
  ];

  /** What a server told: when, requests that run and wait, and the share of its KV cache that is used. */
  type LoadSample = [at: number, running: number | null, waiting: number | null, used: number | null];

  /** How many answers passed, and of how many. */
  type Passed = [number, number];

  interface Across {
    high: number;
    low: number;
    measure: string;
    more: number;
    n: number;
    one: string;
    other: string;
    paired: boolean;
    ratio: number;
    shown: boolean;
    value: number;
  }

  interface Agent {
    cost: number | null;
    cost_unknown: number;
    depth: number;
    id: string | null;
    input_tokens: number | null;
    input_tokens_unknown: number;
    key: string;
    name: string;
    new_tokens: number | null;
    new_tokens_unknown: number;
    output_tokens: number | null;
    output_tokens_unknown: number;
    parent: string | null;
    reusable_tokens: number | null;
    reusable_tokens_unknown: number;
    tool_calls: number;
    turns: number;
    type: unknown;
    waiting: number | null;
    waiting_unknown: number;
    writing: number | null;
    writing_unknown: number;
  }

  interface Agreement {
    agreed: number;
    compared: number;
    differs: boolean;
    high: number;
    low: number;
    model: string;
  }

  interface BlockRow {
    number: number;
    percent: number | null;
    start: string;
    tokens: number;
  }

  interface Break {
    after: string;
    before: string;
    kind: string;
    seconds: number | null;
    token: number;
    wasted: number;
    where: string;
  }

  interface Cache {
    counter: string;
    estimate: boolean;
    losses: Record<string, Loss>;
    remedies: Remedy[];
    server: {
      by_model: boolean;
      ram: number;
      slots: number;
      template: string;
      turns_without_reuse: number;
    };
    sessions: string[];
    sums: {
      cached: number | null;
      cached_unknown: number;
      estimated: boolean;
      input: number;
      needed: number;
      of: number | null;
      prefill_seconds: number | null;
      prefill_seconds_estimated: boolean;
      reused: number;
      wasted: number;
      wasted_seconds: number | null;
    };
    turns: CacheTurn[];
    turns_left_out: number;
    without: unknown;
  }

  interface CacheTurn {
    after: string;
    agent: string;
    before: string;
    breaks: Break[];
    cached: number | null;
    culprit: string;
    estimated: boolean;
    kind: string;
    model: string | null;
    needed: number;
    number: number;
    percent: number;
    predicted: unknown;
    reused: number;
    seconds: number | null;
    session: string;
    token: number | null;
    total: number;
    wasted: number;
    where: string;
  }

  interface Cause {
    kind: string;
    label: string;
  }

  interface Changed {
    changes: string[];
    effects: Effect[];
    model: string;
    other: string | null;
  }

  interface ComparedRun {
    answer: number;
    arrivals: Arrival[];
    doubts: string[];
    error: string | null;
    measures: Record<string, number | null>;
    notes: string[];
    round: number;
    started: string;
    stop_reason: unknown;
    unjudged: string[];
    wrong: string[];
  }

  interface ComparedSum {
    difference: number | null;
    left: number | null;
    left_unknown: number;
    right: number | null;
    right_unknown: number;
  }

  interface Comparison {
    advice: string[];
    control: Control | null;
    differences: Record<string, Differences>;
    failures: FailedRun[];
    models: ModelRow[];
    request: string;
    unjudged: Judged[];
    variants: Changed[];
    wrong: Judged[];
  }

  interface ComparisonPage {
    lists: Stretch[][];
    live?: boolean;
    measures: MeasureRow[];
    parts: Part[];
    report: ComparisonReport;
    requests: Contender[][];
    running?: Spent[];
    shared?: string | null;
    stamp?: string;
    texts: string[];
    title: string;
    version: string;
  }

  interface ComparisonReport {
    across_requests: Across[];
    cautions: string[];
    comparisons: Comparison[];
  }

  interface Contender {
    label: string;
    questions: Record<string, Passed>;
    runs: ComparedRun[];
  }

  interface Control {
    agreed: number;
    compared: number;
    high: number;
    low: number;
    model: string;
    others: Agreement[];
  }

  interface DiffPage {
    itemLists: Stretch[][];
    items: Piece[][];
    lists: Stretch[][];
    live?: boolean;
    parts: Part[];
    prompts: {
      left: number;
      right: number;
    };
    report: DiffReport;
    running?: Spent[];
    shared?: string | null;
    stamp?: string;
    texts: string[];
    title: string;
    turns: TurnParts[];
    version: string;
  }

  interface DiffReport {
    counter: string;
    divergence: {
      agent: string;
      left: string;
      left_turn: number | null;
      match: string;
      right: string;
      right_turn: number;
    } | null;
    left: SessionName;
    prompt: {
      left_turn: number | null;
      parts: PartChange[];
      reordered_tools: boolean;
      right_turn: number | null;
      shared_tokens: number | null;
    };
    right: SessionName;
    sums: Sums;
    turns: DiffTurn[];
  }

  interface DiffTurn {
    agent: string;
    left_input_tokens: number | null;
    left_kind: string | null;
    left_output_tokens: number | null;
    left_tool_calls: string[];
    left_total: number | null;
    left_ttft: number | null;
    left_turn: number | null;
    match: string;
    right_input_tokens: number | null;
    right_kind: string | null;
    right_output_tokens: number | null;
    right_tool_calls: string[];
    right_total: number | null;
    right_ttft: number | null;
    right_turn: number | null;
    shared_tokens: number | null;
  }

  interface Difference {
    high: number;
    low: number;
    more: number;
    n: number;
    paired: boolean;
    ratio: number;
    shown: boolean;
    value: number;
  }

  interface Differences {
    best: string;
    others: Record<string, Difference>;
  }

  interface Effect {
    better: number;
    high: number;
    low: number;
    of: number;
    p: number;
    passed: number;
    question: string;
    shown: boolean;
    unchanged: {
      high: number;
      low: number;
      of: number;
      passed: number;
    };
    worse: number;
  }

  interface ExamAnswer {
    all_calls: boolean | null;
    arguments_agree: boolean | null;
    arguments_fit: boolean | null;
    arguments_parse: boolean | null;
    called_tools: {
      name: string;
    }[];
    calls: boolean | null;
    calls_nothing: boolean | null;
    error: string | null;
    known_tool: boolean | null;
    label: string;
    next_action: number | null;
    parameters_known: boolean | null;
    recorded_tools: {
      name: string;
    }[];
    request: string;
    right: boolean | null;
    round: number;
    same_tool: boolean | null;
    started: string;
    turn: number;
    whole: boolean | null;
  }

  interface ExamCheck {
    question: string;
    title: string;
  }

  interface ExamDrift {
    began: string;
    better: number;
    label: string;
    n: number;
    note: string;
    p: number;
    share_now: Share;
    share_then: Share;
    shown: boolean;
    sitting: string;
    worse: number;
  }

  interface ExamFailure {
    label: string;
    message: string;
    times: number;
  }

  interface ExamKind {
    kind: string;
    note: string;
  }

  interface ExamMistake {
    answered: string;
    detail: string;
    kind: string;
    label: string;
    name: string;
    recorded: string;
    times: number;
    turn: number;
  }

  interface ExamModel {
    answers: number;
    checks: Record<string, Share | null>;
    control: boolean;
    cut_off: number;
    failed: number;
    label: string;
    made_up: number;
    model: string;
    next_action: number | null;
    next_action_high: number | null;
    next_action_low: number | null;
    next_action_n: number;
    open: number;
    tools: ExamTool[];
  }

  interface ExamPage {
    answers: ExamAnswer[];
    cautions: string[];
    checks: ExamCheck[];
    drift: ExamDrift[];
    failures: ExamFailure[];
    kinds: ExamKind[];
    left_out: string[];
    live?: boolean;
    mistakes: ExamMistake[];
    models: ExamModel[];
    of: number;
    pairs: ExamPair[];
    questions: number;
    request: string;
    running?: Spent[];
    runs: number;
    seed: number;
    settings: Record<string, unknown>;
    shared?: string | null;
    stamp?: string;
    title: string;
    version: string;
  }

  interface ExamPair {
    better: number;
    control: boolean;
    n: number;
    one: string;
    other: string;
    p: number;
    shown: boolean;
    worse: number;
  }

  interface ExamTool {
    calls: number;
    checks: Record<string, Share | null>;
    name: string;
    next_action: number | null;
    unasked: number;
  }

  interface Exchange {
    answer: number;
    parts: number;
    raw: Raw | null;
  }

  interface FailedRun {
    kind: string;
    message: string;
    model: string;
    round: number;
    status: number;
  }

  interface Judged {
    detail: string;
    model: string;
    question: string;
    round: number;
  }

  interface Level {
    action_p50: number | null;
    action_p90: number | null;
    action_p99: number | null;
    answer_p50: number | null;
    answer_p90: number | null;
    answer_p99: number | null;
    at_once: number;
    cached: number | null;
    correct_count: number | null;
    correct_high: number | null;
    correct_low: number | null;
    correct_of: number | null;
    correct_share: number | null;
    decode_p50: number | null;
    decode_p90: number | null;
    decode_p99: number | null;
    doubts: string;
    errors: string;
    failed: number;
    gap_p50: number | null;
    gap_p90: number | null;
    gap_p99: number | null;
    good_count: number;
    good_high: number;
    good_low: number;
    good_of: number;
    good_per_minute: number;
    good_share: number;
    input_per_second: number;
    lag_p50: number;
    lag_p90: number | null;
    lag_p99: number | null;
    level: string;
    load: number;
    output_per_second: number;
    predicted: number | null;
    prefill_p50: number | null;
    prefill_p90: number | null;
    prefill_p99: number | null;
    requests_per_minute: number;
    runs: number;
    seconds: number;
    server_cache_hits: unknown;
    server_generated_tokens: unknown;
    server_gpu_memory: unknown;
    server_gpu_power: unknown;
    server_gpu_usage: number | null;
    server_kv_usage: number | null;
    server_preemptions: unknown;
    server_prompt_tokens: unknown;
    server_running: number | null;
    server_waiting: number | null;
    session_action_p50: unknown;
    session_action_p90: unknown;
    session_action_p99: unknown;
    sessions_per_minute: number;
    ttft_p50: number | null;
    ttft_p90: number | null;
    ttft_p99: number | null;
    turn_p50: number | null;
    turn_p90: number | null;
    turn_p99: number | null;
    turns: number;
  }

  interface ListPage {
    live: boolean;
    rows: SessionRow[];
    running: Spent[];
    search: boolean;
    stamp: string;
    title: string;
    version: string;
  }

  interface Load {
    duration: number;
    label: string;
    levels: Level[];
    model: string;
    objectives: string[];
    runs: LoadRun[];
    sentences: string[];
    server: string;
    sessions: number;
    started: string;
    target: string;
    troubles: string[];
    verdict: string[];
    warmup: number;
  }

  interface LoadPage {
    live?: boolean;
    loads: Load[];
    running?: Spent[];
    shared?: string | null;
    stamp?: string;
    title: string;
    version: string;
  }

  interface LoadRun {
    level: string;
    rows: LoadRow[];
    run: number;
    samples: LoadSample[];
  }

  interface Loss {
    cost: unknown;
    cost_unknown: number;
    seconds: number | null;
    seconds_estimated: boolean;
    tokens: number;
    turns: number;
  }

  interface MeasureRow {
    column: string;
    decides: boolean;
    key: keyof ModelRow;
    kind: Page.Kind;
    name: string;
  }

  interface MeasuredRow {
    kind: Page.Kind;
    name: string;
    note: string;
    path: string;
  }

  interface MessageRow {
    kind: string;
    name: string | null;
    parts: number;
    percent: number | null;
    tokens: number;
  }

  interface ModelRow {
    decode: number | null;
    decode_estimated: number;
    decode_high: number | null;
    decode_low: number | null;
    decode_n: number;
    decode_p90: unknown;
    decode_p99: unknown;
    end_to_end: number | null;
    end_to_end_estimated: number;
    end_to_end_high: number | null;
    end_to_end_low: number | null;
    end_to_end_n: number;
    end_to_end_p90: unknown;
    end_to_end_p99: unknown;
    failed: number;
    first_tool_call: number | null;
    first_tool_call_high: unknown;
    first_tool_call_low: unknown;
    first_tool_call_n: number;
    first_tool_call_p90: unknown;
    first_tool_call_p99: unknown;
    generation: number | null;
    generation_high: number | null;
    generation_low: number | null;
    generation_n: number;
    generation_p90: unknown;
    generation_p99: unknown;
    input: number | null;
    input_high: number | null;
    input_low: number | null;
    input_n: number;
    input_p90: unknown;
    input_p99: unknown;
    interval_level: number | null;
    judged: number;
    model: string;
    prefill: number | null;
    prefill_high: number | null;
    prefill_low: number | null;
    prefill_n: number;
    prefill_p90: unknown;
    prefill_p99: unknown;
    request: string;
    right: number | null;
    runs: number;
    tokens: number | null;
    tokens_estimated: number;
    tokens_high: number | null;
    tokens_low: number | null;
    tokens_n: number;
    tokens_p90: unknown;
    tokens_p99: unknown;
    total: number | null;
    total_high: number | null;
    total_low: number | null;
    total_n: number;
    total_p90: unknown;
    total_p99: unknown;
    ttft: number | null;
    ttft_high: number | null;
    ttft_low: number | null;
    ttft_n: number;
    ttft_p90: unknown;
    ttft_p99: unknown;
    unjudged: number;
  }

  interface PageSession {
    cache: Cache | null;
    causes: Cause[];
    exchanges: Exchange[];
    remarks: string[];
    report: SessionReport;
    timeline: Span[];
  }

  interface Part {
    index: number;
    kind: string;
    media: string | null;
    name: string | null;
    section: string;
    server: string | null;
    text: number | null;
    tokens: number | null;
  }

  interface PartChange {
    after: string;
    before: string;
    change: string;
    group: string;
    kind: string;
    left: number | null;
    name: string | null;
    right: number | null;
    where: string;
  }

  interface Raw {
    error: string | null;
    request: RawRequest;
    response: RawResponse | null;
  }

  interface RawRequest {
    body: Piece[];
    headers: Record<string, string>;
    method: string;
    url: string;
  }

  interface RawResponse {
    body: Piece[];
    headers: Record<string, string>;
    status: number;
  }

  interface Remedy {
    how: string;
    name: string;
    seconds: number | null;
    seconds_estimated: boolean;
    tokens: number;
  }

  interface SessionName {
    began: string;
    models: string[];
    modes: string[];
    programs: string[];
    session: string;
  }

  interface SessionReport {
    agents: Agent[];
    counter: string;
    given: boolean;
    ids: string[];
    session: string;
    slots: number;
    template: string;
    time: Record<string, number | null>;
    total: {
      cost: number | null;
      cost_unknown: number;
      input_tokens: number;
      input_tokens_unknown: number;
      new_tokens: number | null;
      new_tokens_unknown: number;
      output_tokens: number;
      output_tokens_unknown: number;
      reusable_tokens: number | null;
      reusable_tokens_unknown: number;
      tool_calls: number;
      turns: number;
      waiting: number | null;
      waiting_unknown: number;
      writing: number | null;
      writing_unknown: number;
    };
    turns: Turn[];
  }

  interface SessionRow {
    address: string;
    agents: number;
    began: string;
    client: string | null;
    cost: number | null;
    cost_unknown: number;
    failed: number;
    largest_input: number;
    mode: string;
    model: string | null;
    output_tokens: number;
    output_tokens_unknown: number;
    session: string;
    side_requests: number;
    tools: string;
    turns: number;
    waiting: number | null;
    waiting_unknown: number;
  }

  interface SessionsPage {
    itemLists: Stretch[][];
    items: Piece[][];
    lists: Stretch[][];
    live?: boolean;
    parts: Part[];
    running?: Spent[];
    sessions: PageSession[];
    shared?: string | null;
    stamp?: string;
    texts: string[];
    title: string;
    version: string;
  }

  interface Share {
    high: number;
    low: number;
    of: number;
    passed: number;
    share: number;
  }

  interface Span {
    activity: string;
    agent: string;
    from: number;
    to: number;
    turn: number;
  }

  interface Spent {
    percent: number | null;
    words: string;
  }

  interface Sums {
    agents: ComparedSum;
    cached_tokens: ComparedSum;
    cost: ComparedSum;
    failed: ComparedSum;
    input_tokens: ComparedSum;
    new_tokens: ComparedSum;
    output_tokens: ComparedSum;
    tool_calls: ComparedSum;
    turns: ComparedSum;
    waiting: ComparedSum;
    writing: ComparedSum;
  }

  interface Timing {
    first_answer: number | null;
    first_tool_call: number | null;
    generation?: number | null;
    headers: number | null;
    last_content: number | null;
    total: number | null;
    ttft: number | null;
  }

  interface ToolRow {
    group: unknown;
    name: string;
    number: number;
    percent: number;
    server: string | null;
    tokens: number;
  }

  interface TraceExchange {
    answer: number;
    arrivals: Arrival[];
    measures: MeasuredRow[];
    parts: number;
    raw: Raw | null;
    report: TraceReport;
    upstream: Upstream | null;
  }

  interface TracePage {
    exchanges: TraceExchange[];
    itemLists: Stretch[][];
    items: Piece[][];
    lists: Stretch[][];
    live?: boolean;
    parts: Part[];
    running?: Spent[];
    shared?: string | null;
    stamp?: string;
    texts: string[];
    title: string;
    version: string;
  }

  interface TraceReport {
    cost: unknown;
    error: {
      kind: string;
      message: string;
    } | null;
    exchange: number;
    file: unknown;
    ids: {
      agent: unknown;
      parent_agent: unknown;
      session: string;
    };
    marks: string[];
    measures: {
      end_to_end_speed: number | null;
      generation_estimated: boolean;
      generation_speed: number | null;
      latency_max: number | null;
      latency_p50: number | null;
      latency_p95: number | null;
      output_counted: boolean;
      output_reported: number | null;
      output_tokens: number | null;
      prefill_speed: number | null;
      reasoning_tokens: unknown;
    };
    messages: MessageRow[];
    mode: string;
    model: string | null;
    odd_events: {
      count: number;
      sample: string;
    } | null;
    origin: {
      format: string;
      id: string;
    } | null;
    request_as_sent: unknown;
    request_type: string;
    state: string;
    status: number | null;
    stop_reason: string | null;
    system: BlockRow[];
    timestamp: string;
    timing: Timing;
    tokens: {
      context_percent: number | null;
      context_window: number | null;
      counter: string;
      difference: number | null;
      estimate: boolean;
      messages: number | null;
      percent: {
        messages: number | null;
        system: number | null;
        tools: number | null;
      };
      recorded: number;
      reported: {
        cache_read: number;
        cache_written: number;
        total: number;
        uncached: number;
      } | null;
      system: number | null;
      tools: number | null;
      total: number | null;
      uncounted_parts: number;
      unknown: string[];
    };
    tools: ToolRow[];
    tools_used: string[];
    upstream: UpstreamReport | null;
  }

  interface Turn {
    agent: string;
    agent_id: string | null;
    cached_tokens: number | null;
    cost: number | null;
    cost_unknown: number;
    counted_tokens: number | null;
    decode_speed: number | null;
    exchange: number;
    file: string;
    follows: number | null;
    input_tokens: number | null;
    model: string | null;
    new_tokens: number | null;
    note: string;
    number: number;
    output_tokens: number | null;
    request_type: string;
    reusable_percent: number | null;
    reusable_tokens: number | null;
    state: string;
    status: number;
    timestamp: string;
    timing: Timing;
    tool_calls: string[];
    total: number | null;
    ttft: number | null;
    why: string;
  }

  interface TurnParts {
    answered: number[];
    asked: number[];
  }

  interface Upstream {
    parts: number;
    raw: Raw | null;
  }

  interface UpstreamReport {
    changes: string[];
    error: {
      kind: string;
      message: string;
    } | null;
    state: string;
    status: number | null;
    timing: UpstreamTiming;
    url: string;
  }

  interface UpstreamTiming {
    first_answer: number | null;
    first_tool_call: unknown;
    headers: number | null;
    last_content: number | null;
    total: number | null;
    ttft: number | null;
  }
}
