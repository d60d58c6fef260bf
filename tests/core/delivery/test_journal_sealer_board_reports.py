"""Operator interventions and alarms are mailed to the electoral board at once, with a checkpoint that covers them."""

from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest

from core.delivery.sms_budgets import SmsBudgets
from core.flows.board_alarms import raise_board_alarm, raise_board_alarm_in_own_transaction
from core.journal.board_sentences import sentences_of_reported_events
from core.journal.verifier import find_checkpoints
from core.policy.policy import Policy
from core.ports import REPORTED_AT_ONCE, Actor, AgentRole, Event, EventType, JournalLine, SmsRoute
from core.text.faces.timeline_sentences import SHARED
from core.text.text import Language
from core.text.translation import translate
from tests.support.journals import EVERY, lived
from tests.support.post import UNREACHABLE, ParsedMail
from tests.support.stores import KeptStore, writing
from tests.support.worlds import World, world

BOARD = "bureau@ac-lumiere.example"
REPORTED = "intervention ou alarme"


@pytest.fixture
def told(world: World) -> World:
    """An election whose board has an address and whose journal has no unreported line."""
    return with_board(world)


def with_board(world: World) -> World:
    """Give the election's board an address, and make a checkpoint of the journal so far."""
    services = world.services
    board = services.settings.board.model_copy(update={"email": BOARD})
    world.__dict__["services"] = replace(services, settings=services.settings.model_copy(update={"board": board}))
    world.add()
    world.with_password()
    world.work()
    assert [str(mail.parsed["Subject"]) for mail in mails(world)] == []
    return world


def mails(election: World) -> list[ParsedMail]:
    """Return the mails to the board."""
    return election.post.to(BOARD)


def add_agent(election: World, name: str) -> None:
    """Add an agent, which is an intervention that is reported to the board."""
    assert election.services.desk.accounts.add(name, AgentRole.AGENT) is not None


def test_an_intervention_is_mailed_at_once_and_once(told: World) -> None:
    """An intervention is mailed to the board once, with a checkpoint that covers it and without a password."""
    add_agent(told, "camille")
    told.work()
    told.work()

    (mail,) = mails(told)
    text = mail.part("plain")
    assert REPORTED in str(mail.parsed["Subject"])
    assert "Le compte d'agent camille est créé. Son rôle : assistance." in " ".join(text.split())
    ((said, _),) = find_checkpoints(text)
    with told.store.read() as transaction:
        ((place, line),) = transaction.chain.sealed_interventions_and_alarms(after=0)
        assert (line.columns["agent"], line.columns["act"]) == ("camille", EventType.AGENT_ADDED)
        assert place <= said.lines
        (agent,) = transaction.agents.all()
    assert agent.password not in text


def test_alike_interventions_within_a_minute_are_one_mail(told: World) -> None:
    """The first of several equal interventions is mailed at once, and the others together after a minute.

    Another kind of intervention does not wait.
    """
    add_agent(told, "first")
    told.work()
    for name in ("second", "third"):
        told.clock.move(seconds=10)
        add_agent(told, name)
        told.work()
    assert len(mails(told)) == 1
    told.clock.move(seconds=40)
    told.work()
    (_, together) = mails(told)
    assert [name in together.part("plain") for name in ("first", "second", "third")] == [False, True, True]

    add_agent(told, "fourth")
    assert told.services.desk.accounts.remove("first")
    told.work()

    last = mails(told)[-1].part("plain")
    assert len(mails(told)) == 3
    assert ["fourth" in last, "first est retiré" in " ".join(last.split())] == [True, True]


def test_alarms_hide_no_intervention(any_world: World) -> None:
    """A mail to the board lists all interventions before the alarms, and lists equal alarms once with their number."""
    election = with_board(any_world)
    slowed = Event(at=election.clock.at, actor=Actor.VOTER, act=EventType.NETWORK_SLOWED)
    for _ in range(60):
        writing(election.store).journal.write(slowed)
    for number in range(60):
        raise_board_alarm_in_own_transaction(election.dependencies, f"rows-altered t{number}")
        add_agent(election, f"agent{number:02}")
    election.work()

    text = " ".join(mails(election)[0].part("plain").split())
    assert [f"agent{number:02} est" in text for number in range(60)] == [True] * 60
    assert text.index("agent59 est") < text.index("trop de mots de passe faux")
    assert text.count("trop de mots de passe faux") == 1
    assert "La même alarme est revenue 59 fois, la dernière le" in text
    assert "… et 11 autres alarmes" in text


