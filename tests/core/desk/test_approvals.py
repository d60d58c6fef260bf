"""A supervisor approves an agent's request at the supervisor's own terminal, and the approval is used once."""

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pytest

from core.adapters.sql.tables import signature_requests
from core.desk.approvals import ApprovalRequestStatus
from core.desk.attention import AttentionReason
from core.desk.authorisation import AgentSession, VerifiedCaller
from core.forms import errors
from core.forms.errors.supervisor_incident_input import SupervisorNeeded
from core.ports import AgentRole, ApprovalState, EventType, Voter
from core.remote_desk.messages import Returned
from core.text.faces.supervisor_approval_texts import ActNeedingApproval, ReopeningReason
from core.text.text import Language
from core.text.translation import translate
from tests.support.database_writer import write_row
from tests.support.desk import (
    AGENT_PASSWORD,
    DeskAgent,
    add_known,
    let_call_go_on,
    new_agent,
    outcome,
    race,
    verified_caller,
)
from tests.support.desk_daemon import Answer, ask, refusal_id, running_daemon
from tests.support.election import STRANGER
from tests.support.worlds import World

OTHER_NUMEN = "98Z7654321XYZ"
FROZEN = ReopeningReason.BY_MISTAKE


@dataclass
class Signing:
    """An agent with a verified caller whose account is frozen, and a supervisor at another terminal."""

    world: World
    agent: DeskAgent
    session: AgentSession
    supervisor: DeskAgent
    at_hers: AgentSession
    voter: Voter
    caller: VerifiedCaller

    def request(self) -> ApprovalRequestStatus:
        caller = verified_caller(self.world, self.session, self.voter)
        return self.world.services.desk.signatures.request(self.session, caller, ActNeedingApproval.UNFREEZE, FROZEN)

    def accept(self, request: str, code: str | None = None) -> object:
        signatures = self.world.services.desk.signatures
        answered = outcome(lambda: signatures.approve(self.at_hers, request, code or self.supervisor.code))
        let_call_go_on(self.world, self.session, self.caller, minutes=1)  # so that the supervisor's next code differs
        return answered

    def use(self, request: str, *, session: AgentSession | None = None, caller: VerifiedCaller | None = None) -> object:
        unfreeze = self.world.services.desk.freezing.unfreeze_with_requested_approval
        acting = session or self.session
        calls = caller or verified_caller(self.world, acting, self.voter)
        return outcome(lambda: unfreeze(acting, calls, request))

    def listed(self, session: AgentSession) -> list[str | None]:
        items = self.world.services.desk.home.overview(session).attention
        return [item.signature for item in items if item.reason is AttentionReason.SIGNATURE]


def signing_in(world: World) -> Signing:
    """Freeze an account for a verified caller while a supervisor is signed in."""
    voter, agent, supervisor = add_known(world), new_agent(world), new_agent(world, "dominique", AgentRole.SUPERVISOR)
    session, at_hers = agent.choose_password(), supervisor.choose_password()
    caller = verified_caller(world, session, voter)
    world.services.desk.freezing.freeze(session, caller)
    return Signing(world, agent, session, supervisor, at_hers, voter, caller)


def test_a_signature_from_afar_is_asked_given_and_used_once(any_world: World) -> None:
    """A requested approval appears on the supervisor's home screen.

    Once given, it reopens the account only once, even if it is used several times at once.
    """
    case, desk = signing_in(any_world), any_world.services.desk
    asked = case.request()
    assert case.listed(case.at_hers) == [asked.id]
    assert case.listed(case.session) == []
    (line,) = (item for item in desk.home.overview(case.at_hers).attention if item.signature)
    assert asked.id in desk.home.overview(case.at_hers).due_call_backs_and_approval_requests
    assert line.name == "Camille Martin"
    question = desk.signatures.action_to_approve(case.at_hers, asked.id)
    assert (question.act, question.name, question.agent, question.reason) == (
        ActNeedingApproval.UNFREEZE,
        "Camille Martin",
        "camille",
        FROZEN,
    )
    assert case.use(asked.id) is errors.ApprovalNotUsable

    assert case.accept(asked.id, "000000") is errors.ApprovalCodeWrong
    assert case.accept(asked.id) is None
    followed = desk.signatures.follow(case.session, asked.id)
    assert (followed.state, followed.supervisor, followed.is_over) == (ApprovalState.ACCEPTED, "dominique", False)
    assert case.listed(case.at_hers) == []
    used = race(
        *(
            partial(desk.freezing.unfreeze_with_requested_approval, case.session, case.caller, asked.id)
            for _ in range(4)
        )
    )

    assert used.count(None) == 1
    assert set(used) <= {None, errors.AccountNotFrozen, errors.ApprovalNotUsable}
    assert any_world.voter().frozen is None
    acts = [(event.act, event.agent) for event in any_world.voter_events(case.voter)]
    assert (EventType.SIGNATURE_REQUESTED, "camille") in acts
    for once in (
        (EventType.SIGNATURE_ACCEPTED, "dominique"),
        (EventType.UNFROZEN, "camille"),
        (EventType.COUNTERSIGNED, "dominique"),
    ):
        assert acts.count(once) == 1
    lines = [translate(each.sentence, Language.FRENCH) for each in desk.files.timeline(case.session, case.voter.id)]
    assert [line for line in lines if "comme responsable" in line] == ["dominique accepte de signer comme responsable."]
    desk.freezing.freeze(case.session, case.caller)
    assert case.use(asked.id) is errors.ApprovalNotUsable, "of another freeze"


