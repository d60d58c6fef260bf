"""What every store keeps for the desk: its people, the roll as it is searched, histories, and what needs attention."""

from datetime import timedelta

import msgspec
import pytest

from core.ports import Act, Actor, Event, Listed, Moved, ParcelKind, ParcelState, Recovery, Role, Store, Voter
from core.recovery import Identified
from tests.support.election import CAMILLE, NOON, ODD, STRANGER, add_voters, entry

LATER = NOON + timedelta(hours=1)
MARTINS = (
    entry(),
    entry(
        "zoe@ac-lumiere.example", last_name="O'Connor-Le Goff", first_name="Zoé", academie="Lumière", phone_ending="78"
    ),
    entry("jp@ac-lumiere.example", last_name="Martinez", first_name="Jean-Pierre"),
    entry("o@ac-lumiere.example", last_name="Œuvrard", first_name="Łukasz"),
)


def sought(store: Store, *beginnings: str, limit: int = 10) -> list[str]:
    """The addresses of those found by names."""
    with store.read() as transaction:
        return [listed.email for listed in transaction.directory.named(beginnings, limit=limit).found]


def keep(store: Store, number: str, voter: int | None, began: object = NOON) -> Recovery:
    """A case, of that voter if it is known whose."""
    state = Identified(typed=CAMILLE, address=CAMILLE)
    case = Recovery(handle=number.encode(), number=number, flow="mot-de-passe", state=state, began=began)  # type: ignore[arg-type]  # a moment
    with store.write() as transaction:
        transaction.recoveries.add(case)
        if voter is not None:
            transaction.recoveries.move(case, state, voter=voter)
    return case


def note(store: Store, act: Act, *, case: str | None = None, voter: int | None = None, at: object = NOON) -> None:
    """A line of the journal."""
    event = Event(at=at, actor=Actor.COURIER, act=act, case=case, voter=voter, agent="camille")  # type: ignore[arg-type]  # a moment
    with store.write() as transaction:
        transaction.journal.write(event)


# ── The people at the desk ───────────────────────────────────────────────────────────────────────────────


def test_an_agent_is_kept_as_given_and_a_name_serves_once(store: Store) -> None:
    """Found by name, and among everyone."""
    with store.write() as transaction:
        first = transaction.agents.add("camille", role=Role.AGENT, password="hash", secret=b"\0\xff", at=ODD)
        second = transaction.agents.add("camille", role=Role.AUDITOR, password="other", secret=b"", at=ODD)
        transaction.agents.add("aline", role=Role.SUPERVISOR, password="hash", secret=b"s", at=ODD)

    with store.read() as transaction:
        found = transaction.agents.by_name("camille")
        assert [agent.name for agent in transaction.agents.all()] == ["aline", "camille"]
        assert transaction.agents.by_name("nobody") is None
    assert (first, second) == (True, False)
    assert found is not None
    assert (found.role, found.password, found.secret, found.added) == (Role.AGENT, "hash", b"\0\xff", ODD)
    assert (found.first, found.step, found.epoch, found.removed) == (True, 0, 0, None)


def test_each_change_of_an_agent_is_a_move(store: Store) -> None:
    """Whoever decided on a former epoch must decide again."""
    with store.write() as transaction:
        transaction.agents.add("camille", role=Role.AGENT, password="first", secret=b"s", at=NOON)
        transaction.agents.choose_password(1, "own", epoch=0)
        transaction.agents.rehash(1, "rehashed", epoch=1)
        transaction.agents.reseal(1, b"anew", epoch=1)
    with pytest.raises(Moved), store.write() as transaction:
        transaction.agents.choose_password(1, "stale", epoch=0)

    with store.read() as transaction:
        chosen = transaction.agents.by_name("camille")
    assert chosen is not None
    assert (chosen.password, chosen.secret, chosen.first, chosen.epoch) == ("rehashed", b"anew", False, 1)

    with store.write() as transaction:
        transaction.agents.remove(1, epoch=1, at=LATER)
        removed = transaction.agents.by_name("camille")
        transaction.agents.renew(1, role=Role.SUPERVISOR, password="second", secret=b"t", epoch=2)
        renewed = transaction.agents.by_name("camille")
    assert removed is not None
    assert renewed is not None
    assert (removed.removed, removed.epoch) == (LATER, 2)
    assert (renewed.removed, renewed.first, renewed.role, renewed.step) == (None, True, Role.SUPERVISOR, 0)


