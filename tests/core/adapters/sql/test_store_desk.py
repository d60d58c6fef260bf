"""Every store handles agents, voter searches, histories and messages that need attention in the same way."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from core.flows.password.states import CaseOpenedByDesk
from core.forms.flow_model import Channel
from core.ports import (
    Actor,
    AgentRole,
    ConflictError,
    Event,
    EventType,
    JournalFilter,
    MessageKind,
    MessageState,
    RecoveryCase,
    Store,
    VoterListEntry,
)
from tests.support.election import CAMILLE, NOON, ODD, STRANGER, add_voters, entry
from tests.support.stores import reading, writing

LATER = NOON + timedelta(hours=1)
MARTINS = (
    entry(),
    entry(
        "zoe@ac-lumiere.example", last_name="O'Connor-Le Goff", first_name="Zoé", academie="Lumière", phone_ending="78"
    ),
    entry("jp@ac-lumiere.example", last_name="Martinez", first_name="Jean-Pierre"),
    entry("o@ac-lumiere.example", last_name="Œuvrard", first_name="Łukasz"),
)


def found_by_names(store: Store, *beginnings: str, limit: int = 10) -> list[str]:
    """Return the addresses of the voters that a search by name finds."""
    return [listed.email for listed in reading(store).directory.by_name(beginnings, limit=limit).found]


def add_case(store: Store, number: str, voter: int | None, began: object = NOON) -> RecoveryCase:
    state = CaseOpenedByDesk(typed=CAMILLE, address=CAMILLE)
    case = RecoveryCase(handle=number.encode(), number=number, flow="mot-de-passe", state=state, began=began)  # type: ignore[arg-type]  # a datetime
    with store.write() as transaction:
        transaction.recoveries.add(case)
        if voter is not None:
            transaction.recoveries.update_state(case, state, voter=voter)
    return case


def add_event(
    store: Store, act: EventType, *, case: str | None = None, voter: int | None = None, at: object = NOON
) -> None:
    event = Event(at=at, actor=Actor.COURIER, act=act, case=case, voter=voter, agent="camille")  # type: ignore[arg-type]  # a datetime
    writing(store).journal.write(event)


# ── Agents ───────────────────────────────────────────────────────────────────────────────────────────────


def test_an_agent_is_kept_as_given_and_a_name_is_unique(store: Store) -> None:
    """The name of an agent is unique, and a time step of the authenticator is accepted only if it is newer."""
    with store.write() as transaction:
        first = transaction.agents.add("camille", role=AgentRole.AGENT, password_hash="hash", secret=b"\0\xff", at=ODD)
        second = transaction.agents.add("camille", role=AgentRole.AUDITOR, password_hash="other", secret=b"", at=ODD)
        transaction.agents.add("aline", role=AgentRole.SUPERVISOR, password_hash="hash", secret=b"s", at=ODD)

    found = reading(store).agents.by_name("camille")
    assert [agent.name for agent in reading(store).agents.all()] == ["aline", "camille"]
    assert reading(store).agents.by_name("nobody") is None
    assert (first, second) == (True, False)
    assert found is not None
    assert (found.role, found.password, found.secret, found.added) == (AgentRole.AGENT, "hash", b"\0\xff", ODD)
    assert (found.first, found.step, found.epoch, found.removed) == (True, 0, 0, None)

    with store.write() as transaction:
        for step, accepted in ((58_000_000, True), (58_000_000, False), (57_999_999, False), (58_000_001, True)):
            assert transaction.agents.accept_totp_step(1, step) is accepted


def test_each_change_of_an_agent_checks_the_epoch(store: Store) -> None:
    """A change of an agent for a former epoch is refused."""
    with store.write() as transaction:
        transaction.agents.add("camille", role=AgentRole.AGENT, password_hash="first", secret=b"s", at=NOON)
        transaction.agents.set_password_hash(1, "own", epoch=0)
        transaction.agents.store_rehashed_password(1, "rehashed", epoch=1)
        transaction.agents.store_resealed_secret(1, b"anew", epoch=1)
    with pytest.raises(ConflictError), store.write() as transaction:
        transaction.agents.set_password_hash(1, "stale", epoch=0)

    chosen = reading(store).agents.by_name("camille")
    assert chosen is not None
    assert (chosen.password, chosen.secret, chosen.first, chosen.epoch) == ("rehashed", b"anew", False, 1)

    with store.write() as transaction:
        transaction.agents.remove(1, epoch=1, at=LATER)
        removed = transaction.agents.by_name("camille")
        transaction.agents.reset_credentials(1, role=AgentRole.SUPERVISOR, password_hash="second", secret=b"t", epoch=2)
        renewed = transaction.agents.by_name("camille")
    assert removed is not None
    assert renewed is not None
    assert (removed.removed, removed.epoch) == (LATER, 2)
    assert (renewed.removed, renewed.first, renewed.role, renewed.step) == (None, True, AgentRole.SUPERVISOR, 0)


# ── Voter search ─────────────────────────────────────────────────────────────────────────────────────────


def test_names_are_found_by_their_beginnings(store: Store) -> None:
    """Voters are found by the beginnings of the words of their names, in any order. Exact words come first."""
    add_voters(store, *MARTINS)
    for beginnings, found in (
        (("martin",), [CAMILLE, "jp@ac-lumiere.example"]),
        (("martin", "cam"), [CAMILLE]),
        (("goff",), ["zoe@ac-lumiere.example"]),
        (("legoff",), ["zoe@ac-lumiere.example"]),
        (("oconnor", "zo"), ["zoe@ac-lumiere.example"]),
        (("jeanpierre",), ["jp@ac-lumiere.example"]),
        (("pierre", "martine"), ["jp@ac-lumiere.example"]),
        (("oeuvrard", "lukasz"), ["o@ac-lumiere.example"]),
        (("artin",), []),
        (("martin", "zo"), []),
    ):
        assert found_by_names(store, *beginnings) == found


def test_a_list_is_cut_and_says_that_there_are_more(store: Store) -> None:
    """A search returns at most the limit, and says whether there are more results."""
    add_voters(store, *(entry(f"m{number}@ac-lumiere.example") for number in range(10)))

    named = reading(store).directory.by_name(("mart", "cam"), limit=3)
    addressed = reading(store).directory.by_email("m", limit=3)
    exactly = reading(store).directory.by_email("m7@ac-lumiere.example", limit=3)

    assert (len(named.found), named.more) == (3, True)
    assert ([listed.email[:2] for listed in addressed.found], addressed.more) == (["m0", "m1", "m2"], True)
    assert (len(exactly.found), exactly.more) == (1, False)


def test_the_search_follows_corrections_and_removals(store: Store) -> None:
    """A correction or removal on the roll changes the search results at once."""
    first, second = add_voters(store, *MARTINS[:2])
    with store.write() as transaction:
        transaction.roll.correct([(first.id, entry(last_name="Durand"))])
        transaction.roll.remove([second.id], NOON)

    assert [found_by_names(store, name) for name in ("martin", "goff")] == [[], []]
    assert [found_by_names(store, name) for name in ("durand", "camille")] == [[CAMILLE], [CAMILLE]]
    assert reading(store).directory.on_roll(second.id) is None
    assert reading(store).directory.by_email("zoe", limit=5).found == ()


def test_a_search_is_narrowed_and_corrected(store: Store) -> None:
    """A search can be limited to an académie or to the last digits of a telephone, and finds which spellings exist."""
    add_voters(
        store,
        entry("a@ac-creteil.example", last_name="Hébert", academie="Créteil", phone_ending="42"),
        entry("b@ac-lumiere.example", last_name="Hébert", academie="La Réunion-Est", phone_ending="43"),
        entry("c@ac-lumiere.example", last_name="Herbin", academie=None),
    )

    def found(**narrowed: Any) -> list[str]:  # noqa: ANN401  # as the port takes it
        return [each.email[0] for each in reading(store).directory.by_name(("heb",), limit=5, **narrowed).found]

    assert sorted(found()) == ["a", "b"]
    for word, expected in (("creteil", ["a"]), ("est", ["b"]), ("reunion", ["b"]), ("unio", []), ("lumiere", [])):
        assert found(academie=[word]) == expected
    assert [found(phone_ending=ending) for ending in ("42", "99")] == [["a"], []]
    assert found(academie=["creteil"], phone_ending="43") == []
    with store.read() as transaction:
        candidates = ["herbart", "herb", "zoe", "heber", "hebertin"]
        assert transaction.directory.existing_beginnings(candidates, limit=5) == ("herb", "heber")
        assert transaction.directory.existing_beginnings(candidates, limit=1) == ("herb",)


def test_a_search_result_distinguishes_people(store: Store) -> None:
    """A search result contains what distinguishes voters, but no birth date and no NUMEN."""
    (zoe,) = add_voters(store, MARTINS[1])
    names = {"last_name": "O'Connor-Le Goff", "first_name": "Zoé", "academie": "Lumière"}

    found = reading(store).directory.on_roll(zoe.id)
    assert found == VoterListEntry(voter=zoe.id, email=zoe.email, **names, phone_ending="78", frozen=None)


def test_the_entries_can_be_read_and_added_to_in_one_transaction(store: Store) -> None:
    """One transaction can read the roll and add voters, as an import does."""
    add_voters(store, entry())

    with store.write() as transaction:
        assert len(list(transaction.roll.entries())) == 1
        transaction.roll.add(iter([entry(STRANGER)]))
        assert len(list(transaction.roll.entries())) == 2


def test_each_academie_of_the_present_roll_is_named_once(store: Store) -> None:
    """Each académie of the current voters is listed once."""
    given = ("Zénith", "Lumière", None, "Lumière", "Partie")
    people = add_voters(store, *(entry(f"v{at}@ac.example", academie=name) for at, name in enumerate(given)))
    writing(store).roll.remove([people[-1].id], NOON)

    assert reading(store).directory.academies(10) == ("Lumière", "Zénith")
    assert len(reading(store).directory.academies(1)) == 1


# ── The account ──────────────────────────────────────────────────────────────────────────────────────────


def test_an_unfrozen_account_has_no_password(store: Store) -> None:
    """Unfreezing an account deletes its password, because an intruder may have chosen it, and records the time."""
    (camille,) = add_voters(store, entry())
    with store.write() as transaction:
        transaction.voters.set_password_hash(camille.id, "theirs", epoch=0, at=NOON)
        transaction.voters.freeze(camille.id, epoch=1, at=ODD)
        assert [listed.frozen for listed in transaction.voters.frozen(5)] == [ODD]
        transaction.voters.unfreeze(camille.id, epoch=2, at=LATER)
    with pytest.raises(ConflictError), store.write() as transaction:
        transaction.voters.unfreeze(camille.id, epoch=2, at=LATER)

    found = reading(store).voters.by_id(camille.id)
    assert reading(store).voters.frozen(5) == []
    assert found == msgspec.structs.replace(camille, epoch=3, reopened=LATER)


# ── Histories ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_voters_cases_come_latest_first(store: Store) -> None:
    """The cases of a voter are listed newest first."""
    camille, other = add_voters(store, entry(), entry(STRANGER))
    add_case(store, "A", camille.id)
    add_case(store, "B", camille.id, LATER)
    add_case(store, "C", other.id)
    add_case(store, "D", None)

    with store.read() as transaction:
        assert [case.number for case in transaction.recoveries.of_voter(camille.id, 5)] == ["B", "A"]
        assert [case.number for case in transaction.recoveries.of_voter(camille.id, 1)] == ["B"]
        assert [transaction.recoveries.voter_of(number) for number in "ACDX"] == [camille.id, other.id, None, None]


def test_a_history_has_entries_from_before_the_voter_was_known(store: Store) -> None:
    """A voter's history includes the entries that a case had before its voter was known, each once."""
    camille, other = add_voters(store, entry(), entry(STRANGER))
    add_case(store, "A", camille.id)
    add_case(store, "C", other.id)
    add_event(store, EventType.ASKED, case="A")
    add_event(store, EventType.ASKED, case="C")
    add_event(store, EventType.LINK_DECIDED, case="A", voter=camille.id)
    add_event(store, EventType.SIGNED_OUT, voter=camille.id)
    add_event(store, EventType.ROLL_IMPORTED)

    history = reading(store).journal.voter_history(camille.id, 10)
    last = reading(store).journal.voter_history(camille.id, 2)
    of_case = reading(store).journal.case_history("A", 10)

    assert [written.event.act for written in history] == [EventType.ASKED, EventType.LINK_DECIDED, EventType.SIGNED_OUT]
    assert last == history[1:]
    assert of_case == history[:2]
    assert history[0].event.agent == "camille"


