"""Made-up keys: strings that match what the detectors of `detect-secrets` look for, and surroundings to put them in."""

import re
from collections.abc import Mapping
from typing import Any

from detect_secrets.plugins import (
    aws,
    discord,
    github_token,
    gitlab_token,
    openai,
    pypi_token,
    sendgrid,
    stripe,
)
from hypothesis import strategies as st

_DETECTORS: Mapping[str, Any] = {
    "AWS": aws.AWSKeyDetector,
    "Discord": discord.DiscordBotTokenDetector,
    "GitHub": github_token.GitHubTokenDetector,
    "GitLab": gitlab_token.GitLabTokenDetector,
    "OpenAI": openai.OpenAIDetector,
    "PyPI": pypi_token.PypiTokenDetector,
    "SendGrid": sendgrid.SendGridDetector,
    "Stripe": stripe.StripeDetector,
}
_OTHERS: Mapping[str, str] = {
    "Anthropic": r"sk-ant-(api03|admin01)-[A-Za-z0-9_-]{93}AA",
    "Anthropic's OAuth": r"sk-ant-o[ar]t01-[A-Za-z0-9_-]{86}",
    "OpenAI's projects": r"sk-(proj|svcacct|admin)-[A-Za-z0-9_-]{74}T3BlbkFJ[A-Za-z0-9_-]{74}",
    "OpenRouter": r"sk-or-v1-[0-9a-f]{64}",
    "Google": r"AIza[A-Za-z0-9_-]{35}",
    "Hugging Face": r"hf_[A-Za-z]{34}",
    "GitHub, fine-grained": r"github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}",
    "DigitalOcean": r"do[opr]_v1_[a-f0-9]{64}",
    "age": r"AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}",
    "npm": r"npm_[A-Za-z0-9]{36}",
    # detect-secrets takes more for one of these: any time of day for Telegram's.
    "Mailchimp": r"[0-9a-f]{32}-us[0-9]{1,2}",
    "Slack": r"xox[abposr]-([0-9]{8,13}-){1,3}[A-Za-z0-9]{16,32}",
    "Slack's webhooks": r"hooks\.slack\.com/services/T[A-Z0-9]{8,10}/B[A-Z0-9]{8,10}/[A-Za-z0-9]{24}",
    "Square": r"sq0(csp|atp)-[0-9A-Za-z_-]{43}",
    "Telegram": r"[0-9]{8,10}:A[A-Za-z0-9_-]{34}",
    "Twilio": r"(AC|SK)[a-f0-9]{32}",
    "Slack's apps": r"xapp-1-[A-Z0-9]{11}-[0-9]{13}-[a-f0-9]{64}",
    "Stripe, restricted": r"rk_(live|test)_[A-Za-z0-9]{24,99}",
    "Azure": r"AccountKey=[A-Za-z0-9+/]{86}==",
    "Azure's clients": r"[A-Za-z0-9]{3}8Q~[A-Za-z0-9_~.-]{34}",
    "Vault": r"hvs\.[A-Za-z0-9_-]{90,120}",
    "Databricks": r"dapi[a-f0-9]{32}",
    "JWT": r"eyJ[A-Za-z0-9_-]{16,60}\.eyJ[A-Za-z0-9_-]{16,90}\.[A-Za-z0-9_-]{43}",
}


def _patterns() -> dict[str, list[re.Pattern[str]]]:
    found = {name: [re.compile(each.pattern, re.A) for each in kind.denylist] for name, kind in _DETECTORS.items()}
    found["AWS"] = found["AWS"][:1]  # the second finds a key by the words before it
    return found | {name: [re.compile(pattern)] for name, pattern in _OTHERS.items()}


KINDS = _patterns()


def of_kind(kind: str) -> st.SearchStrategy[str]:
    """Return a strategy for keys of this kind."""
    return st.one_of([st.from_regex(pattern, fullmatch=True) for pattern in KINDS[kind]])


AROUND: Mapping[str, str] = {
    "nothing": "{}",
    "words": "the key is {} and no other",
    "quotes": 'key = "{}"',
    "ticks": "run `export K={}` now",
    "a colour": "\x1b[31m{}\x1b[0m",
    "a bold colour": "\x1b[1;32m{}\x1b[m",
    "a colour in JSON within a text": r"\u001b[31m{}\u001b[0m",
    "a colour as a shell writes it": r"\033[31m{}\033[0m",
    "quotes in JSON within a text": r"{{\u0022key\u0022:\u0022{}\u0022}}",
    "escaped quotes": r"{{\"key\": \"{}\"}}",
    "quotes in a URL": "https://host/?q=%22{}%22",
    "a line in JSON within a text": r"one\n{}\ntwo",
    "a tab in JSON within a text": r"\t{}\r\n",
    "a line": "one\n{}\ntwo",
    "a line with a number": "     7\t{}\n",
    "HTML": "<code>{}</code>",
    "HTML's quotes": "&quot;{}&quot;",
    "a list": "[a,{},b]",
    "an assignment": "SOME_NAME={}\n",
    "a colon": "name:{} ",
    "an underscore": "_{}",
    "a harmless parameter": "https://host/p?page={}&x=1",
    "an equals sign in a mail": "key=3D{}\n",
    "quotes that aren't ASCII, in JSON": r"\u201c{}\u201d",
    "a colour of 256": "\x1b[38;5;196m{}\x1b[0m",
    "letters that aren't ASCII": "密鑰「{}」ключ",
}
"""Surroundings of a key, by name."""


def pieces_left(key: str, text: str, size: int = 8) -> list[str]:
    """Return the pieces of the key that stand in the text."""
    return [key[at : at + size] for at in range(len(key) - size + 1) if key[at : at + size] in text]
