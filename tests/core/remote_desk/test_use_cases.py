"""Terminals may call certain use cases of the helpdesk through the daemon, and no others."""

import inspect
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec import structs, to_builtins

from core.desk.accounts import AgentAccounts
from core.desk.approvals import Approvals
from core.desk.authorisation import AgentSession
from core.desk.call_backs import CallBacks
from core.desk.call_ends import CallEnd
from core.desk.error_lookup import ErrorMessageLookup
from core.desk.files import VoterFiles
from core.desk.freezing import AccountFreezing
from core.desk.guide import CallGuide
from core.desk.hand_overs import HandOvers
from core.desk.home import HomeOverviewReader
from core.desk.incident_form import NewIncident
from core.desk.incidents import IncidentBoard
from core.desk.mails import RecoveryMailRequests
from core.desk.search import FindAnythingSearch
from core.desk.sessions import AgentSessions
from core.desk.steps import StepCodeLookup
from core.desk.subjects import CallSubject
from core.desk.verification import CallerVerification
from core.desk.voter_search import VoterSearch
from core.desk.voter_status import VoterStatusReader
from core.forms.flow_model import FormErrors
from core.ports import AgentRole, IncidentScope, Voter
from core.remote_desk.calls import is_storable
from core.remote_desk.use_cases import ACTS, BY_NAME, READS
from core.text.faces.call_sentences import CallOutcome
from tests.support.desk import AGENT_PASSWORD, BIRTH_DATE, NUMEN, add_known, new_agent, signed_in_agent
from tests.support.desk_daemon import remote_access
from tests.support.election import CAMILLE
from tests.support.worlds import World

IN_THE_TERMINAL: tuple[object, ...] = (
    StepCodeLookup.find_step,
    StepCodeLookup.definition,
    StepCodeLookup.flow_of_step,
    ErrorMessageLookup.find_messages_and_problems,
)
"""Use cases that a terminal runs itself, because they read only the definitions of the flows."""
REFUSED: Mapping[object, str] = {
    AgentAccounts.list_all: "the operator's",
    AgentAccounts.add: "the operator's: it returns secrets",
    AgentAccounts.reset_credentials: "the operator's: it returns secrets",
    AgentAccounts.remove: "the operator's",
    AgentAccounts.reencrypt_totp_secrets: "the operator's",
    RecoveryMailRequests.offered_mail_actions: "the guide's: it takes rows of the store",
    AgentSessions.use_up_totp_code: "the approvals'",
    Approvals.actions_session_may_approve: "the home's: it takes its transaction",
    Approvals.use: "other acts': it takes their transaction",
    CallBacks.add: "other acts': it takes their transaction",
    CallBacks.finish: "other acts': it takes their transaction",
    CallBacks.finish_all: "other acts': it takes their transaction",
    CallBacks.find_call_back_taken_by_agent: "other acts': it takes their transaction",
    CallBacks.call_back_lines: "the home's: it takes its transaction",
    HandOvers.add: "other acts': it takes their transaction",
    HandOvers.hand_over_lines: "the home's: it takes its transaction",
    IncidentBoard.read: "the home's: it takes its transaction",
    IncidentBoard.incidents_of_voter: "the guide's: it takes its transaction",
    CallerVerification.paused_until: "the status line's: it takes its transaction",
    CallerVerification.why_not_act: "the actions': it takes their transaction",
    VoterStatusReader.read: "the guide's: it takes its transaction",
    VoterStatusReader.open_files: "the overview's: it names voters by their ids",
}
"""Public methods of the helpdesk that no terminal may call, and the reasons."""


@pytest.fixture
def camille(world: World) -> Voter:
    return add_known(world, academie="Lumière", phone_ending="42")


@pytest.fixture
def session(world: World, camille: Voter) -> AgentSession:  # noqa: ARG001  # on the roll before anybody calls
    return signed_in_agent(world)


def test_each_use_case_is_allowed_or_refused(world: World) -> None:
    """Every public method of the helpdesk is either allowed to terminals or refused."""
    decided = {*READS, *ACTS, *IN_THE_TERMINAL, *REFUSED}
    held = vars(world.services.desk).items()
    parts = {name: type(part) for name, part in held if type(part).__module__.startswith("core.desk.")}
    parts.pop("authorisation")  # the use cases call it, but terminals do not
    public = {
        f"{name}.{method}": function
        for name, part in parts.items()
        for method, function in vars(part).items()
        if not method.startswith("_") and (inspect.isfunction(function) or isinstance(function, property))
    }

    assert [name for name, function in public.items() if function not in decided] == []
    assert {*READS, *ACTS} <= {*public.values()}
    assert len(BY_NAME) == len(READS) + len(ACTS)


