"""Every use case of the desk is either allowed to a terminal, done by it, or refused; and what is allowed crosses the socket."""

import inspect
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.desk.announce_incident_form import NewIncident
from core.desk.call_end_records import CallEnd
from core.desk.desk_use_case_base import CallSubject
from core.desk.sessions_callers_and_approvals import AgentSession
from core.forms.flow_model import FormErrors
from core.ports import AgentRole, IncidentScope, Voter
from core.remote_desk.allowed_remote_calls import ALLOWED, IN_THE_TERMINAL, REFUSED, TERMINAL
from core.remote_desk.request_handling import RESULTS
from core.remote_desk.value_codec import (
    NotSerialisable,
    ValueCodec,
    argument_type,
    is_acceptable_argument,
    result_types,
)
from core.text.faces.call_sentences import CallOutcome
from tests.support.desk import AGENT_PASSWORD, BIRTH_DATE, NUMEN, add_known, new_agent, signed_in_agent
from tests.support.desk_daemon import remote_access
from tests.support.election import CAMILLE
from tests.support.worlds import World

FLOW = "mot-de-passe"


@pytest.fixture
def camille(world: World) -> Voter:
    """Add a voter."""
    return add_known(world, academie="Lumière", phone_ending="42")


@pytest.fixture
def session(world: World, camille: Voter) -> AgentSession:  # noqa: ARG001  # on the roll before anybody calls
    """Sign an agent in, at the desk itself."""
    return signed_in_agent(world)


def test_each_use_case_is_allowed_or_refused(world: World) -> None:
    """A new public method of a part of the desk must be put into one list; a part that no list names is none at all."""
    decided = {call.method for call in ALLOWED} | set(IN_THE_TERMINAL) | set(REFUSED)
    parts = {name: type(part) for name, part in vars(world.services.desk).items()}
    parts.pop("authorisation")  # what use cases ask, and no use case
    undecided = {
        f"{name}.{method}"
        for name, part in parts.items()
        for method, function in vars(part).items()
        if not method.startswith("_") and (inspect.isfunction(function) or isinstance(function, property))
        if function not in decided
    }

    assert not undecided
    assert {(call.part, call.method) for call in ALLOWED if call.part != TERMINAL} == {
        (name, function)
        for name, part in parts.items()
        for function in vars(part).values()
        if inspect.isfunction(function) and function in {call.method for call in ALLOWED}
    }


def test_what_is_allowed_crosses_the_socket() -> None:
    """Each argument and each result is of a type that both ends know."""
    for call in ALLOWED:
        assert call.arguments.__struct_fields__ is not None
    assert result_types(call.types["return"] for call in ALLOWED)

    for wrong in (object, dict, Voter | None):
        with pytest.raises(NotSerialisable):
            argument_type(wrong)
    for wrong in (object, complex, tuple[object, ...]):
        with pytest.raises(NotSerialisable):
            result_types([wrong])
    with pytest.raises(NotSerialisable):
        ValueCodec([], ()).decode({"$": "AgentSession", "name": "camille"})


def test_no_moment_without_its_zone_is_taken() -> None:
    """The end of an incident and the beginning of a call are compared with moments of the store, which have a zone."""
    for moment, taken in ((datetime(2018, 11, 29, 12, tzinfo=UTC), True), (datetime(2018, 11, 29, 12), False)):  # noqa: DTZ001
        incident = NewIncident(sentence="mail-late", scope=IncidentScope.EVERYBODY, until=moment)
        call = CallEnd(subject=CallSubject(), began=moment, outcome=CallOutcome.CUT_OFF)
        assert [is_acceptable_argument(each) for each in (incident, call)] == [taken, taken]


def test_a_terminal_sees_through_the_daemon_what_the_desk_itself_returns(
    world: World, session: AgentSession, camille: Voter, tmp_path: Path
) -> None:
    """Every read of a call, step by step, is equal to what the desk returns, definitions included."""
    agent = new_agent(world, "dominique", AgentRole.SUPERVISOR)
    agent.choose_password()
    desk, voter = world.services.desk, camille.id
    with remote_access(world.services, tmp_path) as remote:
        far = remote.desk
        signed_in = far.sessions.sign_in("dominique", AGENT_PASSWORD, agent.code)
        assert isinstance(signed_in, AgentSession)
        caller = far.verification.verify(signed_in, voter, BIRTH_DATE, NUMEN)
        here = desk.verification.verify(session, voter, BIRTH_DATE, NUMEN)
        number = far.mail.request_mail(signed_in, caller)
        world.courier().run_once()
        steps = tuple(step.code for flow in far.steps.flows for step in flow.steps)
        reads = [
            (far.home.overview(signed_in), desk.home.overview(session)),
            (far.search.find(signed_in, "martin", 20), desk.search.find(session, "martin", 20)),
            (far.quick_search.find(signed_in, steps[0], 20), desk.quick_search.find(session, steps[0], 20)),
            (far.quick_search.find(signed_in, "message spam", 20), desk.quick_search.find(session, "message spam", 20)),
            (far.files.open(signed_in, voter), desk.files.read(session, voter)),
            (far.files.read_case(signed_in, number), desk.files.read_case(session, number)),
            (far.files.timeline(signed_in, voter), desk.files.timeline(session, voter)),
            (
                far.freezing.freeze_and_unfreeze_actions(signed_in, voter, caller),
                desk.freezing.freeze_and_unfreeze_actions(session, voter, here),
            ),
            *(
                (
                    far.guide.view(signed_in, voter, flow.slug, caller, said=steps[1]),
                    desk.guide.view(session, voter, flow.slug, here, said=steps[1]),
                )
                for flow in desk.steps.flows
            ),
            *((far.steps.find_step(code), desk.steps.find_step(code)) for code in ("MP-4", "mp4", "XX-1")),
        ]
        assert far.messages.find_messages_and_problems("code") == desk.messages.find_messages_and_problems("code")
        with pytest.raises(FormErrors) as near_problems:
            desk.sessions.choose_password(new_agent(world, "noe").first_sign_in(), "noe")
        pending = far.sessions.sign_in("louise", *first_credentials(world, "louise"))
        with pytest.raises(FormErrors) as far_problems:
            far.sessions.choose_password(pending, "louise")  # type: ignore[arg-type]  # a first password is due

    near_codec = ValueCodec(RESULTS, desk.steps.flows)  # definitions hold functions, which are never equal
    for from_far, from_near in reads:
        sent = near_codec.encode(from_near)
        assert remote.calls.codec.encode(from_far) == sent
        assert CAMILLE not in repr(sent)
    assert {name: type(each) for name, each in far_problems.value.by_field.items()} == {
        name: type(each) for name, each in near_problems.value.by_field.items()
    }


def first_credentials(world: World, name: str) -> tuple[str, str]:
    """Add an agent and return the first password and a code."""
    agent = new_agent(world, name)
    return agent.credentials.first_password, agent.code
