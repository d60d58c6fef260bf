"""Builds the services of one election from its folder: where adapters meet rules, but for what `carriers` makes."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import msgspec
from sqlalchemy import Engine

import core.lean_logs  # noqa: F401  # before whatever logs
from core import errors, purposes, recovery, reissue
from core.adapters import demo_agents, keys
from core.adapters.clock import SystemClock
from core.adapters.entropy import SystemEntropy
from core.adapters.guessing import Zxcvbn
from core.adapters.hashing import Argon2Hasher
from core.adapters.http_platform import HttpPlatform
from core.adapters.key_watch import KeyWatch
from core.adapters.letters import Letters
from core.adapters.measures import TimedHasher, Unmeasured
from core.adapters.registry import EmbeddedPlatform
from core.adapters.sql import version
from core.adapters.sql.engine import open_engine
from core.adapters.sql.store import SqlStore
from core.adapters.throttle import NetworkBuckets, OpenDoor, SharedBuckets
from core.courier.asks import Asks
from core.courier.decisions import Decisions
from core.courier.drafts import Drafts
from core.courier.ends import Ends
from core.courier.hands import Hands
from core.courier.notary import Notary
from core.courier.patience import PatientPlatform
from core.courier.reissuing import Reissuing
from core.courier.settlement import Settlement
from core.courier.worker import Courier
from core.courier.writing import Writer
from core.flows.identifier import IdentifierFlow, identifier_flow
from core.flows.password import PasswordFlow, password_flow
from core.flows.space import SpaceFlow, space_flow
from core.flows.stop import StopFlow, stop_flow
from core.identifiers import read_first_verifier
from core.platform import VotingPlatform
from core.policy import Calendar, Election, Policy
from core.ports import Clock, Composer, Envelope, Measures, Networks, Sms, Store, Unready, Vault
from core.pseudonyms import Pseudonyms
from core.reissue_journey import ReissueJourney
from core.service.asking import Askings
from core.service.budgets import SmsBudgets
from core.service.deliveries import Deliveries
from core.service.desk.desk import Desk
from core.service.identifier.answering import CodeAnswers
from core.service.identifier.asking import ReissueAskings
from core.service.identifier.hearing import SmsHearing
from core.service.identifier.office import Office
from core.service.identifier.outcomes import Outcomes
from core.service.identifier.reconciling import Reconciling
from core.service.identifier.texting import Texting
from core.service.lines.identifier import IdentifierLine
from core.service.lines.password import PasswordLine
from core.service.lines.space import SpaceLine
from core.service.lines.stop import StopLine
from core.service.password import Links
from core.service.reception import Reception
from core.service.session import Sessions
from core.service.stopping import Stops
from core.service.tools import Tools
from core.service.visit import Line, Visit
from core.settings import Settings, load
from core.steps import Step

DEMO_VOTERS = "voters.json"


@dataclass(frozen=True)
class House:
    """One election, open: its rules, its store, its flows."""

    settings: Settings
    tools: Tools
    networks: Networks
    measures: Measures = field(default_factory=Unmeasured)
    folder: Path | None = None
    engine: Engine | None = None
    more_lines: Callable[[Tools], Sequence[Line]] = lambda _tools: ()
    """Flows from elsewhere, drawn and walked like our own; a test adds one."""

    @property
    def store(self) -> Store:
        """The store."""
        return self.tools.store

    @property
    def vault(self) -> Vault:
        """The vault."""
        return self.tools.vault

    @property
    def clock(self) -> Clock:
        """The clock."""
        return self.tools.clock

    @property
    def policy(self) -> Policy:
        """The numbers."""
        return self.tools.policy

    @property
    def calendar(self) -> Calendar:
        """The dates."""
        return self.tools.calendar

    @property
    def election(self) -> Election:
        """The words of this election."""
        return self.tools.election

    @cached_property
    def password(self) -> PasswordFlow:
        """The flow MP under this policy."""
        return password_flow(self.policy)

    @cached_property
    def space(self) -> SpaceFlow:
        """The voter space."""
        return space_flow()

    @cached_property
    def identifier(self) -> IdentifierFlow:
        """The flow ID under this policy."""
        return identifier_flow(self.policy)

    @cached_property
    def office(self) -> Office:
        """What the use cases of a re-issue share."""
        return Office(self.tools, self.identifier.flow.slug)

    @cached_property
    def budgets(self) -> SmsBudgets:
        """What SMS may cost."""
        return SmsBudgets(self.tools)

    @cached_property
    def hearing(self) -> SmsHearing:
        """Who acts on what operators report and voters answer."""
        return SmsHearing(Outcomes(self.office), self.identifier_line.answers)

    @cached_property
    def deliveries(self) -> Deliveries:
        """What SMS gateways tell."""
        return Deliveries(self.tools, self.hearing)

    @cached_property
    def journey(self) -> ReissueJourney:
        """Which step of a re-issue is shown."""
        return ReissueJourney(self.identifier, self.policy, self.calendar)

    @cached_property
    def texting(self) -> Texting:
        """What writes the SMS."""
        return Texting(self.tools, self.identifier)

    @cached_property
    def stop(self) -> StopFlow:
        """The way to stop a change."""
        return stop_flow()

    @cached_property
    def links(self) -> Links:
        """The use cases of a link."""
        return Links(self.tools)

    @cached_property
    def sessions(self) -> Sessions:
        """Who is signed in."""
        return Sessions(self.tools)

    @cached_property
    def askings(self) -> Askings:
        """Asking for the mail of the forgotten password."""
        return Askings(self.tools, flow=self.password.flow.slug)

    def signed_in(self, visit: Visit) -> bool:
        """Whether a session is open, and not only remembered by the browser. False while the store cannot be asked."""
        try:
            self.sessions.signed(visit.session)
        except (errors.SignInNeeded, Unready):
            return False
        return True

    @cached_property
    def identifier_line(self) -> IdentifierLine:
        """The flow ID at work."""
        return IdentifierLine(
            steps=self.identifier,
            space=self.space.home,
            journey=self.journey,
            office=self.office,
            askings=ReissueAskings(self.office, self.texting, self.budgets),
            answers=CodeAnswers(self.office, self.budgets),
            sessions=self.sessions,
        )

    @cached_property
    def reception(self) -> Reception:
        """Every line, the forgotten password first."""
        sessions, askings = self.sessions, self.askings
        password = PasswordLine(self.password, self.space.home, self.tools, askings, self.links, sessions)
        space = SpaceLine(
            self.space, self.password, self.identifier, self.journey, self.office, self.tools, askings, sessions
        )
        stop = StopLine(self.stop, self.tools, Stops(self.tools))
        return Reception((password, space, self.identifier_line, stop, *self.more_lines(self.tools)), self.tools)

    @cached_property
    def desk(self) -> Desk:
        """The agents' desk."""
        return Desk(self.tools, self.reception, self.askings)

    @property
    def link_step(self) -> Step:
        """Where a recovery link leads."""
        return self.password.choose_password

    @property
    def stop_step(self) -> Step:
        """Where "ce n'était pas moi" leads."""
        return self.stop.confirm

    def people(self) -> Iterator[Mapping[str, str]]:
        """The fictional voters of a demo, as a caller would know them; nobody anywhere else."""
        path = None if self.folder is None else self.folder / DEMO_VOTERS
        if not self.settings.demo or path is None or not path.exists():
            return
        with path.open("rb") as file:
            for line in file:
                yield msgspec.json.decode(line, type=dict[str, str])

    def players(self) -> Iterator[Mapping[str, str]]:
        """The agents of a demo, as whoever plays them needs them, their code of this moment too; nobody anywhere else."""
        if not self.settings.demo or self.folder is None:
            return
        for each in demo_agents.read(self.folder):
            code = each.code(self.clock.now())
            yield {"name": each.name, "role": each.role.value, "password": each.password, "code": code}

    def readiness(self) -> dict[str, str]:
        """Each part and how it is: "ready", or what is the matter."""
        return {"database": _database(self)}

    def close(self) -> None:
        """Lets the database go."""
        if isinstance(self.store, SqlStore):
            self.store.close()

    @property
    def reissuing(self) -> Reissuing:
        """The courier's part in a re-issue."""
        return Reissuing(
            tools=self.tools,
            platform=PatientPlatform(self.platform, self.clock),
            key=self.platform_key,
            pseudonyms=self.pseudonyms,
            texting=self.texting,
            outcomes=Outcomes(self.office),
        )

    @cached_property
    def platform_key(self) -> bytes:
        """What we share with the voting platform; with our own, nobody else has it."""
        return self.settings.platform.shared_key or self.vault.digest(purposes.PLATFORM, b"shared key")

    @cached_property
    def pseudonyms(self) -> Pseudonyms:
        """Who voters are to it."""
        return Pseudonyms(self.platform_key)

    @cached_property
    def platform(self) -> VotingPlatform:
        """Where identifiers are typed to vote: over HTTP, or the registry in our own database."""
        settings = self.settings.platform
        if settings.url is None:
            return EmbeddedPlatform(self.store)
        return HttpPlatform(settings.url, self.platform_key, settings.timeout_seconds, self.clock)

    @property
    def reconciling(self) -> Reconciling:
        """Compares with the voting platform."""
        return Reconciling(self.store, self.platform, self.pseudonyms)

    def verify(self, address: str, symbols: str) -> bool | None:
        """Whether somebody may vote with that identifier now; None where another platform knows it. Raises OtherKey."""
        if not isinstance(self.platform, EmbeddedPlatform):
            return None
        with self.store.read() as transaction:
            voter = transaction.voters.by_address(address)
            if voter is None:
                return False
            written = transaction.voters.first_verifier(voter.id)
        first = None if written is None else read_first_verifier(written)
        return self.platform.verify(self.pseudonyms.told(voter.pseudonym), symbols, self.platform_key, first)

    def courier(self, mails: Hands[Envelope], texts: Hands[Sms], composer: Composer) -> Courier:
        """A courier of this house."""
        writer = Writer(
            tools=self.tools,
            composer=composer,
            password=self.password,
            identifier=self.identifier,
            stop=self.stop,
            desk_address=self.settings.desk.email,
            board_address=self.settings.board.email,
        )
        asks, ends = Asks(self.tools), Ends(self.store)
        decisions = Decisions(self.tools, writer, self.reissuing, asks, Drafts(self.tools, writer, asks), ends)
        return Courier(
            store=self.store,
            decisions=decisions,
            ends=ends,
            settlement=Settlement(
                store=self.store, decisions=decisions, ends=ends, clock=self.clock, jitter=random.random
            ),
            notary=Notary(tools=self.tools, board=self.settings.board.email),
            mails=mails,
            texts=texts,
            clock=self.clock,
        )