def test_unsigned_lines_hide_no_intervention_and_no_alarm(world: World) -> None:
    """Of a hundred forged journal lines, the mail to the board lists fifty and counts the rest.

    Genuine lines stay visible.
    """
    at = world.clock.at
    lines = [
        JournalLine(number, {"act": act, "agent": "forged", "at": at}, genuine=False)
        for number in range(50)
        for act in (EventType.AGENT_ADDED, EventType.NETWORK_SLOWED)
    ]
    lines += [
        JournalLine(100, {"act": EventType.ALARM, "reason": "rows-altered voters", "at": at}),
        JournalLine(101, {"act": EventType.AGENT_ADDED, "agent": "camille", "at": at}),
    ]
    local = world.services.dependencies.calendar.to_local
    said = [
        translate(each, Language.FRENCH)
        for each in sentences_of_reported_events(lines, world.services.flows.timeline_texts, local)
    ]

    assert "camille est créé" in said[1]
    assert "table « voters »" in said[-1]
    assert sum("ne l'a signée" in each for each in said) == 50
    assert said[-2] == "… et 50 autres lignes sans signature."


REASONS = {
    EventType.AGENT_ADDED: ("supervisor", "responsable"),
    EventType.AGENT_RENEWED: ("auditor", "bureau de vote"),
    EventType.AGENT_REMOVED: ("agent", "assistance"),
    EventType.ALARM: ("sms-budget-half-spent *", "La moitié du budget de SMS du jour est dépensée."),
    EventType.DATABASE_UPGRADED: ("0015", "Version des tables : 0015."),
    EventType.KEYS_RETIRED: ("1 2", "Numéro de la clé : 1, 2."),
    EventType.KEYS_ROTATED: ("3", "Numéro de la clé : 3."),
    EventType.PLATFORM_RECONCILED: ("differences 2, calls 1", "Différences réparées : 2 ; personnes à rappeler : 1."),
    EventType.PURGED: ("sessions 4, awaited-codes 1", "Sessions : 4, effacé."),
    EventType.ROLL_IMPORTED: (
        "added 1, corrected 2, removed 0",
        "ajoutées : 1 ; corrigées : 2 ; retirées : 0 ; revenues : 0.",
    ),
}
OF_A_LATER_VERSION = {
    EventType.AGENT_ADDED: ("observer", "Motif noté : observer."),
    EventType.ALARM: ("clock-behind 90", "Motif noté : clock-behind 90."),
    EventType.PURGED: ("sessions 4, drafts 2", "drafts : 2, effacé."),
}


@pytest.mark.parametrize("language", Language)
def test_what_the_board_reads_is_sentences(world: World, language: Language) -> None:
    """Every reason in a mail to the board is a sentence in French and in English."""
    # The reasons of these are shown in another way, or they have none.
    own_words = {EventType.DATABASE_MOVED, EventType.LOSS_DECLARED, EventType.NETWORK_SLOWED}
    assert set(REASONS) == REPORTED_AT_ONCE - own_words
    assert {act.value for act in REPORTED_AT_ONCE} <= set(SHARED.events)
    texts = world.services.flows.timeline_texts
    for act, (reason, told) in (*REASONS.items(), *OF_A_LATER_VERSION.items()):
        line = JournalLine(1, {"act": act, "reason": reason, "agent": "camille", "at": world.clock.at})
        said = [
            translate(each, language)
            for each in sentences_of_reported_events([line], texts, world.services.dependencies.calendar.to_local)
        ]
        assert language is not Language.FRENCH or told in " ".join(said)
        assert all(each.endswith((".", ":")) for each in said), said
        assert language is Language.FRENCH or told not in " ".join(said)


def test_what_voters_do_is_not_told(told: World) -> None:
    """An ordinary checkpoint mail does not mention what voters did."""
    told.ask()
    told.work()
    told.clock.move(minutes=told.dependencies.policy.checkpoint_minutes)
    told.work()

    (mail,) = mails(told)
    assert str(mail.parsed["Subject"]).startswith("Journal de l'élection : point de contrôle n°")


