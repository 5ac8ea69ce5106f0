"""The plain way: read each file, and run tiktoken over all of it."""

import sys
from pathlib import Path

import tiktoken

encoding = tiktoken.get_encoding("o200k_base")
print(sum(len(encoding.encode_ordinary(file.read_text())) for file in sorted(Path(sys.argv[1]).glob("*.json"))))
