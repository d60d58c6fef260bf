"""Agents may act only for a caller whom they have verified (CASES 41 and 43)."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest
from msgspec import structs

from core.desk import actions as words
from core.desk.actions import DeskAction
from core.desk.authorisation import AgentSession, SupervisorApproval, VerifiedCaller
from core.forms import errors
from core.forms.flow_model import Channel
from core.ports import AgentRole, EventType, MessageKind, Voter
from core.remote_desk.calls import CallHandler
from core.text.text import Language, Text
from core.text.translation import translate
from tests.support.desk import (
    AGENT_PASSWORD,
    BIRTH_DATE,
    NUMEN,
    add_known,
    let_call_go_on,
    new_agent,
    outcome,
    race,
    signed_in_agent,
    verified_caller,
)
from tests.support.election import CAMILLE, GOOD, STRANGER, visit
from tests.support.stores import writing
from tests.support.worlds import World

OTHER_NUMEN = "98Z7654321XYZ"
FLOW = "mot-de-passe"
ACTS = set(DeskAction) - {DeskAction.VERIFY}


@pytest.fixture
def caller(world: World, session: AgentSession, voter: Voter) -> VerifiedCaller:
    return verified_caller(world, session, voter)


def signature(
    world: World, session: AgentSession, voter: Voter, name: str = "dominique", role: AgentRole = AgentRole.SUPERVISOR
) -> SupervisorApproval:
    """Return the approval of a new agent with this role."""
    someone = new_agent(world, name, role)
    someone.choose_password()
    return world.services.desk.sessions.approval_of_supervisor(session, voter.id, name, AGENT_PASSWORD, someone.code)


def why_not(
    world: World, session: AgentSession, voter: Voter, action: DeskAction, caller: VerifiedCaller | None
) -> object:
    guide = world.services.desk.guide.view(session, voter.id, FLOW, caller)
    actions = (*guide.actions, *world.services.desk.freezing.freeze_and_unfreeze_actions(session, voter.id, caller))
    return next(each.why_not for each in actions if each.action is action)


# ── The caller ───────────────────────────────────────────────────────────────────────────────────────────


def test_case_41_a_wrong_birth_date_and_a_wrong_numen_are_one_answer(
    world: World, session: AgentSession, voter: Voter
) -> None:
    """A wrong birth date, a wrong NUMEN and another voter's NUMEN get the same refusal and the same journal entry."""
    other = add_known(world, STRANGER, OTHER_NUMEN)
    for whose, born, numen in (
        (voter, BIRTH_DATE.replace(day=1), NUMEN),
        (voter, BIRTH_DATE, OTHER_NUMEN),
        (other, BIRTH_DATE, NUMEN),
    ):
        with pytest.raises(errors.CallerAnswersWrong):
            world.services.desk.verification.verify(session, whose.id, born, numen)

    assert world.kept.lines()[-3:] == [(EventType.CALLER_REFUSED, "no-match")] * 3


def test_a_failed_check_says_how_many_are_left(world: World, session: AgentSession, voter: Voter) -> None:
    """A refused caller check says how many checks are left, but not which answer was wrong.

    After five wrong checks, right answers are refused too for an hour.
    """
    said = []
    for _ in range(4):
        with pytest.raises(errors.CallerAnswersWrong) as refused:
            world.services.desk.verification.verify(session, voter.id, BIRTH_DATE, OTHER_NUMEN)
        tries = refused.value.facts["tries"]
        assert isinstance(tries, Text)
        said.append(translate(tries, Language.FRENCH))

    assert said == [
        *(f"Il reste {count} essais, puis une pause de 60 min au plus." for count in (4, 3, 2)),
        "Il reste 1 essai, puis une pause de 60 min au plus.",
    ]

    for numen in (OTHER_NUMEN, NUMEN):
        with pytest.raises(errors.TooManyCallerTries):
            world.services.desk.verification.verify(session, voter.id, BIRTH_DATE, numen)
        assert world.kept.lines()[-1] == (EventType.CALLER_REFUSED, errors.TooManyCallerTries.id)

    world.with_password()
    assert world.sessions.sign_in(CAMILLE, GOOD, visit()).session
    world.clock.move(minutes=61)
    assert verified_caller(world, session, voter).voter == voter.id


