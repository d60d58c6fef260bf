"""The figures as Prometheus reads them."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from core.adapters.measures import TimedHasher
from core.adapters.prometheus import ElectionFigures, PrometheusMeasures, stable
from core.courier.notary import Notary
from core.errors import Refusal
from core.ports import EVERYWHERE, Act, Actor, Event, HashWork, ParcelState, Transaction, Unready
from core.steps import Rejected
from tests.support.election import CAMILLE, NETWORK, STRANGER, CountingHasher
from tests.support.post import REFUSES, UNREACHABLE
from tests.support.worlds import World

Figures = dict[tuple[str, ...], float]


def read(registry: CollectorRegistry) -> Figures:
    """Every sample by its name and the values of its labels."""
    families = text_string_to_metric_families(generate_latest(registry).decode())
    return {(each.name, *each.labels.values()): each.value for family in families for each in family.samples}


@pytest.fixture
def registry(any_world: World) -> CollectorRegistry:
    """What a process at work in that world exposes of the election."""
    registry = CollectorRegistry()
    registry.register(ElectionFigures(any_world.store, any_world.clock, any_world.house.budgets))
    return registry


def test_an_election_that_has_just_begun_counts_nothing(any_world: World, registry: CollectorRegistry) -> None:
    """Every figure is there from the start, so that an alert has something to look at."""
    figures = read(registry)

    assert figures.pop(("retrouve_store_up",)) == 1
    assert figures.pop(("retrouve_sms_budget_allowed", EVERYWHERE)) == any_world.tools.policy.sms_per_day
    assert not any(figures.values())
    assert {(("retrouve_mails_total"), state) for state in ("sent", "parked", "cancelled", "dropped")} <= set(figures)
    assert {("retrouve_acts_total", act.value) for act in Act} <= set(figures)


def test_figures_are_those_of_the_outbox_and_the_journal(any_world: World, registry: CollectorRegistry) -> None:
    """Counted twice over the same election: what was read before is not counted again."""
    any_world.add()
    any_world.with_password()
    any_world.courier().round()
    read(registry)
    any_world.ask(STRANGER)
    any_world.post.says = REFUSES
    any_world.ask()
    any_world.courier().round()
    for _ in range(any_world.tools.policy.asks_per_address):
        any_world.ask(STRANGER)
    any_world.courier().round()
    any_world.clock.move(hours=1)

    figures, ended = read(registry), any_world.counts()

    ended.pop(ParcelState.WAITING, None)
    mails = {key[1]: value for key, value in figures.items() if key[0] == "retrouve_mails_total" and value}
    assert mails == {state.value: count for state, count in ended.items()}
    assert figures["retrouve_asks_total",] == 2 + any_world.tools.policy.asks_per_address
    assert figures["retrouve_passwords_chosen_total",] == 1
    assert figures["retrouve_refusals_total", "ask-dropped", "too-many-asks"] == 1
    assert figures["retrouve_refusals_total", "ask-dropped", "not-on-the-roll"] == ended[ParcelState.DROPPED]
    assert read(registry) == figures


def test_what_waits_and_since_when(any_world: World, registry: CollectorRegistry) -> None:
    """The delay is the one that MP-4 shows."""
    any_world.post.says = UNREACHABLE
    any_world.ask()
    any_world.clock.move(seconds=90)
    any_world.courier().round()

    figures = read(registry)

    assert figures["retrouve_unsent",] == 1
    assert figures["retrouve_oldest_unsent_seconds",] == 90
    with any_world.store.read() as transaction:
        assert figures["retrouve_queue_delay_seconds",] == transaction.outbox.delay(any_world.clock.now()).seconds == 90


def test_a_line_that_comes_late_is_counted(any_world: World) -> None:
    """Until a minute has passed, what is counted may still be joined by lines with smaller numbers."""
    figures = ElectionFigures(any_world.store, any_world.clock, any_world.house.budgets)
    any_world.ask()
    list(figures.collect())
    assert figures._line == 0
    any_world.clock.move(minutes=2)
    list(figures.collect())
    assert figures._line > 0


def test_without_the_database_only_that_is_told(world: World) -> None:
    """The page of figures answers, and what it cannot know is missing rather than 0."""

    class Gone:
        """A store that cannot be reached."""

        @contextmanager
        def read(self) -> Iterator[Transaction]:
            """Never."""
            raise Unready
            yield

        def write(self) -> None:
            """Not asked."""

    registry = CollectorRegistry()
    registry.register(ElectionFigures(Gone(), world.clock, world.house.budgets))  # type: ignore[arg-type]  # it only reads

    assert read(registry) == {("retrouve_store_up",): 0}


def test_no_label_tells_of_a_person_or_a_case(any_world: World, registry: CollectorRegistry) -> None:
    """Whatever a reason says that is none of our words becomes one word."""
    any_world.add()
    handle = any_world.ask()
    any_world.courier().round()
    for reason in ("550 camille.martin@ac-lumiere.example unknown", any_world.number(handle), NETWORK, "a" * 41, None):
        with any_world.store.write() as transaction:
            at = any_world.clock.now()
            transaction.journal.write(Event(at=at, actor=Actor.VOTER, act=Act.SIGN_IN_REFUSED, reason=reason))

    figures = read(registry)

    assert figures["retrouve_refusals_total", "sign-in-refused", "other"] == 5
    assert not [key for key in figures if {CAMILLE, any_world.number(handle), NETWORK} & set(key)]


def test_every_id_of_ours_is_a_label() -> None:
    """None of them is taken for something else."""
    ours = [each.id for family in (Refusal, Rejected) for each in family.__subclasses__() if "id" in vars(each)]

    assert len(ours) > 20
    assert [stable(each) for each in ours] == ours


def test_what_a_process_counts_of_its_own() -> None:
    """Hashes by what they were for, pages of refusal by id, and troubles with the shared buckets."""
    measures = PrometheusMeasures()
    before = read(measures.registry)
    assert before["retrouve_network_store_failures_total",] == 0
    assert before["retrouve_password_hash_seconds_count", "hash"] == 0

    hasher = TimedHasher(CountingHasher(), measures)
    hashed = hasher.hash("Lavande bleue 2018")
    assert hasher.verify(hashed, "Lavande bleue 2018")
    assert not hasher.verify(None, "Lavande bleue 2018")
    assert not hasher.outdated(hashed)
    measures.refused("link-expired")
    measures.networks_uncounted()

    after = read(measures.registry)
    assert after["retrouve_password_hash_seconds_count", HashWork.HASH.value] == 1
    assert after["retrouve_password_hash_seconds_count", HashWork.VERIFY.value] == 2
    assert 0 < after["retrouve_password_hash_seconds_sum", HashWork.VERIFY.value] < 2
    assert after["retrouve_refusal_pages_total", "link-expired"] == 1
    assert after["retrouve_network_store_failures_total",] == 1


def test_what_sms_cost_and_what_became_of_them_is_told(any_world: World, registry: CollectorRegistry) -> None:
    """By country and altogether; by what was sent and what the operator said."""
    now = any_world.clock.now()
    with any_world.store.write() as transaction:
        any_world.house.budgets.take(transaction, b"phone", "RE", now)
        any_world.house.budgets.verified(transaction, b"phone", "RE", now)
        for act, reason in ((Act.SMS_ACCEPTED, "gateway:1"), (Act.SMS_REPORTED, "code delivered")):
            transaction.journal.write(Event(at=now, actor=Actor.COURIER, act=act, reason=reason))

    figures = read(registry)

    policy = any_world.tools.policy
    assert figures["retrouve_sms_budget_sent", "RE"] == figures["retrouve_sms_budget_sent", EVERYWHERE] == 1
    allowed = policy.sms_per_country_per_day + policy.sms_per_verified_code
    assert figures["retrouve_sms_budget_allowed", "RE"] == allowed
    assert figures["retrouve_sms_total", "sent"] == 1
    assert figures["retrouve_sms_reports_total", "delivered", "code"] == 1


def test_what_gateways_tell_is_counted() -> None:
    """A process at a time."""
    measures = PrometheusMeasures()

    measures.called_back("report", "forged")

    assert read(measures.registry)["retrouve_sms_callbacks_total", "forged", "report"] == 1


def test_what_waits_for_its_seal_and_what_is_attested(any_world: World, registry: CollectorRegistry) -> None:
    """A journal that nobody seals shows."""
    any_world.ask()
    any_world.clock.move(seconds=90)
    waiting = read(registry)
    notary = Notary(tools=any_world.tools, board=None)
    notary.seal()
    notary.attest(at_once=True)
    notary.seal()
    attested = read(registry)

    names = ("retrouve_unsealed", "retrouve_oldest_unsealed_seconds", "retrouve_checkpoints")
    assert [waiting[name,] for name in names] == [1, 90, 0]
    assert [attested[name,] for name in names] == [0, 0, 1]
