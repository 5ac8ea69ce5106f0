"""The script for mitmproxy: `mitmdump -s addons/anyclaude_trace.py --mode reverse:http://localhost:1234`.

mitmproxy imports it from any folder, perhaps in an environment where nothing else of ours is installed: so it puts the
repository on the path itself, while it is loaded.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from addons.bridge.addon import Bridge
from addons.budget.addon import Budgeting
from addons.capture.dispatch import Dispatch
from addons.capture.garbage import Frozen
from addons.capture.recorder import Recorder
from addons.capture.websocket import WebSockets
from addons.contentview.view import ContentView

budget, bridge = Budgeting(), Bridge()
# The budget comes first: a request may wait there, and its time begins in the recorder. The recorder comes before the
# bridge: it takes the client's own request.
recorder = Recorder(began=bridge.began, settle=bridge.settle, bookkeeper=budget)
addons = [budget, recorder, WebSockets(recorder), bridge, ContentView(), Frozen(), Dispatch()]