def test_a_verification_survives_leaving_the_file_for_two_minutes(
    world: World, session: AgentSession, voter: Voter
) -> None:
    """A caller's verification ends after half an hour, or two minutes after the agent has left the voter's file."""
    verification = world.services.desk.verification
    other = signed_in_agent(world, "robin")
    caller = verified_caller(world, session, voter)
    let_call_go_on(world, session, caller, minutes=5)

    world.clock.move(seconds=119)
    assert verification.resume(other, caller) is None
    assert verification.resume(session, caller) is caller
    world.clock.move(minutes=2)
    assert verification.resume(session, caller) is None
    reloaded = World(world.kept, world.dependencies).services
    CallHandler(world.services.desk, "1").with_reloaded_settings(reloaded.desk)
    for desk in (world.services.desk, reloaded.desk):
        with pytest.raises(errors.CallerNotVerified):
            desk.mail.request_mail(session, caller)
    caller = verified_caller(world, session, voter)
    CallHandler(world.services.desk, "1").with_reloaded_settings(reloaded.desk)
    assert reloaded.desk.verification.resume(session, caller) is caller
    let_call_go_on(world, session, caller, minutes=29)
    assert verification.resume(session, caller) is caller
    world.clock.move(minutes=1)
    assert verification.resume(session, caller) is None


def test_a_verified_caller_does_not_reset_the_count(world: World, session: AgentSession, voter: Voter) -> None:
    """A successful caller check does not reset the count of wrong checks."""
    for _ in range(4):
        with pytest.raises(errors.CallerAnswersWrong):
            world.services.desk.verification.verify(session, voter.id, BIRTH_DATE, OTHER_NUMEN)
        verified_caller(world, session, voter)
    with pytest.raises(errors.TooManyCallerTries):
        world.services.desk.verification.verify(session, voter.id, BIRTH_DATE, OTHER_NUMEN)
    with pytest.raises(errors.TooManyCallerTries):
        verified_caller(world, session, voter)


def test_parallel_checks_share_the_count(any_world: World) -> None:
    """Of eight simultaneous wrong caller checks, exactly five are judged, and the fifth begins the pause."""
    session, voter = signed_in_agent(any_world), add_known(any_world)
    verify = any_world.services.desk.verification.verify

    got = race(*[lambda: verify(session, voter.id, BIRTH_DATE, OTHER_NUMEN)] * 8)

    assert (got.count(errors.CallerAnswersWrong), got.count(errors.TooManyCallerTries)) == (4, 4)


def test_case_41_a_verified_caller_cannot_be_made_up(
    world: World, session: AgentSession, voter: Voter, caller: VerifiedCaller
) -> None:
    """The helpdesk refuses a forged verification of a caller, and a verification that belongs to another voter."""
    for made_up in (
        structs.replace(caller, voter=caller.voter + 1),
        structs.replace(caller, agent=caller.agent + 1),
        structs.replace(caller, until=caller.until.replace(year=2999)),
        VerifiedCaller(agent=session.agent, voter=voter.id, until=caller.until),
    ):
        assert outcome(lambda caller=made_up: world.services.desk.freezing.freeze(session, caller)) is (
            errors.CallerNotVerified
        )

    other = add_known(world, STRANGER, OTHER_NUMEN)
    for action in ACTS:
        assert why_not(world, session, other, action, caller) is words.VERIFY_FIRST


def test_case_41_a_check_is_for_one_agent_and_one_call(
    world: World, session: AgentSession, voter: Voter, caller: VerifiedCaller
) -> None:
    """An agent can act for a caller only if the same agent has verified the caller in the last half hour."""
    colleague = signed_in_agent(world, "claude")
    with pytest.raises(errors.CallerNotVerified):
        world.services.desk.mail.request_mail(colleague, caller)
    assert why_not(world, session, voter, DeskAction.START_MAIL, caller) is None

    world.clock.move(minutes=31)

    assert why_not(world, session, voter, DeskAction.START_MAIL, caller) is words.VERIFY_FIRST
    with pytest.raises(errors.CallerNotVerified):
        world.services.desk.mail.request_mail(session, caller)

    for action in ACTS:
        assert why_not(world, session, voter, action, None) is words.VERIFY_FIRST


