"""Measures forty agents at one daemon while voters ask for messages.

An agent is a terminal's client without a screen. It sends the calls of each key and the periodic calls of an open screen.
Agents pause between keys, so that each has one telephone call per half minute: find, verify, send, guide, end.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from multiprocessing import get_context
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path
from statistics import quantiles
from typing import TypeVar

import pyotp

from cli.program_version import program_version
from core.app.services import Services
from core.desk.authorisation import AgentChoosingFirstPassword, AgentSession
from core.desk.call_ends import CallEnd, CallEnds
from core.desk.files import VoterFiles
from core.desk.freezing import AccountFreezing
from core.desk.guide import CallGuide
from core.desk.home import HomeOverviewReader
from core.desk.mails import RecoveryMailRequests
from core.desk.search import FindAnythingSearch
from core.desk.sessions import AgentSessions
from core.desk.subjects import CallSubject
from core.desk.verification import CallerVerification
from core.desk.voter_search import SearchResultLine
from core.ports import AgentRole
from core.remote_desk.client import RemoteDesk
from core.remote_desk.sockets import DESK_SOCKET
from core.text.faces.call_sentences import CallOutcome
from tests.bench.figures import Figure
from tests.bench.load_generator import BrowserRequests, visit
from tests.bench.measured_system import MeasuredSystem, Person
from tests.bench.prepared_requests import asking_visit, mixed_addresses
from tests.support.product import eventually
from tui.home_screen import HomeScreen
from tui.search_panel import RESULTS
from tui.signed_in_screen import SelfUpdatingScreen
from tui.voter_screen_base import REREAD_SECONDS

T = TypeVar("T")
AGENTS, WAYS_A_SECOND, MOST_MILLISECONDS = 40, 60, 200
KEY_SECONDS, TALK_SECONDS = 0.2, 5.0
"""The pauses in seconds between two typed keys, and for one part of the conversation."""
LEAST_CALL_SECONDS = 5 * TALK_SECONDS
SHORTEST, BROWSERS = 2, 8
LEAST_SHARE = 0.95
"""The minimum share of the voters' visits that must succeed, so that the agents were measured under load."""
PASSWORD = "Sabots verts 17 fois"


@dataclass
class BenchAgent:
    """An agent signed in at the daemon, who records the answer time of each key."""

    access: RemoteDesk
    session: AgentSession
    first_call: float
    """Seconds until the first call. They differ, because telephones do not ring all at once."""
    ends: float = 0.0
    took: list[float] = field(default_factory=list)

    def work(self, people: Iterator[Person], ends: float) -> list[float]:
        """Take calls until that time. Returns the seconds of each key."""
        self.ends, self.took = ends, []
        self._wait(self.first_call, HomeScreen.poll_seconds, self._read_home)
        while time.monotonic() < ends:
            self._call(next(people))
        return self.took

    def _read_home(self) -> None:
        self.access.call(HomeOverviewReader.overview, self.session)

    def _call(self, person: Person) -> None:
        desk, agent, began = self.access, self.session, self.access.clock.now()
        said = f"{person['first_name']} {person['last_name']}"
        for length in range(SHORTEST, len(said) + 1):
            self._key(lambda length=length: desk.call(FindAnythingSearch.find, agent, said[:length], RESULTS))  # type: ignore[misc]  # a default binds it
            time.sleep(KEY_SECONDS)
        found = self._key(lambda: desk.call(FindAnythingSearch.find, agent, person["email"], RESULTS)).found
        (voter,) = (each.voter for each in found if isinstance(each, SearchResultLine) and each.voter is not None)
        flow = desk.steps.flows[0].slug

        def look() -> object:
            return desk.call(VoterFiles.timeline, agent, voter)

        def read_file() -> None:
            look()
            desk.call(VoterFiles.read, agent, voter)
            desk.call(AccountFreezing.freeze_and_unfreeze_actions, agent, voter, None)
            desk.call(CallGuide.view, agent, voter, flow, None)

        def read_guide() -> None:
            look()
            desk.call(CallerVerification.resume, agent, caller)
            desk.call(CallGuide.view, agent, voter, flow, caller)

        self._key(lambda: desk.call(VoterFiles.open, agent, voter))
        self._wait(TALK_SECONDS, SelfUpdatingScreen.poll_seconds, read_file, look)
        born = date.fromisoformat(person["birth_date"])
        caller = self._key(lambda: desk.call(CallerVerification.verify, agent, voter, born, person["numen"]))
        self._key(lambda: desk.call(RecoveryMailRequests.request_mail, agent, caller))
        self._key(read_guide)
        self._wait(3 * TALK_SECONDS, SelfUpdatingScreen.poll_seconds, read_guide, look)
        subject = CallSubject(voter=voter)
        self._key(lambda: desk.call(CallEnds.outcome_choices, agent, subject, began, None))
        end = CallEnd(subject=subject, began=began, outcome=CallOutcome.MESSAGE_SENT)
        self._key(lambda: desk.call(CallEnds.end, agent, end))
        self._wait(TALK_SECONDS, HomeScreen.poll_seconds, self._read_home)

    def _key(self, act: Callable[[], T]) -> T:
        began = time.perf_counter()
        answer = act()
        self.took.append(time.perf_counter() - began)
        return answer

    def _wait(
        self, seconds: float, pause: float, read: Callable[[], object], look: Callable[[], object] | None = None
    ) -> None:
        """Wait until that time while the open screen polls. With `look`, it reloads after changes, otherwise after a pause."""
        until, due, seen = min(time.monotonic() + seconds, self.ends), 0.0, None
        while (now := time.monotonic()) < until:
            former, seen = seen, None if look is None else look()
            if seen is None or seen != former or now >= due:
                read()
                due = now + REREAD_SECONDS
            time.sleep(pause)


