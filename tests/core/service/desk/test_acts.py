"""What an agent may do for a caller, and only for a caller they have verified (CASES 41 and 43)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest

from core import errors
from core.ports import Act, ParcelKind, Role, Voter
from core.service.desk.acts import DeskAct
from core.service.desk.proofs import Caller, Duty, Signature
from core.words import guiding as words
from tests.support.desk import BORN, NUMEN, OWN, add_known, on_duty, sitting, verified
from tests.support.election import CAMILLE, GOOD, STRANGER, visit
from tests.support.worlds import World

OTHER_NUMEN = "98Z7654321XYZ"
FLOW = "mot-de-passe"


@pytest.fixture
def duty(world: World) -> Duty:
    """An agent on duty."""
    return on_duty(world)


@pytest.fixture
def voter(world: World) -> Voter:
    """Whom the caller says to be."""
    return add_known(world)


@pytest.fixture
def caller(world: World, duty: Duty, voter: Voter) -> Caller:
    """And proved to be."""
    return verified(world, duty, voter)


def signature(
    world: World, duty: Duty, voter: Voter, name: str = "dominique", role: Role = Role.SUPERVISOR
) -> Signature:
    """Of someone new at the desk."""
    someone = sitting(world, name, role)
    someone.arrive()
    return world.house.desk.agents.confirm(duty, voter.id, name, OWN, someone.code)


def why_not(world: World, duty: Duty, voter: Voter, act: DeskAct, caller: Caller | None) -> object:
    """What the button says."""
    guide = world.house.desk.guiding.follow(duty, voter.id, FLOW, caller)
    offers = (*guide.offers, *world.house.desk.freezing.offers(duty, voter.id, caller))
    return next(offer.why_not for offer in offers if offer.act is act)


# ── The caller ───────────────────────────────────────────────────────────────────────────────────────────


def test_case_41_a_wrong_birth_date_and_a_wrong_numen_are_one_answer(world: World, duty: Duty, voter: Voter) -> None:
    """And another person's NUMEN too; the journal keeps no more."""
    other = add_known(world, STRANGER, OTHER_NUMEN)
    for whose, born, numen in ((voter, BORN.replace(day=1), NUMEN), (voter, BORN, OTHER_NUMEN), (other, BORN, NUMEN)):
        with pytest.raises(errors.CallerNotVerified):
            world.house.desk.callers.verify(duty, whose.id, born, numen)

    assert world.kept.lines()[-3:] == [(Act.CALLER_REFUSED, "no-match")] * 3


def test_failed_checks_pause_the_desk_and_never_the_voter(world: World, duty: Duty, voter: Voter) -> None:
    """Five; then even the right answers wait, while the site sends its mail and takes the password."""
    for _ in range(5):
        with pytest.raises(errors.CallerNotVerified):
            world.house.desk.callers.verify(duty, voter.id, BORN, OTHER_NUMEN)
    with pytest.raises(errors.TooManyCallerTries):
        verified(world, duty, voter)

    world.with_password()
    assert world.sessions.sign_in(CAMILLE, GOOD, visit(), case="7F3K-92QD").session
    world.clock.move(minutes=61)
    assert verified(world, duty, voter).voter == voter.id


def test_a_caller_who_answers_well_forgives_nothing(world: World, duty: Duty, voter: Voter) -> None:
    """Or one right answer would refill the tries of a guesser; it costs none itself."""
    for _ in range(4):
        with pytest.raises(errors.CallerNotVerified):
            world.house.desk.callers.verify(duty, voter.id, BORN, OTHER_NUMEN)
        verified(world, duty, voter)
    with pytest.raises(errors.CallerNotVerified):
        world.house.desk.callers.verify(duty, voter.id, BORN, OTHER_NUMEN)
    with pytest.raises(errors.TooManyCallerTries):
        verified(world, duty, voter)


