"""Agents sign in at the helpdesk with a name, a password and a single-use code."""

import pytest
from msgspec import structs

from core.desk.authorisation import AgentSession
from core.forms import errors
from core.forms.errors.supervisor_incident_input import SupervisorNeeded
from core.forms.flow_model import FormErrors
from core.ports import AgentRole, EventType
from tests.support.desk import AGENT_PASSWORD, DeskAgent, add_known, new_agent, outcome, race, signed_in_agent
from tests.support.stores import reading
from tests.support.worlds import World

CROWD = 8
WRONG = "000000"


def sign_in(world: World, name: str, password: str, code: str) -> object:
    return outcome(lambda: world.services.desk.sessions.sign_in(name, password, code))


@pytest.fixture
def camille(world: World) -> DeskAgent:
    agent = new_agent(world)
    agent.choose_password()
    return agent


def test_the_first_password_only_serves_to_choose_another(world: World) -> None:
    """An agent's first password can be used only once, to choose another password."""
    agent = new_agent(world)
    pending = agent.first_sign_in()

    session = world.services.desk.sessions.choose_password(pending, AGENT_PASSWORD)
    world.clock.move(minutes=1)

    assert (session.name, session.role) == ("camille", AgentRole.AGENT)
    assert sign_in(world, "camille", agent.credentials.first_password, agent.code) is errors.AgentUnknown
    with pytest.raises(errors.AgentSessionOver):
        world.services.desk.sessions.choose_password(pending, "Une autre phrase 44")


def test_an_easily_guessed_password_is_refused(world: World) -> None:
    """An agent cannot choose a password that is easy to guess, and may then choose another."""
    pending = new_agent(world).first_sign_in()
    for password in ("camille camille 9A", "Password1234", "Azertyuiop123"):
        with pytest.raises(FormErrors) as refused:
            world.services.desk.sessions.choose_password(pending, password)

        assert "new_password" in refused.value.by_field
    assert isinstance(world.services.desk.sessions.choose_password(pending, AGENT_PASSWORD), AgentSession)


def test_a_wrong_name_password_or_code_is_one_answer_and_one_hash(world: World, camille: DeskAgent) -> None:
    """A wrong name, password or code gets the same refusal and costs one password hash.

    Nobody can learn which names exist.
    """
    tries = [
        ("nobody", AGENT_PASSWORD, camille.code),
        ("camille", "wrong", camille.code),
        ("camille", AGENT_PASSWORD, WRONG),
    ]
    for name, password, code in tries:
        before = world.hasher.verified
        assert sign_in(world, name, password, code) is errors.AgentUnknown
        assert world.hasher.verified == before + 1


def test_a_telephone_may_be_half_a_minute_off(world: World, camille: DeskAgent) -> None:
    """A code is accepted if the agent's telephone is half a minute wrong, and refused if it is 75 seconds wrong."""
    for seconds, taken in ((-30, True), (30, True), (-75, False), (75, False)):
        world.clock.move(minutes=5)
        world.clock.move(seconds=seconds)
        code = camille.code
        world.clock.move(seconds=-seconds)

        assert isinstance(sign_in(world, "camille", AGENT_PASSWORD, code), AgentSession) is taken


def test_a_code_serves_once_and_an_older_one_no_more(world: World, camille: DeskAgent) -> None:
    """A used code and an older code are refused. A wrong password does not use up the code."""
    older = camille.code
    world.clock.move(seconds=30)
    code = camille.code

    assert sign_in(world, "camille", "wrong", code) is errors.AgentUnknown
    assert isinstance(sign_in(world, "camille", AGENT_PASSWORD, code), AgentSession)
    assert sign_in(world, "camille", AGENT_PASSWORD, code) is errors.AgentCodeUsed
    assert sign_in(world, "camille", AGENT_PASSWORD, older) is errors.AgentCodeUsed


def test_of_many_who_use_one_code_at_once_one_succeeds(any_world: World) -> None:
    """Of four simultaneous sign-ins with the same code, only one succeeds, on every store."""
    agent = new_agent(any_world)
    agent.choose_password()
    code = agent.code

    got = race(*[lambda: sign_in(any_world, "camille", AGENT_PASSWORD, code)] * 4)

    assert sum(isinstance(each, AgentSession) for each in got) == 1
    assert got.count(errors.AgentCodeUsed) == 3


def test_five_wrong_tries_pause_whoever_makes_them_together(any_world: World) -> None:
    """Of eight simultaneous wrong sign-ins, five are checked.

    Afterwards even the right password is refused for some minutes.
    """
    agent = new_agent(any_world)
    agent.choose_password()

    got = race(*[lambda: sign_in(any_world, "camille", "wrong", WRONG)] * CROWD)

    assert got.count(errors.AgentUnknown) == 5
    assert got.count(errors.TooManyAgentTries) == CROWD - 5
    assert sign_in(any_world, "camille", AGENT_PASSWORD, agent.code) is errors.TooManyAgentTries
    any_world.clock.move(minutes=16)
    assert isinstance(sign_in(any_world, "camille", AGENT_PASSWORD, agent.code), AgentSession)


