"""A new kind of model server is one row: the proxy, the launcher, the replayer and the analyzer then know it."""

import asyncio
from math import inf

import pytest

from addons.launcher.settings import resolve
from analysis.prefix_cache.server import describe, server_of
from replay.errors import TargetError
from replay.exchange import Reply
from replay.request import Target
from replay.targets import kinds, probe
from replay.targets import resolve as targets
from replay.targets.probe import Ask
from tests.support.asking import Answering
from traces.servers import KINDS, PrefixCache, ServerKind, kind_of, mode_of
from traces.surveys import Served, ServedModel

MADE_UP = ServerKind(
    "madeup",
    "Made Up",
    url="http://localhost:4321",
    url_env="MADEUP_URL",
    start="madeup serve",
    key_envs=("MADEUP_API_KEY",),
    key_header="x-madeup-key",
    owned_by="madeup-labs",
    version_path="/about",
    lists_only_loaded=True,
    how_to_load="madeup load MODEL",
    how_to_enlarge="madeup load {model} --room {tokens}",
    reserves_answer=True,
    cache=PrefixCache(slots=3, in_ram=True, by_model=False),
)
LISTS = {
    "/v1/models": {"data": [{"id": "one", "owned_by": "madeup-labs", "max_model_len": 8192}, {"id": "two"}]},
    "/about": {"version": "7.1"},
}


@pytest.fixture(autouse=True)
def _the_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KINDS, "madeup", MADE_UP)


def test_the_proxy_names_it_by_its_port() -> None:
    assert mode_of("192.168.1.7", 4321) == "madeup"


def test_the_launcher_takes_it_as_a_mode_with_its_variables() -> None:
    env = {"ANYCLAUDE_MODE": "madeup", "MADEUP_URL": "http://box:9/v1", "MADEUP_MODEL": "two", "MADEUP_API_KEY": "k"}
    settings = resolve({}, env)
    assert (settings.mode, settings.backend) == ("madeup", "http://box:9")
    assert (settings.model, settings.api_key) == ("two", "k")
    assert resolve({"backend": "http://localhost:4321"}, {}).mode == "madeup"


def test_the_replayer_takes_it_as_a_target_and_knows_it_at_any_address() -> None:
    named = targets.find("madeup", {"MADEUP_API_KEY": "k"})
    assert (named.url, named.key, named.server) == ("http://localhost:4321", "k", "madeup")
    found = asyncio.run(targets.survey(targets.find("http://box:9", {}), Answering(LISTS)))
    assert found == Served("madeup", (ServedModel("one", True, 8192), ServedModel("two", True)), "7.1")


def test_the_replayer_helps_in_its_own_words() -> None:
    target = Target("http://box:9", "http://box:9", server="madeup")
    row = probe.kind_of_target(target)
    assert (row.how_to_load, row.reserves_answer, row.key_header) == ("madeup load MODEL", True, "x-madeup-key")
    with pytest.raises(TargetError, match="madeup load MODEL"):
        targets.choose_models(Served("madeup", ()), [])
    with pytest.raises(TargetError, match="Start it \\(madeup serve\\)"):
        asyncio.run(targets.survey(targets.find("madeup", {}), Answering({}, Reply(None))))


def test_the_analyzer_models_its_prefix_cache() -> None:
    server = server_of(["madeup"])
    assert (server.slots, server.host, server.by_model) == (3, inf, False)
    assert describe(server) == "a server with 3 slots and RAM for what slots lose"


def test_one_function_more_is_all_that_a_protocol_of_its_own_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    async def survey(target: Target, ask: Ask) -> Served | None:
        match (await probe.answer(ask, target, "/shelf")).body:
            case {"shelf": [*names]}:
                return Served("madeup", tuple(ServedModel(name, False) for name in names))
        return None

    loaded: list[str] = []

    async def load(target: Target, model: str, ask: Ask) -> None:
        loaded.append(model)

    row = ServerKind("madeup", "Made Up", url="http://localhost:4321", url_env="MADEUP_URL")
    monkeypatch.setitem(KINDS, "madeup", row)
    monkeypatch.setitem(kinds.PROTOCOLS, "madeup", kinds.Protocol(survey, load))
    ask = Answering({"/shelf": {"shelf": ["a", "b"]}})
    target = Target("http://box:9", "http://box:9")

    served = asyncio.run(targets.survey(target, ask))
    assert served == Served("madeup", (ServedModel("a", False), ServedModel("b", False)))
    assert asyncio.run(targets.ensure_loaded(Target("http://box:9", "x", server="madeup"), "b", ask, served)) is None
    assert loaded == ["b"]


def test_a_mode_that_somebody_made_up_for_his_traces_has_what_most_servers_have() -> None:
    assert kind_of("my-gpu-box").cache == PrefixCache()
