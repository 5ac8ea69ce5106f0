"""Short questions to a model server, answered from a table of what such a server documents."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from replay.exchange import Reply
from replay.request import Target
from traces.model import Json

LMSTUDIO_SAYS_NO = Reply(200, body={"error": "Unexpected endpoint or method. (GET /somewhere)"})
"""To any path that it doesn't know."""


@dataclass
class Answering:
    """An `Ask`. A path leads to a body (with status 200) or to a Reply; any other path to `otherwise`."""

    table: Mapping[str, Json]
    otherwise: Reply = Reply(404, body={"error": {"message": "File Not Found", "code": 404}})  # noqa: RUF009 - frozen
    asked: list[tuple[str, str, Json]] = field(default_factory=list)

    async def __call__(self, target: Target, method: str, path: str, body: Json = None, timeout: float = 10.0) -> Reply:
        self.asked.append((method, path, body))
        found = self.table.get(path, self.otherwise)
        return found if isinstance(found, Reply) else Reply(200, body=found)

    @property
    def posts(self) -> list[tuple[str, Json]]:
        return [(path, body) for method, path, body in self.asked if method == "POST"]