def test_what_is_allowed_can_be_sent() -> None:
    """The arguments and the answer of each allowed use case can be encoded.

    Values that the daemon keeps are sent as tokens.
    """
    for use_case in BY_NAME.values():
        arguments = {each.name: each.type for each in structs.fields(use_case.arguments)}
        assert use_case.answer is not None
        assert {arguments[name] for name in use_case.held_arguments} <= {str, str | None}
        assert ("session" in arguments) == ("session" in use_case.held_arguments)


def test_no_moment_without_its_zone_is_taken() -> None:
    """A time without a time zone is refused, because it cannot be compared with stored times."""
    for moment, taken in ((datetime(2018, 11, 29, 12, tzinfo=UTC), True), (datetime(2018, 11, 29, 12), False)):  # noqa: DTZ001
        incident = NewIncident(sentence="mail-late", scope=IncidentScope.EVERYBODY, until=moment)
        call = CallEnd(subject=CallSubject(), began=moment, outcome=CallOutcome.CUT_OFF)
        sent = [to_builtins(each, builtin_types=(datetime,)) for each in (incident, call)]
        assert [is_storable(each) for each in sent] == [taken, taken]


def test_a_terminal_sees_through_the_daemon_what_the_desk_itself_returns(
    world: World, camille: Voter, tmp_path: Path
) -> None:
    """Every read through the daemon returns the same as the helpdesk itself, for the same agent."""
    agent = new_agent(world, "dominique", AgentRole.SUPERVISOR)
    session = agent.choose_password()
    desk, voter = world.services.desk, camille.id
    with remote_access(world.services, tmp_path) as remote:
        far = remote
        signed_in = far.call(AgentSessions.sign_in, "dominique", AGENT_PASSWORD, agent.code)
        assert isinstance(signed_in, AgentSession)
        caller = far.call(CallerVerification.verify, signed_in, voter, BIRTH_DATE, NUMEN)
        here = desk.verification.verify(session, voter, BIRTH_DATE, NUMEN)
        number = far.call(RecoveryMailRequests.request_mail, signed_in, caller)
        world.courier().run_once()
        steps = tuple(step.code for flow in far.steps.flows for step in flow.steps)
        reads = [
            (far.call(HomeOverviewReader.overview, signed_in), desk.home.overview(session)),
            (far.call(VoterSearch.find, signed_in, "martin", 20), desk.search.find(session, "martin", 20)),
            (far.call(FindAnythingSearch.find, signed_in, steps[0], 20), desk.quick_search.find(session, steps[0], 20)),
            (
                far.call(FindAnythingSearch.find, signed_in, "message spam", 20),
                desk.quick_search.find(session, "message spam", 20),
            ),
            (far.call(VoterFiles.open, signed_in, voter), desk.files.read(session, voter)),
            (far.call(VoterFiles.read_case, signed_in, number), desk.files.read_case(session, number)),
            (far.call(VoterFiles.timeline, signed_in, voter), desk.files.timeline(session, voter)),
            (
                far.call(AccountFreezing.freeze_and_unfreeze_actions, signed_in, voter, caller),
                desk.freezing.freeze_and_unfreeze_actions(session, voter, here),
            ),
            *(
                (
                    far.call(CallGuide.view, signed_in, voter, flow.slug, caller, said=steps[1]),
                    desk.guide.view(session, voter, flow.slug, here, said=steps[1]),
                )
                for flow in desk.steps.flows
            ),
            *((far.steps.find_step(code), desk.steps.find_step(code)) for code in ("MP-4", "mp4", "XX-1")),
        ]
        assert far.messages.find_messages_and_problems("code") == desk.messages.find_messages_and_problems("code")
        with pytest.raises(FormErrors) as near_problems:
            desk.sessions.choose_password(new_agent(world, "noe").first_sign_in(), "noe")
        pending = far.call(AgentSessions.sign_in, "louise", *first_credentials(world, "louise"))
        with pytest.raises(FormErrors) as far_problems:
            far.call(AgentSessions.choose_password, pending, "louise")  # type: ignore[arg-type]  # a first password is due

    for from_far, from_near in reads:
        assert from_far == from_near
        assert CAMILLE not in repr(from_far)
    assert {name: type(each) for name, each in far_problems.value.by_field.items()} == {
        name: type(each) for name, each in near_problems.value.by_field.items()
    }


def first_credentials(world: World, name: str) -> tuple[str, str]:
    """Add an agent and return the first password and a code."""
    agent = new_agent(world, name)
    return agent.credentials.first_password, agent.code