def test_parallel_checks_share_the_count(any_world: World) -> None:
    """On every store."""
    duty, voter, start = on_duty(any_world), add_known(any_world), Barrier(8)

    def guess(_number: int) -> type[errors.Refusal]:
        start.wait()
        try:
            any_world.house.desk.callers.verify(duty, voter.id, BORN, OTHER_NUMEN)
        except errors.Refusal as refusal:
            return type(refusal)
        raise AssertionError

    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(guess, range(8)))

    assert (got.count(errors.CallerNotVerified), got.count(errors.TooManyCallerTries)) == (5, 3)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda caller: replace(caller, voter=caller.voter + 1),
        lambda caller: replace(caller, agent=caller.agent + 1),
        lambda caller: replace(caller, until=caller.until.replace(year=2999)),
        lambda caller: replace(caller, proof=b""),
    ],
)
def test_case_41_a_verified_caller_cannot_be_made_up(
    world: World, duty: Duty, caller: Caller, spoil: Callable[[Caller], Caller]
) -> None:
    """Nor changed into another's."""
    add_known(world, STRANGER, OTHER_NUMEN)
    for act in (world.house.desk.guiding.start_mail, world.house.desk.freezing.freeze):
        with pytest.raises(errors.CallerForgotten):
            act(duty, spoil(caller))


def test_case_41_a_check_is_for_one_agent_and_one_call(world: World, duty: Duty, voter: Voter, caller: Caller) -> None:
    """A colleague verifies for themselves, and so does the same agent half an hour later."""
    colleague = on_duty(world, "claude")
    with pytest.raises(errors.CallerForgotten):
        world.house.desk.guiding.start_mail(colleague, caller)
    assert why_not(world, duty, voter, DeskAct.START_MAIL, caller) is None

    world.clock.move(minutes=31)

    assert why_not(world, duty, voter, DeskAct.START_MAIL, caller) is words.VERIFY_FIRST
    with pytest.raises(errors.CallerForgotten):
        world.house.desk.guiding.start_mail(duty, caller)


def test_case_41_without_a_caller_every_button_says_to_verify_first(world: World, duty: Duty, voter: Voter) -> None:
    """None can be pressed."""
    for act in DeskAct:
        assert why_not(world, duty, voter, act, None) is words.VERIFY_FIRST


def test_an_auditor_does_nothing(world: World, voter: Voter, caller: Caller) -> None:
    """Neither verify nor act; each try is in the journal, and each button says why."""
    auditor = on_duty(world, "claude", Role.AUDITOR)
    tries: list[Callable[[], object]] = [
        lambda: verified(world, auditor, voter),
        lambda: world.house.desk.guiding.start_mail(auditor, caller),
        lambda: world.house.desk.freezing.freeze(auditor, caller),
    ]

    for act in tries:
        with pytest.raises(errors.NotAllowed):
            act()

    assert world.kept.lines()[-3:] == [(Act.ACT_REFUSED, "not-allowed")] * 3
    for button in DeskAct:
        assert why_not(world, auditor, voter, button, caller) is words.READ_ONLY


# ── The mail ─────────────────────────────────────────────────────────────────────────────────────────────


def test_case_41_the_mail_goes_to_the_address_on_the_roll_and_its_link_works(any_world: World) -> None:
    """The agent types no address and sees no link."""
    duty, voter = on_duty(any_world), add_known(any_world)

    number = any_world.house.desk.guiding.start_mail(duty, verified(any_world, duty, voter))
    any_world.courier().round()
    (token,) = any_world.post.links(CAMILLE)
    any_world.links.choose_password(token, GOOD)

    assert any_world.voter().password_set is not None
    assert any_world.acts(number)[0] == Act.ASKED
    assert any_world.journal(number)[0].agent == "camille"


def test_send_again_waits_for_the_pause_and_then_sends(world: World, duty: Duty, voter: Voter, caller: Caller) -> None:
    """The button says from when; pressed too early all the same, nothing happens."""
    guiding = world.house.desk.guiding
    number = guiding.start_mail(duty, caller)
    world.courier().round()

    assert why_not(world, duty, voter, DeskAct.START_MAIL, caller) is words.ASKED_ALREADY
    assert why_not(world, duty, voter, DeskAct.SEND_AGAIN, caller) is not None
    with pytest.raises(errors.AskedTooSoon) as refused:
        guiding.send_again(duty, caller, number)
    assert refused.value.until is not None
    world.clock.move(minutes=3)
    assert why_not(world, duty, voter, DeskAct.SEND_AGAIN, caller) is None
    guiding.send_again(duty, caller, number)
    world.courier().round()

    assert len(world.post.links(CAMILLE)) == 2


