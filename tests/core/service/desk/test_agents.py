"""Signing in at the desk: name, password and a code that serves once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from core import errors
from core.ports import Act, Role
from core.service.desk.proofs import Duty
from core.steps import Problems
from tests.support.desk import OWN, Sitting, add_known, on_duty, sitting
from tests.support.worlds import World

CROWD = 8
WRONG = "000000"


def sign_in(world: World, name: str, password: str, code: str) -> object:
    """What that gets: a duty, or the class of the refusal."""
    try:
        return world.house.desk.agents.sign_in(name, password, code)
    except errors.Refusal as refusal:
        return type(refusal)


@pytest.fixture
def camille(world: World) -> Sitting:
    """An agent with a password of their own."""
    someone = sitting(world)
    someone.arrive()
    return someone


def test_the_first_password_is_good_for_choosing_another(world: World) -> None:
    """And then no more; whoever signed in with it was not on duty."""
    someone = sitting(world)
    newcomer = someone.newcomer()

    duty = world.house.desk.agents.choose_password(newcomer, OWN)
    world.clock.move(minutes=1)

    assert (duty.name, duty.role) == ("camille", Role.AGENT)
    assert sign_in(world, "camille", someone.given.first_password, someone.code) is errors.AgentUnknown
    with pytest.raises(errors.DutyOver):
        world.house.desk.agents.choose_password(newcomer, "Une autre phrase 44")


@pytest.mark.parametrize("password", ["camille camille 9A", "Password1234", "Azertyuiop123"])
def test_an_easily_guessed_password_is_refused(world: World, password: str) -> None:
    """By the newest rules, whatever those of the voters; the one given still serves."""
    newcomer = sitting(world).newcomer()

    with pytest.raises(Problems) as refused:
        world.house.desk.agents.choose_password(newcomer, password)

    assert "new_password" in refused.value.by_field
    assert isinstance(world.house.desk.agents.choose_password(newcomer, OWN), Duty)


def test_a_wrong_name_password_or_code_is_one_answer_and_one_hash(world: World, camille: Sitting) -> None:
    """Nobody learns which names exist."""
    tries = [("nobody", OWN, camille.code), ("camille", "wrong", camille.code), ("camille", OWN, WRONG)]
    for name, password, code in tries:
        before = world.hasher.verified
        assert sign_in(world, name, password, code) is errors.AgentUnknown
        assert world.hasher.verified == before + 1


@pytest.mark.parametrize(("seconds", "taken"), [(-30, True), (30, True), (-75, False), (75, False)])
def test_a_telephone_may_be_half_a_minute_off(world: World, camille: Sitting, seconds: int, taken: bool) -> None:  # noqa: FBT001  # a row of the table
    """And no more."""
    world.clock.move(minutes=5)
    world.clock.move(seconds=seconds)
    code = camille.code
    world.clock.move(seconds=-seconds)

    assert isinstance(sign_in(world, "camille", OWN, code), Duty) is taken


def test_a_code_serves_once_and_an_older_one_no_more(world: World, camille: Sitting) -> None:
    """The answer may say so: the password was right."""
    older = camille.code
    world.clock.move(seconds=30)
    code = camille.code

    assert isinstance(sign_in(world, "camille", OWN, code), Duty)
    assert sign_in(world, "camille", OWN, code) is errors.AgentCodeUsed
    assert sign_in(world, "camille", OWN, older) is errors.AgentCodeUsed


def test_a_code_of_a_wrong_password_is_not_used_up(world: World, camille: Sitting) -> None:
    """A slip of the keyboard costs no half minute."""
    sign_in(world, "camille", "wrong", camille.code)

    assert isinstance(sign_in(world, "camille", OWN, camille.code), Duty)


def test_of_many_who_use_one_code_at_once_one_gets_in(any_world: World) -> None:
    """On every store."""
    someone = sitting(any_world)
    someone.arrive()
    start, code = Barrier(4), someone.code

    def enter(_number: int) -> object:
        start.wait()
        return sign_in(any_world, "camille", OWN, code)

    with ThreadPoolExecutor(4) as pool:
        got = list(pool.map(enter, range(4)))

    assert sum(isinstance(each, Duty) for each in got) == 1
    assert got.count(errors.AgentCodeUsed) == 3


def test_five_wrong_tries_pause_whoever_makes_them_together(any_world: World) -> None:
    """Of eight at once five are looked at; then the right ones wait too, and after the pause they are taken."""
    someone = sitting(any_world)
    someone.arrive()
    start = Barrier(CROWD)

    def guess(_number: int) -> object:
        start.wait()
        return sign_in(any_world, "camille", "wrong", WRONG)

    with ThreadPoolExecutor(CROWD) as pool:
        got = list(pool.map(guess, range(CROWD)))

    assert got.count(errors.AgentUnknown) == 5
    assert got.count(errors.TooManyAgentTries) == CROWD - 5
    assert sign_in(any_world, "camille", OWN, someone.code) is errors.TooManyAgentTries
    any_world.clock.move(minutes=16)
    assert isinstance(sign_in(any_world, "camille", OWN, someone.code), Duty)


def test_a_name_that_nobody_has_pauses_too(world: World) -> None:
    """The pause tells nothing."""
    got = [sign_in(world, "nobody", "wrong", WRONG) for _ in range(6)]

    assert got == [errors.AgentUnknown] * 5 + [errors.TooManyAgentTries]


def test_a_success_forgives_the_wrong_tries(world: World, camille: Sitting) -> None:
    """Four slips a morning do no harm."""
    for _ in range(3):
        for _ in range(4):
            sign_in(world, "camille", OWN, WRONG)
        assert isinstance(sign_in(world, "camille", OWN, camille.code), Duty)
        world.clock.move(seconds=30)


@pytest.mark.parametrize("opening", ["password", "code"])
def test_a_locked_terminal_opens_with_the_password_or_a_code(world: World, camille: Sitting, opening: str) -> None:
    """The same duty goes on; both acts are in the journal."""
    duty = camille.sign_in()
    world.house.desk.agents.lock(duty)
    world.clock.move(minutes=12)

    typed = OWN if opening == "password" else camille.code
    assert world.house.desk.agents.unlock(duty, typed) == duty
    assert [act for act, _ in world.kept.lines()][-2:] == [Act.DUTY_LOCKED, Act.DUTY_UNLOCKED]


def test_unlocking_counts_and_uses_codes_up(world: World, camille: Sitting) -> None:
    """As signing in does, with which it shares the count."""
    duty, code = camille.sign_in(), camille.code

    with pytest.raises(errors.AgentCodeUsed):
        world.house.desk.agents.unlock(duty, code)
    for _ in range(4):
        with pytest.raises(errors.AgentUnknown):
            world.house.desk.agents.unlock(duty, "wrong")
    with pytest.raises(errors.TooManyAgentTries):
        world.house.desk.agents.unlock(duty, OWN)


@pytest.mark.parametrize("end", ["remove", "renew"])
def test_a_duty_ends_with_the_account(world: World, end: str) -> None:
    """Removed, or given a fresh start: the terminal that is open does nothing more."""
    duty, voter = on_duty(world), add_known(world)

    getattr(world.house.desk.roster, end)("camille")

    with pytest.raises(errors.DutyOver):
        world.house.desk.files.open(duty, voter.id)
    assert sign_in(world, "camille", OWN, WRONG) is errors.AgentUnknown


def test_a_duty_cannot_be_made_up(world: World) -> None:
    """Not even by changing one's role or name in one that is genuine."""
    duty, voter = on_duty(world), add_known(world)
    forged = Duty(agent=duty.agent, name=duty.name, role=duty.role, epoch=duty.epoch, since=duty.since, proof=b"x" * 32)

    with pytest.raises(errors.DutyOver):
        world.house.desk.files.open(forged, voter.id)


