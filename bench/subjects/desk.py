"""Forty agents at one daemon while voters ask for messages, beside one agent while nobody else is there.

An agent here is a terminal's client without its screen: it sends what each key makes a terminal send, and what an open screen
reads again by itself. Between the keys agents talk, so that each has a call every half minute.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from multiprocessing import get_context
from random import Random
from statistics import quantiles
from typing import TypeVar

import pyotp

from bench.figures import Figure
from bench.load_generator import send
from bench.measured_system import MeasuredSystem, Person
from bench.password_forms import ask_form, asking_browsers
from bench.seed_data import mixed_addresses
from bench.yardsticks import measure_argon2id
from cli.program_version import program_version
from core.app.services import Services
from core.desk.authorisation import AgentChoosingFirstPassword, AgentSession
from core.desk.voter_search import SearchResultLine
from core.ports import Role
from core.remote_desk.remote_use_cases import RemoteTerminalServices, reach_daemon
from core.remote_desk.socket_messages import DESK_SOCKET
from tests.support.product import eventually

T = TypeVar("T")
AGENTS, ASKS_EACH_HASH, MOST = 40, 2, 3.0
IDLE_SECONDS = 60
KEY_SECONDS, SCREEN_SECONDS, HOME_SECONDS, TALK_SECONDS = 0.2, 0.4, 1.0, 5.0
"""Seconds between two keys, and between two readings of an open file and of the home (`tui`)."""
RESULTS, SHORTEST = 8, 2
PASSWORD = "Sabots verts 17 fois"


@dataclass
class BenchAgent:
    """An agent signed in at the daemon, who notes how long each key's answer takes."""

    access: RemoteTerminalServices
    session: AgentSession
    ends: float = 0.0
    took: list[float] = field(default_factory=list)

    def work(self, people: Sequence[Person], ends: float) -> list[float]:
        """Take one call after the other until then; return the seconds of each key."""
        self.ends, self.took = ends, []
        home, chance = self.access.desk.home, Random(self.session.name)  # noqa: S311  # the choice of a bench
        self._wait(chance.uniform(0, TALK_SECONDS), HOME_SECONDS, lambda: home.overview(self.session))
        for person in people:
            if time.monotonic() >= ends:
                break
            self._call(person)
        return self.took

    def _call(self, person: Person) -> None:
        desk, agent = self.access.desk, self.session
        said = f"{person['first_name']} {person['last_name']}"
        for length in range(SHORTEST, len(said) + 1):
            self._key(lambda length=length: desk.quick_search.find(agent, said[:length], RESULTS))  # type: ignore[misc]  # a default binds it
            time.sleep(KEY_SECONDS)
        found = self._key(lambda: desk.quick_search.find(agent, person["email"], RESULTS)).found
        (voter,) = (each.voter for each in found if isinstance(each, SearchResultLine) and each.voter is not None)
        flow = desk.guide.flows[0].slug

        def read_file() -> None:
            desk.files.read(agent, voter)
            desk.freezing.freeze_and_unfreeze_actions(agent, voter, None)
            desk.files.timeline(agent, voter)
            desk.guide.view(agent, voter, flow, None)

        def read_guide() -> None:
            desk.guide.view(agent, voter, flow, caller)
            desk.files.timeline(agent, voter)

        self._key(lambda: desk.files.open(agent, voter))
        self._wait(TALK_SECONDS, SCREEN_SECONDS, read_file)
        born = date.fromisoformat(person["birth_date"])
        caller = self._key(lambda: desk.verification.verify(agent, voter, born, person["numen"]))
        self._key(lambda: desk.guide.view(agent, voter, flow, caller))
        self._wait(3 * TALK_SECONDS, SCREEN_SECONDS, read_guide)
        self._key(lambda: desk.home.overview(agent))
        self._wait(TALK_SECONDS, HOME_SECONDS, lambda: desk.home.overview(agent))

    def _key(self, act: Callable[[], T]) -> T:
        began = time.perf_counter()
        answer = act()
        self.took.append(time.perf_counter() - began)
        return answer

    def _wait(self, seconds: float, pause: float, read: Callable[[], object]) -> None:
        """Let the open screen read until that time, or the end of all."""
        until = min(time.monotonic() + seconds, self.ends)
        while time.monotonic() < until:
            read()
            time.sleep(pause)


def measure(system: MeasuredSystem) -> Iterator[Figure]:
    """The 95th percentile of a key's answer as a multiple of the idle one."""
    system.start("courier", "serve", "deskd")
    eventually((system.installation.folder / DESK_SOCKET).is_socket, "the daemon's socket")
    agents = _agents(system)
    calls = 3 + int(system.minutes * 60 // TALK_SECONDS)
    people = [system.next_people(min(calls, 150)) for _ in agents]
    _p95(agents[:1], people, seconds=10)  # what is done for the first time takes longer
    idle = _p95(agents[:1], people, seconds=IDLE_SECONDS)
    rate = ASKS_EACH_HASH * measure_argon2id().rate
    with _asks(system, rate):
        busy = _p95(agents, people, seconds=system.minutes * 60)
    for each in agents:
        each.access.close()
    system.stop("deskd", "serve")
    note = f"p95 {busy * 1000:.3g} ms beside {idle * 1000:.3g} ms; {rate:.0f} asks/s for {system.minutes:g} min"
    yield Figure(name=f"a key at the desk, of {AGENTS} agents", value=busy / idle, unit="× idle", most=MOST, note=note)


def _p95(agents: Sequence[BenchAgent], people: Sequence[Sequence[Person]], *, seconds: float) -> float:
    ends = time.monotonic() + seconds
    with ThreadPoolExecutor(len(agents)) as threads:
        took = list(threads.map(lambda agent, callers: agent.work(callers, ends), agents, people))
    return float(quantiles((each for one in took for each in one), n=20)[-1])


def _agents(system: MeasuredSystem) -> list[BenchAgent]:
    socket = system.installation.folder / DESK_SOCKET
    with system.opened() as services:
        return [_agent(services, reach_daemon(socket, program_version()), f"agent{each}") for each in range(AGENTS)]


def _agent(services: Services, access: RemoteTerminalServices, name: str) -> BenchAgent:
    """Add an agent and sign them in with a password of their own."""
    credentials = services.desk.accounts.add(name, Role.AGENT)
    assert credentials is not None
    code = pyotp.parse_uri(credentials.secret_uri)
    assert isinstance(code, pyotp.TOTP)
    entered = access.desk.sessions.sign_in(name, credentials.first_password, code.now())
    assert isinstance(entered, AgentChoosingFirstPassword)
    return BenchAgent(access, access.desk.sessions.choose_password(entered, PASSWORD))


@contextmanager
def _asks(system: MeasuredSystem, rate: float) -> Iterator[None]:
    """Let a process of its own ask at that rate, so that it takes no turn of the agents' process."""
    addresses = mixed_addresses(system, int(rate * (system.minutes * 60 + TALK_SECONDS)))
    requests = [ask_form(system, cookies) for cookies in asking_browsers(system, addresses)]
    process = get_context("spawn").Process(target=ask_steadily, args=(system.port, requests, rate))
    process.start()
    try:
        yield
        assert process.is_alive() or process.exitcode == 0, "a voter could not ask"
    finally:
        process.kill()
        process.join()


def ask_steadily(port: int, requests: Sequence[bytes], rate: float) -> None:
    """Send so many of these asks a second, evenly, as long as the site keeps up."""
    due = time.monotonic()
    for each in requests:
        time.sleep(max(0.0, due - time.monotonic()))
        send(port, [each], 303, connections=1)
        due += 1 / rate