def test_a_page_holds_the_latest_lines_that_every_filter_admits(store: Store) -> None:
    """A page of the journal contains the newest lines that match all filters.

    A voter's lines include those of the voter's cases.
    """
    lea, other = add_voters(store, entry(), entry(STRANGER))
    add_case(store, "A", lea.id)
    add_case(store, "C", other.id)
    events = (
        Event(at=NOON, actor=Actor.VOTER, act=EventType.ASKED, case="A"),
        Event(at=NOON, actor=Actor.AGENT, act=EventType.FILE_OPENED, voter=lea.id, agent="lou"),
        Event(at=NOON, actor=Actor.AGENT, act=EventType.FILE_OPENED, voter=other.id, case="C", agent="lou"),
        Event(at=NOON, actor=Actor.VOTER, act=EventType.ASKED, case="C"),
        Event(at=NOON, actor=Actor.AGENT, act=EventType.SEARCHED, agent="noe", reason="3"),
    )
    for event in events:
        writing(store).journal.write(event)
    with store.read() as transaction:
        end = transaction.figures.last_journal_line() + 1
        begin = end - len(events) - 1

        def page(*, after: int = begin, before: int = end, limit: int = 9, **wanted: object) -> list[int]:
            sought = JournalFilter(**wanted)  # type: ignore[arg-type]  # its own fields
            read = transaction.journal.page(sought, after=after, before=before, limit=limit)
            assert all(each.event == events[each.line - begin - 1] for each in read)
            return [each.line - begin - 1 for each in read]

        assert page() == [4, 3, 2, 1, 0]
        assert page(limit=2) == [4, 3]
        assert page(after=begin + 1, before=end - 1) == [3, 2, 1]
        assert page(case="C") == [3, 2]
        assert page(voter=lea.id) == [1, 0]
        assert page(voter=lea.id, act=EventType.ASKED) == [0]
        assert page(agent="lou") == [2, 1]
        assert page(case="C", agent="lou", act=EventType.FILE_OPENED) == [2]
        assert page(agent="robin") == []


