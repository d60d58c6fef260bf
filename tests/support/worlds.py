"""An election with the real use cases on a chosen store, and a relay that the test controls."""

import tomllib
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from pathlib import Path

import msgspec

from core.adapters.mail_composer import MailComposer
from core.adapters.network_limits import NoNetworkLimits
from core.adapters.sql.tables import metadata
from core.app.courier_assembly import courier_of
from core.app.election_folder import mail_composer_of
from core.app.services import Services
from core.app.settings import Settings
from core.app.settings.election_toml_template import sample
from core.delivery.courier import Courier
from core.delivery.senders import CallersThread
from core.flows.account.stop_change_links import StopChangeLinks
from core.flows.dependencies import Dependencies
from core.flows.flow_handler import StepResult, Visit
from core.flows.password.link_requests import PasswordLinkRequests
from core.flows.password.password_choice import RecoveryLinks
from core.flows.password.plugin import PasswordFlowPlugin
from core.flows.sign_in import VoterSessions
from core.forms.field_parsers import parse_address
from core.forms.flow_model import ShownStep, Step
from core.ports import Event, MailTransport, MessageState, RollEntry, Store, Voter
from core.text.text import Language
from tests.support.air import Air
from tests.support.election import (
    CAMILLE,
    GOOD,
    NETWORK,
    CountingHasher,
    ElectionClock,
    add_voters,
    dependencies,
    entry,
    visit,
    voter_of,
)
from tests.support.post import Post
from tests.support.stores import KeptStore


@cache
def sample_settings() -> Settings:
    """Return the settings that `retrouve init` writes."""
    return Settings(**tomllib.loads(sample())).with_paths_and_secrets(Path("/nowhere"))


@dataclass
class World:
    """One election with a relay that the test controls."""

    kept: KeptStore
    dependencies: Dependencies
    post: Post = field(default_factory=Post)
    air: Air = field(default_factory=Air)

    @property
    def store(self) -> Store:
        """Return the store."""
        return self.dependencies.store

    @property
    def clock(self) -> ElectionClock:
        """Return the clock, to be moved."""
        assert isinstance(self.dependencies.clock, ElectionClock)
        return self.dependencies.clock

    @property
    def hasher(self) -> CountingHasher:
        """Return the hasher, whose count is read."""
        assert isinstance(self.dependencies.hasher, CountingHasher)
        return self.dependencies.hasher

    @cached_property
    def services(self) -> Services:
        """Return the use cases as `core.app.services` connects them."""
        return Services(sample_settings(), self.dependencies, NoNetworkLimits())

    @cached_property
    def requests(self) -> PasswordLinkRequests:
        """Return the use cases of a request for a link."""
        return PasswordLinkRequests(self.dependencies)

    @property
    def links(self) -> RecoveryLinks:
        """Return the use cases of a link."""
        return self.services.flows[PasswordFlowPlugin].links

    @cached_property
    def sessions(self) -> VoterSessions:
        """Return the use cases of sessions."""
        return VoterSessions(self.dependencies)

    @cached_property
    def stops(self) -> StopChangeLinks:
        """Return the use cases that freeze an account."""
        return StopChangeLinks(self.dependencies)

    @cached_property
    def letters(self) -> MailComposer:
        """Return the mail writer."""
        return mail_composer_of(self.services)

    def courier(
        self,
        carrier: MailTransport | None = None,
        jitter: Callable[[], float] = lambda: 1.0,
        threads: Callable[[int], Executor] = CallersThread,
    ) -> Courier:
        """Return a new courier over this world's relay, with the longest pauses. It sends in the caller's thread unless told otherwise."""
        courier = courier_of(self.services, carrier or self.post, self.air, self.letters, threads)
        return replace(courier, results=replace(courier.results, jitter=jitter))

    def add(self, *entries: RollEntry) -> tuple[Voter, ...]:
        """Add voters to the roll."""
        return add_voters(self.store, *(entries or (entry(),)))

    def voter(self, email: str = CAMILLE) -> Voter:
        """Return the access of the voter with that address."""
        return voter_of(self.store, email)

    def confirming(self, email: str = CAMILLE) -> str:
        """Return the sealed request of a browser at MP-3."""
        return self.requests.seal_request(parse_address(email, example=CAMILLE), forgotten=True)

    def ask(self, email: str = CAMILLE, network: str = NETWORK, language: Language = Language.FRENCH) -> str:
        """Return the case handle of a browser at MP-4, whose page was in that language."""
        pending = self.requests.unseal_request(self.confirming(email))
        assert pending is not None
        self.requests.request_link_mail(pending, msgspec.structs.replace(visit(), network=network, language=language))
        return pending.handle

    def ask_again(self, handle: str) -> None:
        """Press "send again" at MP-4."""
        self.requests.request_link_mail_again(visit(case=handle))

    def link(self, email: str = CAMILLE) -> str:
        """Return the token of a new link that was mailed."""
        self.ask(email)
        self.courier().run_once()
        return self.post.links(email)[-1]

    def with_password(self, password: str = GOOD, email: str = CAMILLE) -> Voter:
        """Return a voter who has chosen that password."""
        self.links.choose_password(self.link(email), password)
        return self.voter(email)

    def waiting(self, handle: str) -> ShownStep:
        """Return the facts that MP-4 shows that browser."""
        return self.services.dispatcher.show(
            self.services.flows[PasswordFlowPlugin].steps.message_asked, visit(case=handle)
        )

    def at(self, step: Step, answer: str, held: Visit, **typed: str) -> StepResult:
        """Submit a step's form as a face does."""
        return self.services.dispatcher.answer(step, answer, typed, held)

    def state(self, handle: str) -> object:
        """Return the state of that browser's case."""
        found = self.dependencies.find_case(handle)
        assert found is not None
        return found.state

    def counts(self) -> dict[MessageState, int]:
        """Return the number of messages in each state."""
        with self.store.read() as transaction:
            return transaction.outbox.counts()

    def waiting_parcels(self) -> int:
        """Return the number of requests and messages that the courier will find."""
        return self.counts().get(MessageState.WAITING, 0)

    def number(self, handle: str) -> str:
        """Return the case number of that browser."""
        found = self.dependencies.find_case(handle)
        assert found is not None
        return found.number

    def journal(self, number: str) -> list[Event]:
        """Return the journal entries of a case."""
        with self.store.read() as transaction:
            return transaction.journal.of_case(number)

    def voter_events(self, voter: Voter) -> list[Event]:
        """Return the events of a voter, oldest first."""
        with self.store.read() as transaction:
            return [written.event for written in transaction.journal.voter_history(voter.id, 1000)]

    def acts(self, number: str) -> list[str]:
        """Return the event types of a case, oldest first."""
        return [str(event.act) for event in self.journal(number)]


def fresh_world(kept: KeptStore) -> World:
    """Return a new election on that database, which is emptied."""
    with kept.engine.begin() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())
    return world(kept)


def world(kept: KeptStore, **changes: object) -> World:
    """Return an election on that store."""
    return World(kept, dependencies(**{"store": kept.store, **changes}))


def says_it_goes_on(shown: ShownStep) -> bool:
    """Return whether a page goes on by itself and tells the voter so, in its text or in what may go wrong."""
    copy = shown.step.copy
    told = (*copy.voter, *(each.voter for each in copy.common_problems))
    return shown.moving and any("d'elle-même" in sentence.msgid for sentence in told)