def test_of_two_answers_one_counts_and_a_refusal_ends_the_request(any_world: World) -> None:
    """If two supervisors answer a request at the same moment, one answer counts and the other is refused."""
    case, desk = signing_in(any_world), any_world.services.desk
    other = new_agent(any_world, "robin", AgentRole.SUPERVISOR)
    at_theirs, asked = other.choose_password(), case.request()
    code = other.code
    answers = race(
        lambda: desk.signatures.decline(case.at_hers, asked.id),
        lambda: desk.signatures.approve(at_theirs, asked.id, code),
    )
    assert sorted(map(str, answers)) == sorted(map(str, (None, errors.ApprovalRequestOver)))
    accepted = answers[1] is None
    assert (case.use(asked.id) is None) is accepted
    assert (any_world.voter().frozen is None) is accepted


def test_a_signature_serves_no_other_act_file_agent_session_or_time(world: World) -> None:
    """An approval is valid for one action, voter, agent, session and period.

    No supervisor can approve their own request.
    """
    case, desk = signing_in(world), world.services.desk
    asked = case.request()
    assert outcome(lambda: desk.signatures.approve(case.session, asked.id, case.agent.code)) is SupervisorNeeded
    own = verified_caller(world, case.at_hers, case.voter)
    hers = desk.signatures.request(case.at_hers, own, ActNeedingApproval.UNFREEZE, FROZEN)
    assert case.listed(case.at_hers) == [asked.id]
    assert case.accept(hers.id) is errors.SupervisorApprovalRefused
    assert case.use(hers.id, session=case.at_hers, caller=own) is errors.ApprovalNotUsable

    assert case.accept(asked.id) is None
    other = add_known(world, STRANGER, OTHER_NUMEN)
    theirs = verified_caller(world, case.session, other, OTHER_NUMEN)
    desk.freezing.freeze(case.session, theirs)
    assert case.use(asked.id, caller=theirs) is errors.ApprovalNotUsable, "another file"
    colleague = new_agent(world, "claude").choose_password()
    with_colleague = verified_caller(world, colleague, case.voter)
    assert case.use(asked.id, session=colleague, caller=with_colleague) is errors.ApprovalNotUsable, "another agent"
    again = case.agent.sign_in()
    assert case.use(asked.id, session=again) is errors.ApprovalNotUsable, "another session"
    assert outcome(lambda: desk.signatures.follow(again, asked.id)) is errors.ApprovalNotUsable
    assert case.use("x" * 22) is errors.ApprovalNotUsable
    with pytest.raises((TypeError, ValueError)):
        replace(case.session, id="other")

    late = case.request()
    assert case.accept(late.id) is None
    world.clock.move(minutes=world.services.dependencies.policy.signature_valid_minutes)
    assert desk.signatures.follow(case.session, late.id).is_over
    assert case.use(late.id) is errors.ApprovalNotUsable, "over"
    withdrawn, replaced, last = (case.request() for _ in range(3))
    desk.signatures.withdraw(case.session, last.id)
    assert case.listed(case.at_hers) == []
    assert {case.accept(each.id) for each in (withdrawn, replaced, last)} == {errors.ApprovalRequestOver}
    unanswered = case.request()
    world.clock.move(minutes=world.services.dependencies.policy.signature_valid_minutes)
    assert case.accept(unanswered.id) is errors.ApprovalRequestOver
    first = case.request()
    assert case.accept(first.id) is None
    signed = case.request()
    assert case.use(first.id) is errors.ApprovalNotUsable, "accepted, and not used before the next request"
    assert case.accept(signed.id) is None
    desk.accounts.reset_credentials("dominique")
    assert case.use(signed.id) is errors.ApprovalNotUsable, "a supervisor whose account is another since"
    assert world.voter().frozen is not None
    acts = [event.act for event in world.voter_events(case.voter)]
    assert acts.count(EventType.SIGNATURE_REQUESTED) == 9
    assert acts.count(EventType.SIGNATURE_WITHDRAWN) == 5, "all but those that were over"