def test_a_spray_reaches_the_board(told: World) -> None:
    """The board is told that too many wrong passwords came from one network."""
    at = told.clock.at + timedelta(seconds=1)
    writing(told.store).journal.write(Event(at=at, actor=Actor.VOTER, act=EventType.NETWORK_SLOWED))
    told.work()

    assert "trop de mots de passe faux" in " ".join(mails(told)[0].part("plain").split())


def test_the_board_is_mailed_first_when_a_relay_comes_back(told: World) -> None:
    """When the mail server is back, the mail to the board is sent before all older messages."""
    for number in range(3):
        told.ask(f"v{number}@ac-lumiere.example")
    told.ask()
    told.post.says = UNREACHABLE
    add_agent(told, "camille")
    told.work()
    told.clock.move(minutes=5)
    told.post.says = type(told.post)().says
    before = len(told.post.taken)
    told.work()

    assert told.post.taken[before].envelope.recipient == BOARD


def test_an_alarm_is_raised_once_in_a_while(told: World) -> None:
    """The same alarm is raised at most once an hour.

    An alarm about another table does not wait, and the alarm of a transaction that was rolled back is not raised.
    """
    for _ in range(2):
        raise_board_alarm_in_own_transaction(told.dependencies, "rows-altered voters")
    raise_board_alarm_in_own_transaction(told.dependencies, "rows-altered agents")
    told.clock.move(hours=1)
    raise_board_alarm_in_own_transaction(told.dependencies, "rows-altered voters")

    alarms = [reason for act, reason in told.kept.lines() if act == EventType.ALARM]
    assert alarms == ["rows-altered voters", "rows-altered agents", "rows-altered voters"]
    told.work()
    assert "changées sans la clé : table « agents »." in " ".join(mails(told)[0].part("plain").split())

    def fail() -> None:
        with told.store.write() as transaction:
            raise_board_alarm(told.dependencies, transaction, "rows-altered links")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()

    assert [reason for act, reason in told.kept.lines() if act == EventType.ALARM] == alarms


def test_a_chain_that_the_last_checkpoint_does_not_confirm_is_an_alarm() -> None:
    """If the journal contradicts its last checkpoint, the courier raises one alarm and continues to work."""
    journal = lived(2 * EVERY)
    journal.sealer.publish_checkpoint()
    assert all(event.act != EventType.ALARM for event in journal.events.values())
    (place,) = (said.lines for said, _ in journal.board[-1:])
    journal.seals[place] = msgspec.structs.replace(journal.seals[place], digest=b"x" * 32)

    for _ in range(2):
        journal.attest()

    alarms = [event.reason for event in journal.events.values() if event.act == EventType.ALARM]
    assert alarms == ["journal-broken"]


def test_half_a_budget_is_an_alarm(sql_kept: KeptStore) -> None:
    """An alarm is raised once when half of a country's SMS budget is used."""
    election = world(sql_kept, policy=Policy(sms_per_country_per_day=16, sms_per_day=1000, sms_network_percent=100))
    budgets, route = SmsBudgets(election.dependencies), SmsRoute(country="FR", network="n")
    for _ in range(6):
        with election.store.write() as transaction:
            budgets.reserve_in_budgets(transaction, route, None, election.clock.at)

    assert election.kept.lines() == [("alarm", "sms-budget-half-spent FR")]


def test_a_budget_that_settings_made_half_spent_is_an_alarm(sql_kept: KeptStore) -> None:
    """If lower limits in the settings make an SMS budget half used, a starting courier raises the alarm once."""
    route = SmsRoute(country="FR", network="n")
    election = world(sql_kept, policy=Policy(sms_per_country_per_day=1000))
    budgets = SmsBudgets(election.dependencies)
    for _ in range(3):
        with election.store.write() as transaction:
            budgets.reserve_in_budgets(transaction, route, None, election.clock.at)
    budgets.raise_alarms()
    assert election.kept.lines() == []

    lowered = SmsBudgets(world(sql_kept, policy=Policy(sms_per_country_per_day=4)).dependencies)
    for _ in range(2):
        lowered.raise_alarms()

    assert election.kept.lines() == [("alarm", "sms-budget-half-spent FR")]