def test_a_time_step_is_accepted_once_and_never_an_older_one(store: Store) -> None:
    """A code serves once."""
    with store.write() as transaction:
        transaction.agents.add("camille", role=Role.AGENT, password="hash", secret=b"s", at=NOON)
        assert [transaction.agents.accept(1, step) for step in (58_000_000, 58_000_000, 57_999_999, 58_000_001)] == [
            True,
            False,
            False,
            True,
        ]


# ── The roll, searched ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("beginnings", "found"),
    [
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
    ],
)
def test_names_are_found_by_their_beginnings(store: Store, beginnings: tuple[str, ...], found: list[str]) -> None:
    """Folded, in any order; the exact word first."""
    add_voters(store, *MARTINS)

    assert sought(store, *beginnings) == found


def test_a_list_is_cut_and_says_that_there_are_more(store: Store) -> None:
    """Three of ten; and of an address likewise."""
    add_voters(store, *(entry(f"m{number}@ac-lumiere.example") for number in range(10)))

    with store.read() as transaction:
        named = transaction.directory.named(("mart", "cam"), limit=3)
        addressed = transaction.directory.addressed("m", limit=3)
        exactly = transaction.directory.addressed("m7@ac-lumiere.example", limit=3)

    assert (len(named.found), named.more) == (3, True)
    assert ([listed.email[:2] for listed in addressed.found], addressed.more) == (["m0", "m1", "m2"], True)
    assert (len(exactly.found), exactly.more) == (1, False)


def test_a_correction_and_a_removal_are_seen_at_once(store: Store) -> None:
    """The former name finds nobody any more; someone removed is not found at all."""
    first, second = add_voters(store, *MARTINS[:2])
    with store.write() as transaction:
        transaction.roll.correct([(first.id, entry(last_name="Durand"))])
        transaction.roll.remove([second.id], NOON)

    assert (sought(store, "martin"), sought(store, "durand"), sought(store, "goff")) == ([], [CAMILLE], [])
    assert sought(store, "camille") == [CAMILLE]
    with store.read() as transaction:
        assert transaction.directory.listed(second.id) is None
        assert transaction.directory.addressed("zoe", limit=5).found == ()


def test_a_line_of_the_list_has_what_tells_people_apart(store: Store) -> None:
    """And nothing that identifies them."""
    (zoe,) = add_voters(store, MARTINS[1])

    with store.read() as transaction:
        assert transaction.directory.listed(zoe.id) == Listed(
            voter=zoe.id,
            email=zoe.email,
            last_name="O'Connor-Le Goff",
            first_name="Zoé",
            academie="Lumière",
            phone_ending="78",
            frozen=None,
        )


def test_the_entries_can_be_read_and_added_to_in_one_transaction(store: Store) -> None:
    """As an import does: on PostgreSQL too."""
    add_voters(store, entry())

    with store.write() as transaction:
        assert len(list(transaction.roll.entries())) == 1
        transaction.roll.add(iter([entry(STRANGER)]))
        assert len(list(transaction.roll.entries())) == 2


# ── The account ──────────────────────────────────────────────────────────────────────────────────────────


def test_an_account_opened_again_has_no_password(store: Store) -> None:
    """Whoever made it be frozen may have chosen the password."""
    (camille,) = add_voters(store, entry())
    with store.write() as transaction:
        transaction.voters.choose_password(camille.id, "theirs", epoch=0, at=NOON)
        transaction.voters.freeze(camille.id, epoch=1, at=ODD)
        assert [listed.frozen for listed in transaction.voters.frozen(5)] == [ODD]
        transaction.voters.unfreeze(camille.id, epoch=2)
    with pytest.raises(Moved), store.write() as transaction:
        transaction.voters.unfreeze(camille.id, epoch=2)

    with store.read() as transaction:
        found = transaction.voters.by_id(camille.id)
        assert transaction.voters.frozen(5) == []
    assert found == msgspec.structs.replace(camille, epoch=3)