def test_a_name_that_nobody_has_pauses_too(world: World) -> None:
    """Sign-ins with an unknown name are paused after five attempts, as for a known name."""
    got = [sign_in(world, "nobody", "wrong", WRONG) for _ in range(6)]

    assert got == [errors.AgentUnknown] * 5 + [errors.TooManyAgentTries]


def test_typing_errors_before_a_success_do_no_harm(world: World, camille: DeskAgent) -> None:
    """A successful sign-in resets the count of wrong attempts."""
    for _ in range(3):
        for _ in range(4):
            sign_in(world, "camille", AGENT_PASSWORD, WRONG)
        assert isinstance(sign_in(world, "camille", AGENT_PASSWORD, camille.code), AgentSession)
        world.clock.move(seconds=30)


@pytest.mark.parametrize("opening", ["password", "code"])
def test_a_locked_terminal_opens_with_the_password_or_a_code(world: World, camille: DeskAgent, opening: str) -> None:
    """The password or a code unlocks a terminal with the same session, and the journal records this."""
    session = camille.sign_in()
    world.services.desk.sessions.lock(session)
    world.clock.move(minutes=12)

    typed = AGENT_PASSWORD if opening == "password" else camille.code
    assert world.services.desk.sessions.unlock(session, typed) == session
    assert [act for act, _ in world.kept.lines()][-2:] == [
        EventType.AGENT_SESSION_LOCKED,
        EventType.AGENT_SESSION_UNLOCKED,
    ]


def test_unlocking_counts_and_uses_codes_up(world: World, camille: DeskAgent) -> None:
    """A used code does not unlock a terminal, and after five wrong attempts even the right password must wait."""
    session, code = camille.sign_in(), camille.code

    with pytest.raises(errors.AgentCodeUsed):
        world.services.desk.sessions.unlock(session, code)
    for _ in range(4):
        with pytest.raises(errors.TerminalUnlockRefused):
            world.services.desk.sessions.unlock(session, "wrong")
    with pytest.raises(errors.TooManyAgentTries):
        world.services.desk.sessions.unlock(session, AGENT_PASSWORD)


def test_wrong_tries_to_sign_in_do_not_keep_a_terminal_locked(any_world: World) -> None:
    """Wrong sign-ins under an agent's name do not prevent the agent from unlocking an open session."""
    camille = new_agent(any_world)
    camille.choose_password()
    session = camille.sign_in()
    for _ in range(6):
        sign_in(any_world, "camille", "wrong", WRONG)

    assert any_world.services.desk.sessions.unlock(session, AGENT_PASSWORD) == session


@pytest.mark.parametrize("end", ["remove", "reset_credentials"])
def test_a_session_ends_with_the_account(world: World, end: str) -> None:
    """After an agent's account is removed or reset, the agent's open session is refused."""
    session, voter = signed_in_agent(world), add_known(world)

    getattr(world.services.desk.accounts, end)("camille")

    with pytest.raises(errors.AgentSessionOver):
        world.services.desk.files.open(session, voter.id)
    assert sign_in(world, "camille", AGENT_PASSWORD, WRONG) is errors.AgentUnknown


def test_a_session_with_another_role_gives_no_rights(world: World) -> None:
    """The role of an agent is read from the account, so changing the role in the session gives no rights."""
    session = structs.replace(signed_in_agent(world), role=AgentRole.SUPERVISOR)

    assert outcome(lambda: world.services.desk.incidents.end(session, 1)) is SupervisorNeeded


def test_everything_is_in_the_journal_and_no_typed_name(world: World) -> None:
    """The journal does not record an unknown name, because it may be a password typed into the wrong field."""
    agent = new_agent(world)
    session = agent.choose_password()
    sign_in(world, "camille", AGENT_PASSWORD, WRONG)
    sign_in(world, "secret", AGENT_PASSWORD, WRONG)
    world.services.desk.sessions.sign_out(session)

    assert world.kept.lines() == [
        (EventType.AGENT_ADDED, "agent"),
        (EventType.AGENT_PASSWORD_CHOSEN, None),
        (EventType.AGENT_SESSION_OPENED, None),
        (EventType.AGENT_SESSION_REFUSED, "wrong-credentials"),
        (EventType.AGENT_SESSION_REFUSED, "wrong-credentials"),
        (EventType.AGENT_SESSION_CLOSED, None),
    ]
    assert world.kept.agents() == ["camille", "camille", "camille", "camille", None, "camille"]


def test_secrets_are_resealed(world: World, camille: DeskAgent) -> None:
    """The code secrets of agents are encrypted again with the newest key.

    An agent whose secret cannot be decrypted cannot sign in.
    """
    before = reading(world.store).agents.all()

    world.services.desk.accounts.reencrypt_totp_secrets()

    after = reading(world.store).agents.all()
    assert before[0].secret != after[0].secret
    assert isinstance(camille.sign_in(), AgentSession)

    with world.store.write() as transaction:
        agent = transaction.agents.by_name("camille")
        assert agent is not None
        transaction.agents.store_resealed_secret(agent.id, b"nothing of ours", epoch=agent.epoch)

    world.clock.move(minutes=1)
    assert sign_in(world, "camille", AGENT_PASSWORD, camille.code) is errors.AgentUnknown