def test_everything_is_in_the_journal_and_no_typed_name(world: World) -> None:
    """Who, and why not; a name that nobody has might be a password typed in the wrong place."""
    someone = sitting(world)
    duty = someone.arrive()
    sign_in(world, "camille", OWN, WRONG)
    sign_in(world, "secret", OWN, WRONG)
    world.house.desk.agents.sign_out(duty)

    assert world.kept.lines() == [
        (Act.AGENT_ADDED, "agent"),
        (Act.AGENT_PASSWORD_CHOSEN, None),
        (Act.DUTY_BEGUN, None),
        (Act.DUTY_REFUSED, "wrong-credentials"),
        (Act.DUTY_REFUSED, "wrong-credentials"),
        (Act.DUTY_ENDED, None),
    ]
    assert world.kept.agents() == ["camille", "camille", "camille", "camille", None, "camille"]


def test_a_secret_that_no_key_opens_lets_nobody_in(world: World, camille: Sitting) -> None:
    """Rather than a secret that everybody could know."""
    with world.store.write() as transaction:
        agent = transaction.agents.by_name("camille")
        assert agent is not None
        transaction.agents.reseal(agent.id, b"nothing of ours", epoch=agent.epoch)

    assert sign_in(world, "camille", OWN, camille.code) is errors.AgentUnknown


def test_secrets_are_sealed_anew(world: World, camille: Sitting) -> None:
    """With today's key, so that older ones may be retired; the codes stay the same."""
    with world.store.read() as transaction:
        before = transaction.agents.all()

    world.house.desk.roster.reseal()

    with world.store.read() as transaction:
        after = transaction.agents.all()
    assert before[0].secret != after[0].secret
    assert isinstance(camille.sign_in(), Duty)
