"""An election with the real use cases, any store, and a mail relay that the test controls."""

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
from core.text.text import Language, Text
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
    return Settings(**tomllib.loads(sample())).with_paths_and_secrets(Path("/nowhere"))


@dataclass
class World:
    """An election with its store, its mail relay and its SMS gateways."""

    kept: KeptStore
    dependencies: Dependencies
    post: Post = field(default_factory=Post)
    air: Air = field(default_factory=Air)

    @property
    def store(self) -> Store:
        return self.dependencies.store

    @property
    def clock(self) -> ElectionClock:
        assert isinstance(self.dependencies.clock, ElectionClock)
        return self.dependencies.clock

    @property
    def hasher(self) -> CountingHasher:
        assert isinstance(self.dependencies.hasher, CountingHasher)
        return self.dependencies.hasher

    @cached_property
    def services(self) -> Services:
        """The use cases, which are connected as in `core.app.services`."""
        return Services(sample_settings(), self.dependencies, NoNetworkLimits())

    @cached_property
    def requests(self) -> PasswordLinkRequests:
        return PasswordLinkRequests(self.dependencies)

    @property
    def links(self) -> RecoveryLinks:
        return self.services.flows[PasswordFlowPlugin].links

    @cached_property
    def sessions(self) -> VoterSessions:
        return VoterSessions(self.dependencies)

    @cached_property
    def stops(self) -> StopChangeLinks:
        """The use cases of the links that freeze an account."""
        return StopChangeLinks(self.dependencies)

    @cached_property
    def letters(self) -> MailComposer:
        return mail_composer_of(self.services)

    def courier(
        self,
        carrier: MailTransport | None = None,
        jitter: Callable[[], float] = lambda: 1.0,
        threads: Callable[[int], Executor] = CallersThread,
    ) -> Courier:
        """Return a new courier that uses this world's mail relay. By default it sends in the caller's thread."""
        courier = courier_of(self.services, carrier or self.post, self.air, self.letters, threads)
        return replace(courier, results=replace(courier.results, jitter=jitter))

    def work(self, *, at_once: bool = False) -> None:
        """Let a courier do everything that is due, seal the journal, and send checkpoints that are due or, `at_once`, all."""
        courier = self.courier()
        for _ in range(3):
            courier.run_once()
            courier.sealer.seal()
            courier.sealer.publish_checkpoint(at_once=at_once)
        courier.run_once()

    def add(self, *entries: RollEntry) -> tuple[Voter, ...]:
        return add_voters(self.store, *(entries or (entry(),)))

    def voter(self, email: str = CAMILLE) -> Voter:
        return voter_of(self.store, email)

    def confirming(self, email: str = CAMILLE) -> str:
        """Return the sealed request that the cookie of a browser at MP-3 contains."""
        return self.requests.seal_request(parse_address(email, example=CAMILLE), forgotten=True)

    def ask(self, email: str = CAMILLE, network: str = NETWORK, language: Language = Language.FRENCH) -> str:
        """Request a link in a language. Returns the case handle of the browser, which is then at MP-4."""
        pending = self.requests.unseal_request(self.confirming(email))
        assert pending is not None
        self.requests.request_link_mail(pending, msgspec.structs.replace(visit(), network=network, language=language))
        return pending.handle

    def ask_again(self, handle: str) -> None:
        """Press the button "send again" at MP-4."""
        self.requests.request_link_mail_again(visit(case=handle))

    def link(self, email: str = CAMILLE, language: Language = Language.FRENCH) -> str:
        """Request a link, let the courier mail it, and return the token of the link."""
        self.ask(email, language=language)
        self.courier().run_once()
        return self.post.links(email)[-1]

    def with_password(self, password: str = GOOD, email: str = CAMILLE) -> Voter:
        """Let a voter choose a password, and return the voter."""
        self.links.choose_password(self.link(email), password)
        return self.voter(email)

    def waiting(self, handle: str) -> ShownStep:
        """Return the step MP-4 as a browser with the given handle sees it."""
        return self.services.dispatcher.show(
            self.services.flows[PasswordFlowPlugin].steps.message_asked, visit(case=handle)
        )

    def at(self, step: Step, answer: str, held: Visit, **typed: str) -> StepResult:
        """Submit the form of a step, as the site does."""
        return self.services.dispatcher.answer(step, answer, typed, held)

    def state(self, handle: str) -> object:
        found = self.dependencies.find_case(handle)
        assert found is not None
        return found.state

    def counts(self) -> dict[MessageState, int]:
        with self.store.read() as transaction:
            return transaction.outbox.counts()

    def waiting_parcels(self) -> int:
        """Return how many requests and messages are waiting for the courier."""
        return self.counts().get(MessageState.WAITING, 0)

    def number(self, handle: str) -> str:
        found = self.dependencies.find_case(handle)
        assert found is not None
        return found.number

    def journal(self, number: str) -> list[Event]:
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
    """Empty a database, and return a new election in it."""
    with kept.engine.begin() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())
    return world(kept)


def world(kept: KeptStore, **changes: object) -> World:
    return World(kept, dependencies(**{"store": kept.store, **changes}))


def says_it_goes_on(shown: ShownStep) -> bool:
    """Return whether a page reloads by itself and tells the voter so."""
    copy = shown.step.copy
    filled_in = (each for each in shown.facts.values() if isinstance(each, Text))
    sentences = (*copy.voter, *(each.voter for each in copy.common_problems), *filled_in)
    said = ("s'actualise automatiquement", "cette page vous le dira")
    return shown.refresh_after is not None and any(each in sentence.msgid for sentence in sentences for each in said)