def test_the_bounces_come_latest_first(store: Store) -> None:
    """Bounces are listed newest first, without other events."""
    for case in "ABC":
        add_event(store, EventType.MAIL_BOUNCED, case=case)
        add_event(store, EventType.MAIL_ACCEPTED, case=case)

    assert [written.event.case for written in reading(store).journal.bounced_mail_events(2)] == ["C", "B"]


def test_the_last_entry_before_a_time_is_found(store: Store) -> None:
    """The last journal entry before a given time is found."""
    for lines in range(20):
        with store.read() as transaction:
            at = transaction.journal.last_line_before
            assert at(NOON) == 0
            assert at(LATER + timedelta(days=1)) == lines
            assert at(NOON + timedelta(minutes=lines, seconds=-90)) == max(lines - 1, 0)
        add_event(store, EventType.ASKED, at=NOON + timedelta(minutes=lines))


# ── Messages that need attention ─────────────────────────────────────────────────────────────────────────


def test_failed_and_late_messages_are_listed(store: Store) -> None:
    """Refused and late messages are listed with reason and time."""
    with store.write() as transaction:
        for place in range(4):
            at = NOON + timedelta(minutes=place)
            transaction.outbox.put(kind=MessageKind.ASK, case=f"C{place}", at=at, useful_until=LATER)
        first, second, third, _ = transaction.outbox.claim(Channel.MAIL, now=LATER, lease=timedelta(minutes=2), limit=9)
        transaction.outbox.finish(first, MessageState.PARKED, at=ODD, reason="550 no such user")
        transaction.outbox.finish(second, MessageState.SENT, at=ODD)
        transaction.outbox.retry(third, due=LATER, reason="451 later", counted=True)

    with store.read() as transaction:
        parked, late = transaction.outbox.parked(5), transaction.outbox.waiting_since(NOON + timedelta(minutes=3), 5)

    assert [(each.case, each.since, each.reason) for each in parked] == [("C0", ODD, "550 no such user")]
    assert [(each.case, each.since, each.reason) for each in late] == [("C2", NOON + timedelta(minutes=2), "451 later")]
