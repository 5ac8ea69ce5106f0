#!/usr/bin/env python3
"""A substitute for `claude` where npm can't install it: asks one question as Claude Code would, prints the answer."""

import json
import os
import sys
import urllib.request

TOOL = {
    "name": "Read",
    "description": "Reads a file from the local filesystem.",
    "input_schema": {"type": "object", "properties": {"file_path": {"type": "string"}}, "required": ["file_path"]},
}


def main(question: str) -> None:
    body = {
        "model": "smollm2",
        "max_tokens": int(os.environ.get("CLAUDE_CODE_MAX_OUTPUT_TOKENS", "64")),
        "system": [{"type": "text", "text": "You answer in one short sentence."}],
        "tools": [TOOL],
        "messages": [{"role": "user", "content": question}],
        "stream": True,
    }
    request = urllib.request.Request(
        os.environ["ANTHROPIC_BASE_URL"] + "/v1/messages?beta=true",
        json.dumps(body).encode(),
        {"content-type": "application/json", "anthropic-version": "2023-06-01", "x-api-key": "made-up"},
    )
    with urllib.request.urlopen(request) as answer:
        events = [json.loads(line[5:]) for line in answer if line.startswith(b"data:")]
    print("".join(event.get("delta", {}).get("text", "") for event in events))


if __name__ == "__main__":
    main(sys.argv[sys.argv.index("-p") + 1])