def open_house(folder: Path, *, measured: bool = False) -> House:
    """The election kept in `folder`; `measured` by a process that tells its figures. Raises SettingsRefused, KeysRefused."""
    settings = load(folder)
    measured = measured and settings.metrics.read
    measures = measures_of() if measured else Unmeasured()
    engine = open_engine(settings.database_url)
    key_file = folder / keys.FILE
    vault = keys.KeyVault(keys.read(key_file), SystemEntropy(), KeyWatch(key_file))
    tools = Tools(
        store=SqlStore(engine, states_by_flow(settings.policy())),
        vault=vault,
        hasher=TimedHasher(Argon2Hasher(), measures) if measured else Argon2Hasher(),
        guesses=Zxcvbn(),
        clock=SystemClock(settings.clock_offset()),
        entropy=SystemEntropy(),
        policy=settings.policy(),
        calendar=settings.calendar(),
        election=settings.election_words(),
    )
    return House(settings, tools, networks_of(settings, vault, measures), measures, folder, engine)


def networks_of(settings: Settings, vault: Vault, measures: Measures) -> Networks:
    """Where visits are counted by network: in this process, in the Valkey that hosts share, or not at all."""
    per_minute = settings.policy().visits_per_network_per_minute
    if not settings.throttle_networks:
        return OpenDoor()
    if settings.throttle_url is None:
        return NetworkBuckets(per_minute)
    return SharedBuckets(settings.throttle_url, per_minute, vault, measures)


def measures_of() -> Measures:
    """What this process counts, for Prometheus. Loaded late: what is in the environment then decides where it counts."""
    from core.adapters.prometheus import PrometheusMeasures  # noqa: PLC0415

    return PrometheusMeasures()


def states_by_flow(policy: Policy) -> dict[str, object]:
    """Which states the cases of each flow can be in, by the flow's slug."""
    return {password_flow(policy).flow.slug: recovery.State, identifier_flow(policy).flow.slug: reissue.State}


def letters_of(house: House) -> Letters:
    """The mails of that house."""
    mail = house.settings.mail
    return Letters(house.election, str(mail.sender), house.vault, mail.bounce_domain, mail.bounce_local_part)


def _database(house: House) -> str:
    try:
        with house.store.read() as transaction:
            transaction.outbox.delay(house.clock.now())
        if house.engine is not None and not version.at_head(house.engine):
            return "tables of another version: run `retrouve init --upgrade`"
    except Unready as unready:
        return f"cannot be used: {unready}"
    return "ready"