def test_a_row_that_somebody_wrote_is_no_signature(world: World) -> None:
    """An approval that was written directly into the database is refused."""
    case = signing_in(world)
    asked = case.request()
    forged = {"state": ApprovalState.ACCEPTED.value, "supervisor": "dominique"}
    write_row(world.kept, signature_requests, "id", asked.id, forged)

    assert case.use(asked.id) is errors.ApprovalNotUsable
    assert world.voter().frozen is not None


def test_a_hostile_terminal_makes_no_signature_through_the_daemon(world: World, tmp_path: Path) -> None:
    """A terminal that sends forged or simultaneous calls to the daemon reopens an account only once per approval."""
    case = signing_in(world)

    def token(answer: Answer, field: str = "token") -> str:
        assert isinstance(answer, Returned)
        assert isinstance(answer.value, dict)
        return str(answer.value[field])

    with running_daemon(world.services, tmp_path) as path:
        given = {"password": AGENT_PASSWORD}
        session = token(ask(path, "AgentSessions.sign_in", name="camille", code=case.agent.code, **given))
        signer = token(ask(path, "AgentSessions.sign_in", name="dominique", code=case.supervisor.code, **given))
        verify = {"voter": case.voter.id, "birth_date": "1970-12-31", "numen": "12A1234567BCD"}
        caller = token(ask(path, "CallerVerification.verify", session=session, **verify))
        asks = {"session": session, "caller": caller, "act": "unfreeze", "reason": "by-mistake"}
        asked = token(ask(path, "Approvals.request", **asks), "id")
        refused = {
            "another act": ask(path, "Approvals.request", **{**asks, "act": "freeze"}),
            "a reason of one's own": ask(path, "Approvals.request", **{**asks, "reason": "please"}),
            "the part of an act": ask(path, "Approvals.use", session=session, voter=1, act="unfreeze", request=asked),
            "a code by itself": ask(path, "AgentSessions.confirm_by_code", session=session, code="123456"),
        }
        assert {refusal_id(answer) for answer in refused.values()} == {errors.MalformedDeskRequest.id}
        use = {"session": session, "caller": caller, "request": asked}
        assert (
            refusal_id(ask(path, "AccountFreezing.unfreeze_with_requested_approval", **use))
            == errors.ApprovalNotUsable.id
        )
        for forged in (caller, signer, "x" * 43):
            refusal = refusal_id(ask(path, "AccountFreezing.unfreeze", session=session, caller=caller, approval=forged))
            assert refusal == errors.SupervisorApprovalRefused.id
        world.clock.move(minutes=1)
        code = case.supervisor.code
        assert refusal_id(ask(path, "Approvals.approve", session=session, request=asked, code=code))
        assert isinstance(ask(path, "Approvals.approve", session=signer, request=asked, code=code), Returned)
        assert refusal_id(ask(path, "Approvals.approve", session=signer, request=asked, code=code)) == "signature-over"
        unfreeze = partial(ask, path, "AccountFreezing.unfreeze_with_requested_approval", **use)
        outcomes = race(unfreeze, unfreeze, unfreeze)
        ended = {"subject": {"voter": case.voter.id}, "began": "2018-11-29T12:00:00Z", "outcome": "solved"}
        assert isinstance(ask(path, "CallEnds.end", session=session, call=ended), Returned)
        after = refusal_id(ask(path, "AccountFreezing.freeze", session=session, caller=caller))
        assert after == errors.CallerNotVerified.id, "a verification ends with its call"

    assert sum(isinstance(each, Returned) for each in outcomes) == 1
    assert [event.act for event in world.voter_events(case.voter)].count(EventType.UNFROZEN) == 1