def test_an_auditor_does_nothing(world: World, voter: Voter, caller: VerifiedCaller) -> None:
    """An auditor cannot verify a caller, request a mail or freeze an account, and the journal records each attempt."""
    auditor = signed_in_agent(world, "claude", AgentRole.AUDITOR)
    tries: list[Callable[[], object]] = [
        lambda: verified_caller(world, auditor, voter),
        lambda: world.services.desk.mail.request_mail(auditor, caller),
        lambda: world.services.desk.freezing.freeze(auditor, caller),
    ]

    for act in tries:
        with pytest.raises(errors.ActionNotAllowed):
            act()

    assert world.kept.lines()[-3:] == [(EventType.ACT_REFUSED, "not-allowed")] * 3
    assert world.services.desk.guide.view(auditor, voter.id, FLOW, caller).actions == ()
    for action in (DeskAction.FREEZE, DeskAction.UNFREEZE):
        assert why_not(world, auditor, voter, action, caller) is words.READ_ONLY


# ── The mail ─────────────────────────────────────────────────────────────────────────────────────────────


def test_case_41_the_mail_goes_to_the_address_on_the_roll_and_its_link_works(any_world: World) -> None:
    """A mail requested by an agent goes to the address on the roll, its link works, and the journal names the agent."""
    session, voter = signed_in_agent(any_world), add_known(any_world)

    number = any_world.services.desk.mail.request_mail(session, verified_caller(any_world, session, voter))
    any_world.courier().run_once()
    (token,) = any_world.post.links(CAMILLE)
    any_world.links.choose_password(token, GOOD)

    assert any_world.voter().password_set is not None
    assert any_world.acts(number)[0] == EventType.ASKED
    assert any_world.journal(number)[0].agent == "camille"


def test_send_again_waits_for_the_pause_and_then_sends(
    world: World, session: AgentSession, voter: Voter, caller: VerifiedCaller
) -> None:
    """An agent cannot send a mail again before the pause is over. Afterwards the mail is sent."""
    mail = world.services.desk.mail
    number = mail.request_mail(session, caller)
    world.courier().run_once()

    assert why_not(world, session, voter, DeskAction.START_MAIL, caller) is words.ASKED_ALREADY
    pause = why_not(world, session, voter, DeskAction.SEND_AGAIN, caller)
    assert pause is not None
    assert why_not(world, session, voter, DeskAction.SEND_AGAIN, None) == pause
    for known in (None, caller):
        guide = world.services.desk.guide.view(session, voter.id, FLOW, known)
        assert [each.action for each in guide.actions] == [DeskAction.SEND_AGAIN, DeskAction.START_MAIL]
    with pytest.raises(errors.MailRequestedTooSoon) as refused:
        mail.send_again(session, caller, number)
    assert refused.value.until is not None
    let_call_go_on(world, session, caller, minutes=3)
    assert why_not(world, session, voter, DeskAction.SEND_AGAIN, caller) is None
    mail.send_again(session, caller, number)
    world.courier().run_once()

    assert len(world.post.links(CAMILLE)) == 2


def test_the_desk_sends_again_in_the_language_of_the_page(
    world: World, session: AgentSession, voter: Voter, caller: VerifiedCaller
) -> None:
    """A mail that the helpdesk sends again is in the language of the page on which the voter requested the first."""
    handle = world.ask(voter.email, language=Language.ENGLISH)
    world.courier().run_once()
    let_call_go_on(world, session, caller, minutes=3)
    world.services.desk.mail.send_again(session, caller, world.number(handle))
    world.courier().run_once()

    first, second = (str(mail.parsed["Subject"]) for mail in world.post.to(CAMILLE))
    assert first == second
    assert voter.language is not Language.ENGLISH


def test_strangers_who_have_used_up_an_address_do_not_stop_the_desk(
    world: World, session: AgentSession, voter: Voter, caller: VerifiedCaller
) -> None:
    """The helpdesk can mail a link even if strangers have used up the requests of the address.

    All earlier links still work.
    """
    for number in range(world.dependencies.policy.asks_per_address + 1):
        world.ask(network=f"192.0.2.{number}")
    world.courier().run_once()
    let_call_go_on(world, session, caller, minutes=4)

    assert why_not(world, session, voter, DeskAction.SEND_AGAIN, caller) is None
    world.services.desk.mail.request_mail(session, caller)
    world.courier().run_once()

    links = world.post.links(CAMILLE)
    assert len(links) == world.dependencies.policy.asks_per_address + 1
    assert all(world.links.find_working(token) for token in links)