def test_a_fourth_link_is_not_sent(world: World, duty: Duty, voter: Voter, caller: Caller) -> None:
    """Three live together, whoever asked."""
    for _ in range(3):
        world.link()
        world.clock.move(minutes=4)

    assert why_not(world, duty, voter, DeskAct.SEND_AGAIN, caller) is words.ENOUGH_LINKS
    with pytest.raises(errors.EnoughLinks):
        world.house.desk.guiding.start_mail(duty, caller)


def test_nothing_is_sent_for_an_account_frozen_or_gone(world: World, duty: Duty, voter: Voter, caller: Caller) -> None:
    """Each with its reason."""
    world.house.desk.freezing.freeze(duty, caller)
    assert why_not(world, duty, voter, DeskAct.START_MAIL, caller) is words.IS_FROZEN
    with pytest.raises(errors.FrozenForDesk):
        world.house.desk.guiding.start_mail(duty, caller)

    with world.store.write() as transaction:
        transaction.roll.remove([voter.id], world.clock.now())
    with pytest.raises(errors.VoterGone):
        world.house.desk.guiding.start_mail(duty, caller)


def test_the_calendar_binds_the_desk(world: World, duty: Duty, voter: Voter) -> None:
    """After the vote the button says so; the refusal names the agent."""
    world.clock.at = world.tools.calendar.vote_closes
    caller = verified(world, duty, voter)

    assert why_not(world, duty, voter, DeskAct.START_MAIL, caller) is errors.VoteClosed.title
    with pytest.raises(errors.VoteClosed):
        world.house.desk.guiding.start_mail(duty, caller)
    assert (world.kept.lines()[-1][0], world.kept.agents()[-1]) == (Act.CALENDAR_REFUSED, "camille")


def test_anothers_case_cannot_be_sent_again(world: World, duty: Duty, caller: Caller) -> None:
    """Its number leads nowhere for this caller."""
    add_known(world, STRANGER, OTHER_NUMEN)
    handle = world.ask(STRANGER)
    world.courier().round()
    world.clock.move(minutes=4)

    with pytest.raises(errors.CaseUnknown):
        world.house.desk.guiding.send_again(duty, caller, world.number(handle))


def test_case_43_agent_and_voter_ask_again_at_once_and_one_message_goes(any_world: World) -> None:
    """One move wins; the agent who loses is told that a message has just been asked for, the voter sees the same page."""
    duty, voter = on_duty(any_world), add_known(any_world)
    caller = verified(any_world, duty, voter)
    for round_ in range(1, 4):
        handle = any_world.ask()
        any_world.courier().round()
        any_world.clock.move(minutes=4)
        number, start = any_world.number(handle), Barrier(2)

        def by_agent(start: Barrier = start, number: str = number, caller: Caller = caller) -> object:
            start.wait()
            try:
                return any_world.house.desk.guiding.send_again(duty, caller, number)
            except errors.AskedTooSoon as refused:
                return type(refused)

        def by_voter(start: Barrier = start, handle: str = handle) -> object:
            start.wait()
            return any_world.askings.ask_again(handle)

        with ThreadPoolExecutor(2) as pool:
            agent, own = pool.submit(by_agent), pool.submit(by_voter)
            assert agent.result() in {None, errors.AskedTooSoon}
            own.result()

        assert any_world.acts(number).count(Act.ASKED) == 2, round_
        any_world.courier().round()
        any_world.clock.move(hours=5)
        caller = verified(any_world, duty, voter)


def test_case_43_two_agents_start_the_mail_at_once(any_world: World) -> None:
    """One case, one message."""
    voter, start = add_known(any_world), Barrier(2)
    duties = [on_duty(any_world, name) for name in ("camille", "claude")]
    callers = [verified(any_world, duty, voter) for duty in duties]

    def begin(place: int) -> object:
        start.wait()
        try:
            return any_world.house.desk.guiding.start_mail(duties[place], callers[place])
        except errors.AskedTooSoon as refused:
            return type(refused)

    with ThreadPoolExecutor(2) as pool:
        got = list(pool.map(begin, range(2)))
    any_world.courier().round()

    assert got.count(errors.AskedTooSoon) == 1
    assert len(any_world.post.links(CAMILLE)) == 1


