"""Claude Code as a row of `traces.clients.CLIENTS`, put together from the modules beside this one."""

from traces.clients.base import Client, Headers, Phrases
from traces.clients.claude_code import billing
from traces.clients.claude_code.fixes import FIXES
from traces.clients.claude_code.ids import ids_of, session_in
from traces.clients.claude_code.reminders import OPEN, pieces
from traces.clients.claude_code.rewrite import system_texts
from traces.clients.claude_code.side_requests import side_request
from traces.model import Json

_PROMPT_START = "You are Claude Code"


def _is_sender(headers: Headers, body: Json) -> bool:
    """Return whether its headers, or what it writes into a body, show Claude Code as the sender.

    The body counts too, since another proxy before ours may replace headers. Some other clients begin their prompts
    with the same words, so these count only where the client doesn't name itself.
    """
    agent = headers.get("user-agent", "")
    if agent.startswith("claude-cli/") or any(name.startswith("x-claude-code-") for name in headers):
        return True
    prompt = next(system_texts(body), "")
    if session_in(body) is not None or prompt.startswith(billing.NAME):
        return True
    return not agent and prompt.startswith(_PROMPT_START)


CLAUDE_CODE = Client(
    "claude_code",
    "Claude Code",
    is_sender=_is_sender,
    ids=ids_of,
    agent_type=lambda headers, body: headers.get("x-claude-code-agent-type"),
    side_request=side_request,
    pieces=lambda text, in_result: pieces(text) if OPEN in text else None,
    environment=(
        *("<env>", "^#+ environment", "working director"),
        r"^\W*(?:platform|os version|shell|is (?:directory )?a git repo\w*|cwd)\b",
    ),
    git=("git ?status", "^(?:current|main) branch", "^recent commits", "^status:$", "^git user"),
    phrases=Phrases(
        additions="--append-system-prompt, an output style, a hook, another client",
        prompt="--append-system-prompt and output styles",
        memory="CLAUDE.md and memories",
        hour=" (ENABLE_PROMPT_CACHING_1H=1 where claude runs)",
    ),
    remedies={name: fix.how for name, fix in FIXES.items()},
    own_names=frozenset(
        (
            *("main", "subagent", "general-purpose", "Explore", "Plan", "claude-code-guide", "statusline-setup"),
            *("Agent", "AskUserQuestion", "Bash", "BashOutput", "DeferredToolPlaceholder", "Edit", "EnterPlanMode"),
            *("Glob", "EnterWorktree", "ExitPlanMode", "ExitWorktree", "Grep", "KillShell", "ListAgents", "LSP"),
            *("MultiEdit", "Read", "NotebookEdit", "NotebookRead", "ReportFindings", "ScheduleWakeup", "SendMessage"),
            *("Skill", "SlashCommand", "Task", "TaskCreate", "TaskGet", "TaskList", "TaskOutput", "TaskStop"),
            *("TaskUpdate", "TodoRead", "TodoWrite", "ToolSearch", "WebFetch", "WebSearch", "Workflow", "Write"),
        )
    ),
    resumed="--continue",
)