def measure_desk(system: MeasuredSystem) -> Iterator[Figure]:
    """Yield the 95th percentile of a key's answer time while voters make visits at the rate of the load budget."""
    system.start("courier", "serve", "deskd")
    eventually((system.installation.folder / DESK_SOCKET).is_socket, "the daemon's socket")
    with system.opened() as services:
        agents = [_agent(services, system.installation.folder / DESK_SOCKET, each) for each in range(AGENTS)]
    seconds = system.minutes * 60
    calls = 3 + int(seconds // LEAST_CALL_SECONDS)
    people = [iter(system.next_people(calls)) for _ in agents]
    _p95(agents[:1], people[:1], seconds=10)  # warms up
    with _ways(system) as taken:
        began, before = time.monotonic(), taken.value
        busy = _p95(agents, people, seconds=seconds)
        ways = (taken.value - before) / (time.monotonic() - began)
    system.stop("deskd", "serve")
    note = f"for {system.minutes:g} min"
    yield Figure(
        name=f"a key at the desk, of {AGENTS} agents, p95",
        value=busy * 1000,
        unit="ms",
        most=MOST_MILLISECONDS,
        note=note,
    )
    yield Figure(
        name="whole ways that the site took meanwhile", value=ways, unit="/s", least=LEAST_SHARE * WAYS_A_SECOND
    )


def _p95(agents: Sequence[BenchAgent], people: Sequence[Iterator[Person]], *, seconds: float) -> float:
    ends = time.monotonic() + seconds
    with ThreadPoolExecutor(len(agents)) as threads:
        took = list(threads.map(lambda agent, callers: agent.work(callers, ends), agents, people))
    return float(quantiles((each for one in took for each in one), n=20)[-1])


def _agent(services: Services, socket: Path, number: int) -> BenchAgent:
    """Add an agent who chooses a password and signs in at the daemon."""
    name = f"agent{number}"
    access = RemoteDesk(socket, program_version())
    credentials = services.desk.accounts.add(name, AgentRole.AGENT)
    assert credentials is not None
    code = pyotp.parse_uri(credentials.secret_uri)
    assert isinstance(code, pyotp.TOTP)
    entered = access.call(AgentSessions.sign_in, name, credentials.first_password, code.now())
    assert isinstance(entered, AgentChoosingFirstPassword)
    session = access.call(AgentSessions.choose_password, entered, PASSWORD)
    return BenchAgent(access, session, number * LEAST_CALL_SECONDS / AGENTS)


@contextmanager
def _ways(system: MeasuredSystem) -> Iterator["Synchronized[int]"]:
    """Make voters' visits in a separate process at the rate of the load budget. Yields the count of successful ones."""
    addresses = mixed_addresses(system, int(WAYS_A_SECOND * (system.minutes * 60 + LEAST_CALL_SECONDS)))
    visits = [asking_visit(system, address) for address in addresses]
    context = get_context("spawn")
    taken: Synchronized[int] = context.Value("i", 0)
    process = context.Process(target=walk_steadily, args=(system.port, visits, WAYS_A_SECOND, taken))
    process.start()
    try:
        eventually(lambda: taken.value, "the first whole way")
        yield taken
        assert process.is_alive() or process.exitcode == 0, "a voter could not ask"
    finally:
        process.kill()
        process.join()


def walk_steadily(port: int, visits: Sequence[BrowserRequests], rate: float, taken: "Synchronized[int]") -> None:
    """Make visits at a steady rate per second, in several browsers, so that a slow answer does not delay others."""

    def walk_all(own: Sequence[BrowserRequests]) -> None:
        due = time.monotonic()
        for each in own:
            time.sleep(max(0.0, due - time.monotonic()))
            visit(port, [each], 200, 302, 303, connections=1)
            with taken.get_lock():
                taken.value += 1
            due += BROWSERS / rate

    with ThreadPoolExecutor(BROWSERS) as threads:
        list(threads.map(walk_all, (visits[first::BROWSERS] for first in range(BROWSERS))))
