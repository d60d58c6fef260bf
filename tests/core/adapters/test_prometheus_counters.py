"""Metrics are exported for Prometheus."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from core.adapters.election_metrics import ElectionMetricsCollector
from core.adapters.password_hashing import Argon2PasswordHasher
from core.adapters.prometheus_counters import PrometheusMeasurements, reason_id_or_other
from core.adapters.sql.protected_tables import SESSIONS
from core.adapters.sql.row_authentication import RowAuthenticator
from core.delivery.journal_sealer import JournalSealer
from core.forms.errors import Refusal
from core.forms.flow_model import FieldRejected
from core.ports import (
    EVERYWHERE,
    Actor,
    Event,
    EventType,
    MessageState,
    PasswordHasherOperation,
    SmsRoute,
    StoreUnavailable,
    Transaction,
)
from tests.support.election import CAMILLE, NETWORK, NOON, STRANGER, SeededRandomSource, vault
from tests.support.post import REFUSES, UNREACHABLE
from tests.support.stores import reading
from tests.support.worlds import World

FREE_AT_NOON = 1 / 4 + 3 / 4 * 720 / 1438
"""Share of an SMS budget that may be used at noon.

A quarter is free at midnight, and the rest is freed evenly until two minutes before the next midnight.
"""

Figures = dict[tuple[str, ...], float]


def read(registry: CollectorRegistry) -> Figures:
    """Return every sample. The key is its name with its label values."""
    families = text_string_to_metric_families(generate_latest(registry).decode())
    return {(each.name, *each.labels.values()): each.value for family in families for each in family.samples}


@pytest.fixture
def registry(world: World) -> CollectorRegistry:
    """The metrics of an election."""
    registry = CollectorRegistry()
    registry.register(ElectionMetricsCollector(world.store, world.clock, world.services.budgets))
    return registry


def test_an_election_that_has_just_begun_counts_nothing(world: World, registry: CollectorRegistry) -> None:
    """Every metric is exported from the start, with the value zero."""
    figures = read(registry)

    assert figures.pop(("retrouve_store_up",)) == 1
    by_noon = int(world.dependencies.policy.sms_per_day * FREE_AT_NOON)
    assert figures.pop(("retrouve_sms_budget_allowed", EVERYWHERE)) == by_noon
    assert not any(figures.values())
    assert {(("retrouve_mails_total"), state) for state in ("sent", "parked", "cancelled", "dropped")} <= set(figures)
    assert {("retrouve_acts_total", act.value) for act in EventType} <= set(figures)


def test_metrics_match_outbox_and_journal(world: World, registry: CollectorRegistry) -> None:
    """The metrics agree with the outbox and the journal, and reading them twice gives the same values."""
    world.add()
    world.with_password()
    world.courier().run_once()
    read(registry)
    world.ask(STRANGER)
    world.post.says = REFUSES
    world.ask()
    world.courier().run_once()
    for number in range(world.dependencies.policy.asks_per_address):
        world.ask(STRANGER, f"192.0.2.{number}")
    world.courier().run_once()
    world.clock.move(hours=1)

    figures, ended = read(registry), world.counts()

    ended.pop(MessageState.WAITING, None)
    mails = {key[1]: value for key, value in figures.items() if key[0] == "retrouve_mails_total" and value}
    assert mails == {state.value: count for state, count in ended.items()}
    assert figures["retrouve_asks_total",] == 2 + world.dependencies.policy.asks_per_address
    assert figures["retrouve_passwords_chosen_total",] == 1
    assert figures["retrouve_refusals_total", "ask-dropped", "too-many-asks"] == 1
    assert figures["retrouve_refusals_total", "ask-dropped", "not-on-the-roll"] == ended[MessageState.DROPPED]
    assert read(registry) == figures


def test_the_backlogs_of_mails_and_of_the_journal_are_exported(world: World, registry: CollectorRegistry) -> None:
    """The metrics contain the number and age of waiting mails and of unsealed journal lines."""
    world.post.says = UNREACHABLE
    world.ask()
    world.clock.move(seconds=90)
    world.courier().run_once()

    figures = read(registry)

    assert figures["retrouve_unsent",] == 1
    assert figures["retrouve_oldest_unsent_seconds",] == 90
    assert (
        figures["retrouve_queue_delay_seconds",]
        == reading(world.store).outbox.oldest_request_delay(world.clock.now()).seconds
        == 90
    )

    notary = JournalSealer(dependencies=world.dependencies, board=None)
    notary.seal()
    notary.publish_checkpoint(at_once=True)
    notary.seal()
    attested = read(registry)

    names = ("retrouve_unsealed", "retrouve_oldest_unsealed_seconds", "retrouve_checkpoints")
    assert [figures[name,] for name in names] == [1, 90, 0]
    assert [attested[name,] for name in names] == [0, 0, 1]


def test_an_entry_committed_late_is_counted(world: World) -> None:
    """A journal line is counted for good only after two minutes, because an earlier line may be committed late."""
    figures = ElectionMetricsCollector(world.store, world.clock, world.services.budgets)
    world.ask()
    list(figures.collect())
    assert figures.line == 0
    world.clock.move(minutes=2)
    list(figures.collect())
    assert figures.line > 0


def test_without_the_database_unknown_metrics_are_left_out(world: World) -> None:
    """Without the database, the metrics say so and leave out the other values."""

    class Gone:
        """A store that cannot be reached."""

        @contextmanager
        def read(self) -> Iterator[Transaction]:
            raise StoreUnavailable
            yield

        def write(self) -> None:
            """Do nothing."""

    registry = CollectorRegistry()
    registry.register(ElectionMetricsCollector(Gone(), world.clock, world.services.budgets))  # type: ignore[arg-type]  # it only reads

    assert read(registry) == {("retrouve_store_up",): 0}


def test_no_label_contains_a_person_or_a_case(world: World, registry: CollectorRegistry) -> None:
    """Unknown reasons are exported as "other", so that no label contains a person or a case."""
    world.add()
    handle = world.ask()
    world.courier().run_once()
    for reason in ("550 camille.martin@ac-lumiere.example unknown", world.number(handle), NETWORK, "a" * 41, None):
        with world.store.write() as transaction:
            at = world.clock.now()
            transaction.journal.write(Event(at=at, actor=Actor.VOTER, act=EventType.SIGN_IN_REFUSED, reason=reason))

    figures = read(registry)

    assert figures["retrouve_refusals_total", "sign-in-refused", "other"] == 5
    assert not [key for key in figures if {CAMILLE, world.number(handle), NETWORK} & set(key)]


def test_every_known_id_is_a_label_value() -> None:
    """The id of every refusal is a separate label value."""
    ours = [each.id for family in (Refusal, FieldRejected) for each in family.__subclasses__() if "id" in vars(each)]

    assert len(ours) > 20
    assert [reason_id_or_other(each) for each in ours] == ours


def test_a_process_counts_what_it_does() -> None:
    """A process counts its password hashes, refusal pages, failures of Valkey and callbacks of gateways."""
    measures = PrometheusMeasurements()
    before = read(measures.registry)
    assert before["retrouve_network_store_failures_total",] == 0
    assert before["retrouve_password_hash_seconds_count", "hash"] == 0

    hasher = Argon2PasswordHasher(measures, memory_kib=8, time=1)
    hashed = hasher.hash("Lavande bleue 2018")
    assert hasher.verify(hashed, "Lavande bleue 2018")
    assert not hasher.verify(None, "Lavande bleue 2018")
    assert not hasher.needs_rehash(hashed)
    measures.count_refusal("link-expired")
    measures.count_network_store_failure()
    measures.count_callback("report", "forged")

    after = read(measures.registry)
    assert after["retrouve_password_hash_seconds_count", PasswordHasherOperation.HASH.value] == 1
    assert after["retrouve_password_hash_seconds_count", PasswordHasherOperation.VERIFY.value] == 2
    assert 0 < after["retrouve_password_hash_seconds_sum", PasswordHasherOperation.VERIFY.value] < 600
    assert after["retrouve_refusal_pages_total", "link-expired"] == 1
    assert after["retrouve_network_store_failures_total",] == 1
    assert after["retrouve_sms_callbacks_total", "forged", "report"] == 1


def test_sms_cost_and_deliveries_are_exported(world: World, registry: CollectorRegistry) -> None:
    """The metrics contain the SMS budgets by country and in total, and the delivery reports."""
    now = world.clock.now()
    with world.store.write() as transaction:
        route = SmsRoute("RE", "network")
        world.services.budgets.reserve_in_budgets(transaction, route, None, now)
        world.services.budgets.grow_budgets_after_verified_code(transaction, route, now)
        for act, reason in ((EventType.SMS_ACCEPTED, "gateway:1"), (EventType.SMS_REPORTED, "code delivered")):
            transaction.journal.write(Event(at=now, actor=Actor.COURIER, act=act, reason=reason))

    figures = read(registry)

    policy = world.dependencies.policy
    assert figures["retrouve_sms_budget_sent", "RE"] == figures["retrouve_sms_budget_sent", EVERYWHERE] == 1
    allowed = int(policy.sms_per_country_per_day * FREE_AT_NOON) + policy.sms_per_verified_code
    assert figures["retrouve_sms_budget_allowed", "RE"] == allowed
    assert {label for name, *labels in figures for label in labels if "budget" in name} == {"RE", EVERYWHERE}
    assert figures["retrouve_sms_total", "sent"] == 1
    assert figures["retrouve_sms_reports_total", "delivered", "code"] == 1


def test_refused_rows_are_counted_by_table() -> None:
    """Each row with a wrong authentication tag is counted by its table."""
    measures = PrometheusMeasurements()
    rows = RowAuthenticator(vault(SeededRandomSource()), measures)

    row = (b"digest", 1, 0, NOON)
    assert rows.open_row(SESSIONS, (*row, None)) is None
    assert rows.open_row(SESSIONS, (*row, rows.compute_tag(SESSIONS, (b"digest", 2, 0, NOON)))) is None
    assert rows.open_row(SESSIONS, (*row, rows.compute_tag(SESSIONS, row))) is not None

    assert read(measures.registry)["retrouve_rows_refused_total", "sessions"] == 2