def test_nothing_is_sent_for_an_account_frozen_or_gone(
    world: World, session: AgentSession, voter: Voter, caller: VerifiedCaller
) -> None:
    """A mail for a frozen account, or for a voter who was removed from the roll, is refused with its own reason."""
    world.services.desk.freezing.freeze(session, caller)
    assert why_not(world, session, voter, DeskAction.START_MAIL, caller) is words.IS_FROZEN
    assert why_not(world, session, voter, DeskAction.START_MAIL, None) is words.IS_FROZEN
    with pytest.raises(errors.AccountFrozenForDesk):
        world.services.desk.mail.request_mail(session, caller)

    writing(world.store).roll.remove([voter.id], world.clock.now())
    with pytest.raises(errors.VoterNotOnRoll):
        world.services.desk.mail.request_mail(session, caller)


def test_the_calendar_binds_the_desk(world: World, session: AgentSession, voter: Voter) -> None:
    """After the vote has closed, the helpdesk cannot request a mail, and the journal names the agent who tried."""
    world.clock.at = world.dependencies.calendar.vote_closes
    caller = verified_caller(world, session, voter)

    assert why_not(world, session, voter, DeskAction.START_MAIL, caller) is errors.VoteClosed.title
    with pytest.raises(errors.VoteClosed):
        world.services.desk.mail.request_mail(session, caller)
    assert (world.kept.lines()[-1][0], world.kept.agents()[-1]) == (EventType.CALENDAR_REFUSED, "camille")


def test_anothers_case_cannot_be_sent_again(world: World, session: AgentSession, caller: VerifiedCaller) -> None:
    """An agent cannot send the mail of a case again if the case does not belong to the verified caller."""
    add_known(world, STRANGER, OTHER_NUMEN)
    handle = world.ask(STRANGER)
    world.courier().run_once()
    let_call_go_on(world, session, caller, minutes=4)

    with pytest.raises(errors.CaseUnknown):
        world.services.desk.mail.send_again(session, caller, world.number(handle))


def test_case_43_agent_and_voter_ask_again_at_once_and_one_message_goes(any_world: World) -> None:
    """If an agent and the voter request another mail at the same moment, only one mail is requested."""
    session, voter = signed_in_agent(any_world), add_known(any_world)
    send_again = any_world.services.desk.mail.send_again
    for round_ in range(1, 4):
        handle = any_world.ask()
        any_world.courier().run_once()
        any_world.clock.move(minutes=4)
        caller = verified_caller(any_world, session, voter)
        number = any_world.number(handle)

        agent, _voter = race(partial(send_again, session, caller, number), partial(any_world.ask_again, handle))

        assert agent in {None, errors.MailRequestedTooSoon}
        assert any_world.acts(number).count(EventType.ASKED) == 2, round_
        any_world.courier().run_once()
        any_world.clock.move(hours=5)


def test_case_43_two_agents_start_the_mail_at_once(any_world: World) -> None:
    """If two agents request the mail for one voter at the same moment, one mail is sent and one agent is refused."""
    voter, start = add_known(any_world), any_world.services.desk.mail.request_mail
    sessions = [signed_in_agent(any_world, name) for name in ("camille", "claude")]

    got = race(*(partial(start, session, verified_caller(any_world, session, voter)) for session in sessions))
    any_world.courier().run_once()

    assert got.count(errors.MailRequestedTooSoon) == 1
    assert len(any_world.post.links(CAMILLE)) == 1


# ── Freezing ─────────────────────────────────────────────────────────────────────────────────────────────


def kinds(world: World) -> list[MessageKind]:
    found = writing(world.store).outbox.claim(
        Channel.MAIL, now=world.clock.now(), lease=world.clock.now() - world.clock.now(), limit=99
    )
    return [message.kind for message in found]


def test_a_freeze_ends_links_and_tells_the_voter_and_the_platform(
    world: World, session: AgentSession, voter: Voter, caller: VerifiedCaller
) -> None:
    """A freeze ends the voter's links, mails the voter and informs the voting platform.

    A second freeze changes nothing.
    """
    token = world.link()

    world.services.desk.freezing.freeze(session, caller)
    world.services.desk.freezing.freeze(session, caller)

    with pytest.raises(errors.AccountFrozen):
        world.links.choose_password(token, GOOD)
    assert kinds(world) == [MessageKind.HOLD, MessageKind.FROZEN]
    assert why_not(world, session, voter, DeskAction.FREEZE, caller) is words.IS_FROZEN_ALREADY
    assert why_not(world, session, voter, DeskAction.UNFREEZE, caller) is None