# ── Freezing ─────────────────────────────────────────────────────────────────────────────────────────────


def kinds(world: World) -> list[ParcelKind]:
    """What waits for the courier."""
    with world.store.write() as transaction:
        found = transaction.outbox.claim(now=world.clock.now(), lease=world.clock.now() - world.clock.now(), limit=99)
    return [parcel.kind for parcel in found]


def test_a_freeze_ends_links_and_tells_the_voter_and_the_platform(
    world: World, duty: Duty, voter: Voter, caller: Caller
) -> None:
    """At once; doing it again changes nothing."""
    token = world.link()

    world.house.desk.freezing.freeze(duty, caller)
    world.house.desk.freezing.freeze(duty, caller)

    with pytest.raises(errors.AccountFrozen):
        world.links.choose_password(token, GOOD)
    assert kinds(world) == [ParcelKind.FROZEN, ParcelKind.HOLD]
    assert why_not(world, duty, voter, DeskAct.FREEZE, caller) is words.IS_FROZEN_ALREADY
    assert why_not(world, duty, voter, DeskAct.UNFREEZE, caller) is None


def test_an_account_is_opened_again_by_two_and_without_its_password(any_world: World) -> None:
    """Both sign, both are in the journal, the voter is told; the former password opens nothing."""
    voter, duty = add_known(any_world), on_duty(any_world)
    any_world.with_password()
    caller = verified(any_world, duty, voter)
    any_world.house.desk.freezing.freeze(duty, caller)
    any_world.courier().round()

    signed = signature(any_world, duty, voter)
    any_world.house.desk.freezing.unfreeze(duty, caller, signed)

    found = any_world.voter()
    assert (found.frozen, found.password, found.password_set) == (None, None, None)
    assert [act for act, _ in any_world.kept.lines()][-2:] == [Act.UNFROZEN, Act.COUNTERSIGNED]
    assert any_world.kept.agents()[-2:] == ["camille", "dominique"]
    assert kinds(any_world) == [ParcelKind.REOPENED, ParcelKind.HOLD]
    with pytest.raises(errors.NotFrozen):
        any_world.house.desk.freezing.unfreeze(duty, caller, signed)


@pytest.mark.parametrize(("name", "role"), [("claude", Role.AGENT), ("claude", Role.AUDITOR)])
def test_only_a_supervisor_signs(world: World, duty: Duty, voter: Voter, name: str, role: Role) -> None:
    """Whatever they know."""
    with pytest.raises(errors.SignatureRefused):
        signature(world, duty, voter, name, role)


def test_a_supervisor_does_not_sign_beside_themselves(world: World, voter: Voter) -> None:
    """It takes two people."""
    someone = sitting(world, "dominique", Role.SUPERVISOR)
    duty = someone.arrive()

    with pytest.raises(errors.SignatureRefused):
        world.house.desk.agents.confirm(duty, voter.id, "dominique", OWN, someone.code)


def test_a_signature_serves_one_voter_one_agent_and_some_minutes(
    world: World, duty: Duty, voter: Voter, caller: Caller
) -> None:
    """And cannot be made up."""
    other = add_known(world, STRANGER, OTHER_NUMEN)
    world.house.desk.freezing.freeze(duty, caller)
    signed = signature(world, duty, voter)
    colleague = on_duty(world, "claude")
    theirs = verified(world, colleague, voter)
    for_another = replace(signed, voter=other.id)

    unfreeze = world.house.desk.freezing.unfreeze
    with pytest.raises(errors.SignatureRefused):
        unfreeze(colleague, theirs, signed)
    with pytest.raises(errors.SignatureRefused):
        unfreeze(duty, caller, for_another)
    world.clock.move(minutes=6)
    with pytest.raises(errors.SignatureRefused):
        unfreeze(duty, caller, signed)
    assert world.kept.lines()[-1] == (Act.ACT_REFUSED, "signature-refused")