def test_both_digests_must_match(store: Store) -> None:
    """Of that very voter."""
    camille, other = add_voters(store, entry(numen_digest=b"numen"), entry(STRANGER, numen_digest=b"other"))

    def matches(voter: Voter, birth_date: bytes, numen: bytes) -> bool:
        with store.read() as transaction:
            return transaction.voters.matches(voter.id, birth_date=birth_date, numen=numen)

    assert matches(camille, b"birth date", b"numen")
    assert not matches(camille, b"birth date", b"other")
    assert not matches(camille, b"other date", b"numen")
    assert not matches(other, b"birth date", b"numen")


# ── Histories ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_voters_cases_come_latest_first(store: Store) -> None:
    """Those that are known to be theirs."""
    camille, other = add_voters(store, entry(), entry(STRANGER))
    keep(store, "A", camille.id)
    keep(store, "B", camille.id, LATER)
    keep(store, "C", other.id)
    keep(store, "D", None)

    with store.read() as transaction:
        assert [case.number for case in transaction.recoveries.of_voter(camille.id, 5)] == ["B", "A"]
        assert [case.number for case in transaction.recoveries.of_voter(camille.id, 1)] == ["B"]
        assert [transaction.recoveries.voter_of(number) for number in "ACDX"] == [camille.id, other.id, None, None]


def test_a_voters_history_holds_what_was_asked_before_anyone_knew_whose_it_was(store: Store) -> None:
    """By the case: an ask looks nobody up. Each line once, though it names both."""
    camille, other = add_voters(store, entry(), entry(STRANGER))
    keep(store, "A", camille.id)
    keep(store, "C", other.id)
    note(store, Act.ASKED, case="A")
    note(store, Act.ASKED, case="C")
    note(store, Act.LINK_DECIDED, case="A", voter=camille.id)
    note(store, Act.SIGNED_OUT, voter=camille.id)
    note(store, Act.ROLL_IMPORTED)

    with store.read() as transaction:
        history = transaction.journal.voter_history(camille.id, 10)
        last = transaction.journal.voter_history(camille.id, 2)
        of_case = transaction.journal.case_history("A", 10)

    assert [written.event.act for written in history] == [Act.ASKED, Act.LINK_DECIDED, Act.SIGNED_OUT]
    assert last == history[1:]
    assert of_case == history[:2]
    assert history[0].event.agent == "camille"


def test_the_bounces_come_latest_first(store: Store) -> None:
    """And nothing else."""
    for case in "ABC":
        note(store, Act.MAIL_BOUNCED, case=case)
        note(store, Act.MAIL_ACCEPTED, case=case)

    with store.read() as transaction:
        assert [written.event.case for written in transaction.journal.bounced(2)] == ["C", "B"]


@pytest.mark.parametrize("lines", [0, 1, 2, 7, 64])
def test_the_last_line_before_a_moment(store: Store, lines: int) -> None:
    """Found by halving, from the first to beyond the last."""
    for number in range(lines):
        note(store, Act.ASKED, at=NOON + timedelta(minutes=number))

    with store.read() as transaction:
        at = transaction.journal.line_at
        assert at(NOON) == 0
        assert at(LATER + timedelta(days=1)) == lines
        assert at(NOON + timedelta(minutes=lines, seconds=-90)) == max(lines - 1, 0)


# ── What needs attention ─────────────────────────────────────────────────────────────────────────────────


def test_parked_and_late_messages_are_listed(store: Store) -> None:
    """With their reason and since when; what has ended well is not."""
    with store.write() as transaction:
        for place in range(4):
            at = NOON + timedelta(minutes=place)
            transaction.outbox.put(kind=ParcelKind.ASK, case=f"C{place}", at=at, useful_until=LATER)
        first, second, third, _ = transaction.outbox.claim(now=LATER, lease=timedelta(minutes=2), limit=9)
        transaction.outbox.finish(first, ParcelState.PARKED, at=ODD, reason="550 no such user")
        transaction.outbox.finish(second, ParcelState.SENT, at=ODD)
        transaction.outbox.retry(third, due=LATER, reason="451 later", counted=True)

    with store.read() as transaction:
        parked, late = transaction.outbox.parked(5), transaction.outbox.late(NOON + timedelta(minutes=3), 5)

    assert [(each.case, each.since, each.reason) for each in parked] == [("C0", ODD, "550 no such user")]
    assert [(each.case, each.since, each.reason) for each in late] == [("C2", NOON + timedelta(minutes=2), "451 later")]
