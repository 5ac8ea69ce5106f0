"""What claude-tap keeps of exchanges, and what that takes: run by a Python that has the package claude-tap.

    python claude_tap_store.py DATABASE < RECORDS

RECORDS are lines, each [session, record] as claude-tap's proxy makes them, without the events of streams, as it keeps
them by default. Prints a JSON object: bytes kept, processor seconds to write, and to read all again.
"""

import json
import sys
import time
from pathlib import Path

from claude_tap.trace_store import TraceStore  # type: ignore[import-not-found]


def main() -> None:
    path = Path(sys.argv[1])
    records = [json.loads(line) for line in sys.stdin]
    begin = time.process_time()
    store = TraceStore(path)
    ids: dict[str, str] = {}
    for session, record in records:
        if session not in ids:
            ids[session] = store.create_session(client="claude", proxy_mode="reverse")
        store.append_record(ids[session], record)
    for id in ids.values():
        store.finalize_session(id)
    store.close()
    written = time.process_time()
    again = TraceStore(path)
    read = sum(len(again.load_records(id)) for id in ids.values())
    assert read == len(records)
    kept = sum(file.stat().st_size for file in path.parent.glob(f"{path.name}*"))
    print(json.dumps({"kept": kept, "write": written - begin, "read": time.process_time() - written}))


if __name__ == "__main__":
    main()
