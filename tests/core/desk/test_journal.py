"""Supervisors and auditors read the journal page by page, and the helpdesk counts each journal line once."""

from contextlib import suppress
from itertools import count

import pytest

from core.desk.authorisation import AgentSession
from core.desk.journal import JournalEntry
from core.desk.journal_counts import IncrementalJournalCounts, bucket_of
from core.forms.errors.supervisor_incident_input import SupervisorNeeded
from core.ports import Actor, AgentRole, Event, EventType, JournalFilter, StoreUnavailable, Voter
from core.ports.desk_counts import JournalSliceCounts
from core.text.faces.timeline_sentences import TimelineLineTone
from core.text.text import Language
from core.text.translation import translate
from tests.support.desk import outcome, signed_in_agent, verified_caller
from tests.support.stores import leaving_after, reading, writing
from tests.support.worlds import World


def test_pages_lead_through_the_whole_journal_without_a_line_twice_or_left_out(
    world: World, session: AgentSession, voter: Voter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pages of the journal contain each line exactly once. Filtering by a person is itself recorded."""
    monkeypatch.setattr("core.desk.journal.PAGE", 2)
    monkeypatch.setattr("core.desk.journal.SLICE", 3)
    monkeypatch.setattr("core.desk.journal.SLICES", 2)
    auditor = signed_in_agent(world, "claude", AgentRole.AUDITOR)
    world.ask()
    verified_caller(world, session, voter)
    journal = world.services.desk.journal
    outcome(lambda: journal.choices(session))
    for reason in ("code undelivered", "code delivered"):
        event = Event(at=world.clock.now(), actor=Actor.NETWORK, act=EventType.SMS_REPORTED, reason=reason)
        writing(world.store).journal.write(event)

    def walk(wanted: JournalFilter) -> list[JournalEntry]:
        found, before = [], None
        while True:
            page = journal.view(auditor, wanted, before)
            found += page.entries
            if page.older is None:
                return found
            assert before is None or page.older < before
            before = page.older

    everything = [each.line for each in walk(JournalFilter())]
    assert everything == list(range(everything[0], 0, -1))
    assert {each.agent for each in walk(JournalFilter(agent="camille"))} == {"camille"}
    assert [each.sentence for each in walk(JournalFilter(act="asked"))], "the oldest pages may be empty"
    assert [each.mark for each in walk(JournalFilter(failures=True))] == [TimelineLineTone.BAD] * 2
    of_voter = walk(JournalFilter(voter=voter.id))
    assert of_voter[0].agent == "claude", "the reading itself"
    assert journal.view(auditor, JournalFilter(voter=voter.id)).name == "Camille Martin"
    assert {"asked", "searched"} <= set(journal.choices(auditor).acts)
    assert journal.choices(auditor).agents == ("camille", "claude")


def test_a_line_says_its_reason_once_and_in_words(world: World, session: AgentSession, voter: Voter) -> None:
    """The reason of a journal line is shown as a sentence, is not repeated, and quotes the answer of a mail server."""
    auditor = signed_in_agent(world, "claude", AgentRole.AUDITOR)
    outcome(lambda: world.services.desk.journal.choices(session))
    now = world.clock.now()
    with world.store.write() as transaction:
        for act, reason in (
            (EventType.SIGN_IN_REFUSED, "frozen"),
            (EventType.MAIL_REFUSED, "550 5.1.1 unknown"),
            (EventType.ROLL_IMPORTED, "added 1000"),
            (EventType.SEARCHED, "3 12"),
            (EventType.SMS_ACCEPTED, "code kannel"),
            (EventType.CODE_DECIDED, "1.2"),
            (EventType.CALENDAR_REFUSED, "ask-password"),
            (EventType.INCIDENT_ANNOUNCED, "1 mail-late mail-domain ac-lyon.fr"),
            (EventType.INCIDENT_ANNOUNCED, "2 of-a-later-version everybody"),
            (EventType.INCIDENT_ENDED, "1"),
            (EventType.MATCHING_REFUSED, "identity-unmatched"),
            (EventType.CALLER_REFUSED, "no-match"),
        ):
            transaction.journal.write(Event(at=now, actor=Actor.VOTER, act=act, voter=voter.id, reason=reason))

    lines = world.services.desk.journal.view(auditor, JournalFilter()).entries[:13]

    said = [" ".join(translate(sentence, Language.FRENCH) for sentence in each.reasons) for each in reversed(lines)]
    assert said == [
        f"{SupervisorNeeded.title.msgid}",
        "",
        "Motif noté : 550 5.1.1 unknown.",
        "Personnes ajoutées : 1\u202f000 ; corrigées : 0 ; retirées : 0 ; revenues : 0.",
        "3 recherches depuis la ligne précédente. 12 personnes différentes affichées.",
        "Pris par : kannel.",
        "C'est le code n° 1 de ce dossier, envoi n° 2.",
        "C'était une demande de message.",
        "C'est l'incident n° 1 : Messages en retard (adresses en @ac-lyon.fr).",
        "Motif noté : 2 of-a-later-version everybody.",
        "C'est l'incident n° 1.",
        "",
        "",
    ]
    english = [translate(sentence, Language.ENGLISH) for each in lines for sentence in each.reasons]
    assert not [sentence for sentence in english if "C'est" in sentence or "Personnes" in sentence]


def test_an_agent_reads_no_journal(world: World, session: AgentSession) -> None:
    """An ordinary agent cannot read the journal, and each refused attempt is recorded."""
    desk = world.services.desk
    for read in (
        lambda: desk.journal.view(session, JournalFilter()),
        lambda: desk.journal.choices(session),
        lambda: desk.case_sheets.make(session, "AAAA-AAAA"),
    ):
        assert outcome(read) is SupervisorNeeded
        (last,) = reading(world.store).journal.page(JournalFilter(), after=0, before=1 << 60, limit=1)
        assert (last.event.act, last.event.reason) == (EventType.ACT_REFUSED, SupervisorNeeded.id)


def test_a_sheet_leaves_its_line_once_all_of_it_was_read(world: World, voter: Voter) -> None:
    """The journal records a case sheet only if all of its data could be read."""
    supervisor = signed_in_agent(world, "claude", AgentRole.SUPERVISOR)
    number = world.number(world.ask(voter.email))
    world.courier().run_once()
    make = world.services.desk.case_sheets.make

    for spared in count():
        with leaving_after(world.store, spared), suppress(StoreUnavailable):
            make(supervisor, number)
            break
        assert EventType.CASE_SHEET_MADE not in world.acts(number)

    assert world.acts(number).count(EventType.CASE_SHEET_MADE) == 1


def test_each_line_is_counted_once_by_bounded_slices(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The counts include each journal line once. Each query reads at most one slice of older lines."""
    monkeypatch.setattr("core.desk.journal_counts.SLICE", 4)
    began, figures = world.clock.now(), IncrementalJournalCounts(kept=frozenset({EventType.ASKED}))
    refused = (EventType.CALLER_REFUSED, "why", None)

    def write(count: int) -> None:
        with world.store.write() as transaction:
            for _ in range(count):
                now = world.clock.now()
                transaction.journal.write(Event(at=now, actor=Actor.VOTER, act=EventType.ASKED))
                transaction.journal.write(
                    Event(at=now, actor=Actor.AGENT, act=EventType.CALLER_REFUSED, reason="why", agent="lou")
                )

    def look() -> tuple[int, int]:
        read: list[int] = []
        with world.store.read() as transaction:
            port = transaction.figures
            count = port.count_slice

            def counted(after: int, until: int) -> JournalSliceCounts:
                read.append(until - after)
                return count(after, until)

            monkeypatch.setattr(type(port), "count_slice", lambda _, after, until: counted(after, until))
            figures.count_new_lines(transaction, world.clock.now())
            monkeypatch.undo()
            monkeypatch.setattr("core.desk.journal_counts.SLICE", 4)
        assert max(read) <= 4
        end = bucket_of(world.clock.now()) + 1
        return sum(figures.counts(EventType.ASKED, bucket_of(began), end, 1)), figures.count_failures(None)[refused]

    write(5)
    world.clock.move(minutes=30)
    seen = [look() for _ in range(4)]
    assert seen[-1] == (5, 5)
    assert seen[0] == (2, 2), "the newest first"
    assert figures.counts_from_first_line
    write(2)
    assert look() == look() == (7, 7), "fresh lines are counted anew"
    world.clock.move(minutes=3)
    assert look() == look() == (7, 7)
    world.clock.move(minutes=60 * 26)
    write(1)
    assert look() == (8, 8)
    assert figures.count_failures(bucket_of(world.clock.now()))[refused] == 1
    assert figures.last_event_by_agent()["lou"].at == world.clock.now()