def test_unfreezing_takes_two_people_and_clears_the_password(any_world: World) -> None:
    """Unfreezing needs an agent and a supervisor, whom the journal both names.

    It deletes the password and mails the voter.
    """
    voter, session = add_known(any_world), signed_in_agent(any_world)
    any_world.with_password()
    caller = verified_caller(any_world, session, voter)
    any_world.services.desk.freezing.freeze(session, caller)
    any_world.courier().run_once()

    signed = signature(any_world, session, voter)
    any_world.services.desk.freezing.unfreeze(session, caller, signed)

    found = any_world.voter()
    assert (found.frozen, found.password, found.password_set) == (None, None, None)
    assert [act for act, _ in any_world.kept.lines()][-2:] == [EventType.UNFROZEN, EventType.COUNTERSIGNED]
    assert any_world.kept.agents()[-2:] == ["camille", "dominique"]
    assert kinds(any_world) == [MessageKind.HOLD, MessageKind.REOPENED]
    with pytest.raises(errors.AccountNotFrozen):
        any_world.services.desk.freezing.unfreeze(session, caller, signed)
    any_world.services.desk.freezing.freeze(session, caller)
    with pytest.raises(errors.SupervisorApprovalRefused):  # the approval was for the previous freeze
        any_world.services.desk.freezing.unfreeze(session, caller, signed)


def test_a_reopened_voter_who_never_asked_is_sent_the_mail(
    world: World, session: AgentSession, voter: Voter, caller: VerifiedCaller
) -> None:
    """An agent can send the first mail to a voter whose account was frozen and reopened."""
    world.services.desk.freezing.freeze(session, caller)
    world.services.desk.freezing.unfreeze(session, caller, signature(world, session, voter))

    assert why_not(world, session, voter, DeskAction.START_MAIL, caller) is None
    assert why_not(world, session, voter, DeskAction.SEND_AGAIN, caller) is words.NOT_ASKED
    world.services.desk.mail.request_mail(session, caller)
    world.courier().run_once()
    assert world.post.links(CAMILLE)


def test_only_another_supervisor_signs(world: World, session: AgentSession, voter: Voter) -> None:
    """An agent, an auditor or the acting supervisor cannot approve an action. Only another supervisor can."""
    for name, role in (("claude", AgentRole.AGENT), ("robin", AgentRole.AUDITOR)):
        with pytest.raises(errors.SupervisorApprovalRefused):
            signature(world, session, voter, name, role)

    someone = new_agent(world, "dominique", AgentRole.SUPERVISOR)
    own, approve = someone.choose_password(), world.services.desk.sessions.approval_of_supervisor
    with pytest.raises(errors.SupervisorApprovalRefused):
        approve(own, voter.id, "dominique", AGENT_PASSWORD, someone.code)


def test_a_signature_is_for_one_agent_and_some_minutes(
    world: World, session: AgentSession, voter: Voter, caller: VerifiedCaller
) -> None:
    """A supervisor's approval cannot be changed, and is valid for one agent, one voter and a few minutes."""
    other = add_known(world, STRANGER, OTHER_NUMEN)
    world.services.desk.freezing.freeze(session, caller)
    signed = signature(world, session, voter)
    colleague = signed_in_agent(world, "claude")
    theirs = verified_caller(world, colleague, voter)

    unfreeze = world.services.desk.freezing.unfreeze
    with pytest.raises(errors.SupervisorApprovalRefused):
        unfreeze(colleague, theirs, signed)
    with pytest.raises((TypeError, ValueError)):
        replace(signed, voter=other.id)
    with_other = verified_caller(world, session, other, OTHER_NUMEN)
    world.services.desk.freezing.freeze(session, with_other)
    with pytest.raises(errors.SupervisorApprovalRefused):
        unfreeze(session, with_other, signed)
    world.clock.move(minutes=6)
    with pytest.raises(errors.SupervisorApprovalRefused):
        unfreeze(session, verified_caller(world, session, voter), signed)
    assert world.kept.lines()[-1] == (EventType.ACT_REFUSED, "signature-refused")
