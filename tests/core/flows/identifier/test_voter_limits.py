"""Tests of the limits on the security codes and phone numbers of one voter."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from datetime import timedelta
from unittest.mock import patch

import pytest

from core.adapters.sql.outbox import SqlOutbox
from core.flows.identifier.plugin import IdentifierFlowPlugin
from core.forms import errors
from core.forms.errors import Refusal
from core.forms.flow_model import Channel, FormErrors
from core.ports import EVERYWHERE, CodeRequestOutcome, MessageClaimLost, MessageKind, SendPostponed, StoreUnavailable
from core.security.outbox_sealing import open_message
from tests.support.air import NO_GATEWAY, PUTS_OFF, TAKES
from tests.support.reissues import CODE_SMS, E164, Reissuer, numen_of, reissuer
from tests.support.stores import reading
from tests.support.worlds import World

OTHER = "other@ac-lumiere.example"
WRONG = {"numen": numen_of(OTHER)}
CROWD = 16
HOUR, DAY = 3600, 24 * 3600


def number(index: int) -> str:
    return f"+336{11000000 + index}"


def submit(voter: Reissuer, phone: str = E164, **changes: str) -> str:
    """Begin a request, submit the identity, and give the phone number up. Return the id of the refusal, or "taken"."""
    try:
        voter.asked(phone=phone, **changes)
        voter.world.courier().run_once()
    except Refusal as refusal:
        return refusal.id
    except FormErrors:
        return "unmatched"
    voter.press("other-number")
    return "taken"


def sent(world: World) -> int:
    """Run the courier until no message is due, and return the number of codes sent."""
    while world.courier().run_once():
        pass
    return sum(sms.message_id.startswith(CODE_SMS) for sms in world.air.taken)


def test_sixty_numbers_in_one_minute_are_one_sending(world: World) -> None:
    """Of sixty phone numbers in a minute, three are accepted, and one code is sent."""
    camille = reissuer(world)

    said = [submit(camille, number(index)) for index in range(60)]

    assert said == ["taken"] * 3 + ["too-many-numbers"] * 57
    assert sent(world) == 1


def test_one_number_fifteen_times_is_one_sending_and_anybody_else_gets_a_code(world: World) -> None:
    """A voter who submits one number fifteen times gets one code. Another voter can still use the number."""
    camille, other = reissuer(world), reissuer(world, OTHER)

    said = [submit(camille) for _ in range(15)]

    assert said == ["taken"] * 6 + ["sms-voter-spent"] * 9
    assert sent(world) == 1
    other.asked()
    assert sent(world) == 2


@pytest.mark.parametrize("way", ["other-number", "anew"])
def test_pause_and_count_of_three_survive(world: World, way: str) -> None:
    """Neither a new request nor another number shortens the pause, or allows a fourth code within ten minutes."""
    camille = reissuer(world)
    seen = []
    for _ in range(4):
        camille.asked()
        seen.append(sent(world))
        world.clock.move(seconds=59)
        seen.append(sent(world))
        world.clock.move(seconds=1)
        if way == "other-number":
            camille.press(way)

    assert seen == [1, 1, 2, 2, 3, 3, 3, 3]
    camille.asked()
    world.clock.move(minutes=5, seconds=59)
    assert sent(world) == 3
    world.clock.move(seconds=1)
    assert sent(world) == 4


def spent(world: World) -> int:
    """Return how many codes count in the daily SMS budget that all voters share."""
    return (
        reading(world.store)
        .spending.of_scope(world.dependencies.calendar.to_local(world.clock.at).date(), EVERYWHERE)
        .sent
    )


def give_up(voter: Reissuer, phone: str = E164) -> None:
    """Request a code, and change the phone number before the courier sends the code."""
    voter.asked(phone=phone)
    voter.press("other-number")


def test_a_code_given_up_before_its_sms_left_is_given_back(world: World) -> None:
    """A code that was cancelled before it was sent counts neither for the voter nor in the SMS budgets."""
    camille = reissuer(world)
    give_up(camille)
    assert spent(world) == 1

    assert sent(world) == 0
    assert spent(world) == 0

    camille.asked()
    assert sent(world) == spent(world) == 1
    assert "Envoi 1 sur 3" in camille.sms(CODE_SMS)[0].text


def test_a_sending_that_left_still_counts_when_the_next_one_is_given_up(world: World) -> None:
    """If a resend is cancelled, the code that was sent before still counts."""
    camille = reissuer(world).asked()
    assert sent(world) == 1
    world.clock.move(minutes=1)
    camille.press("again")
    assert spent(world) == 2
    camille.press("other-number")

    assert sent(world) == spent(world) == 1
    camille.asked()
    assert sent(world) == spent(world) == 2
    assert "Envoi 2 sur 3" in camille.sms(CODE_SMS)[-1].text


@pytest.mark.parametrize("reached", [False, True], ids=["no courier", "no gateway"])
def test_codes_that_expired_before_a_gateway_had_them_are_given_back(world: World, *, reached: bool) -> None:
    """An expired code does not count if no gateway received it. It counts if a gateway may have sent it."""
    camille = reissuer(world).asked()
    world.clock.move(minutes=1)
    camille.press("again")
    world.air.says = NO_GATEWAY
    if reached:
        sent(world)
    assert spent(world) == 2

    world.clock.move(minutes=10)
    assert (sent(world), spent(world)) == (0, 0)

    world.air.says = PUTS_OFF
    camille.press("again")
    sent(world)
    world.clock.move(minutes=10)
    assert (sent(world), spent(world)) == (0, 1)
    world.air.says = TAKES
    camille.press("again")
    assert sent(world) == 1


def test_an_expired_code_ends_while_its_voter_is_held(any_world: World) -> None:
    """A roll import that has locked a voter does not stop the courier. The voter's expired code then still counts."""
    held, other = reissuer(any_world), reissuer(any_world, OTHER)
    held.asked()
    other.asked(phone=number(1))
    any_world.clock.move(minutes=10)
    with ExitStack() as import_of_roll:
        if any_world.kept.engine.dialect.name == "postgresql":  # SQLite has one writer
            transaction = import_of_roll.enter_context(any_world.store.write())
            assert transaction.voters.lock_without_waiting(held.voter.id)
        assert sent(any_world) == 0

    assert any_world.waiting_parcels() == 0
    assert spent(any_world) == (any_world.kept.engine.dialect.name == "postgresql")
    other.asked(phone=number(1))
    assert sent(any_world) == 1


def test_a_code_that_was_perhaps_taken_is_not_given_back(world: World) -> None:
    """A code still counts if the gateway may have sent it, even if this could not be recorded."""
    reissuer(world).asked()
    world.air.says = SendPostponed("no answer after the end of the message")
    courier = world.courier()
    with patch.object(SqlOutbox, "retry", side_effect=StoreUnavailable("away")), suppress(StoreUnavailable):
        while courier.run_once():
            pass
    assert world.air.tried
    world.clock.move(minutes=10)
    while courier.run_once():
        pass
    world.clock.move(minutes=1)
    courier.run_once()

    assert (world.waiting_parcels(), spent(world)) == (0, 1)


def test_given_up_numbers_count_as_numbers(world: World) -> None:
    """Phone numbers that were given up count against the limit of numbers, although no code was sent to them."""
    camille = reissuer(world)
    for index in range(3):
        give_up(camille, number(index))
        assert sent(world) == 0

    with pytest.raises(errors.TooManyPhoneNumbers):
        give_up(camille, number(3))
    give_up(camille, number(0))


def test_a_number_is_given_up_only_so_often(world: World) -> None:
    """Six cancelled codes per hour do not count. Further cancelled codes count as if they had been sent."""
    camille, taken = reissuer(world), 0
    with suppress(errors.VoterSmsLimitReached):
        while True:
            give_up(camille)
            taken += 1
            assert sent(world) == 0

    assert taken == 6 + 6
    assert spent(world) == 0


def test_a_given_up_code_is_given_back_once_by_many_couriers(any_world: World) -> None:
    """If sixteen couriers process the same cancelled code, it is given back once."""
    camille, other = reissuer(any_world), reissuer(any_world, OTHER).asked()
    assert sent(any_world) == 1
    give_up(camille)
    with any_world.store.write() as transaction:
        now = any_world.clock.at
        (message,) = transaction.outbox.claim(Channel.SMS, limit=1, now=now, lease=timedelta(minutes=1))
    work = any_world.services.flows[IdentifierFlowPlugin].outbox_handlers[MessageKind.CODE]
    assert message.sealed is not None
    kept = open_message(any_world.dependencies.vault, message.id, message.sealed)

    def drop(_index: int) -> int:
        try:
            return int(work.prepare(message, kept) is None)
        except MessageClaimLost:
            return 0

    with ThreadPoolExecutor(CROWD) as pool:
        dropped = sum(pool.map(drop, range(CROWD)))

    assert dropped == 1
    assert spent(any_world) == 1
    with any_world.store.read() as transaction:
        rows = [transaction.code_sendings.of_voter(each.voter.id, now - timedelta(days=1)) for each in (camille, other)]
    assert [[row.outcome for row in each] for each in rows] == [
        [CodeRequestOutcome.WITHDRAWN],
        [CodeRequestOutcome.SENT],
    ]


def test_a_code_that_came_back_ends_the_pause(world: World) -> None:
    """After a right code, the next code can be sent without a pause, and more phone numbers can be used."""
    camille = reissuer(world)

    for index in range(3):
        camille.receive(phone=number(index))

    assert len(camille.sms(CODE_SMS)) == 3


def test_six_an_hour_and_twelve_a_day(world: World) -> None:
    """A voter gets at most six codes in an hour and twelve in a day. The refusal says until when."""
    camille = reissuer(world)
    hours = []
    for _ in range(4):
        hours.append([submit(camille) for _ in range(8)].count("taken"))
        world.clock.move(minutes=61)
        camille.sign_in()

    assert hours == [6, 6, 0, 0]
    with pytest.raises(errors.VoterSmsLimitReached) as told:
        camille.asked()
    assert told.value.until is not None
    assert (told.value.until - world.clock.at).total_seconds() == DAY - 4 * 61 * 60


def test_three_numbers_an_hour_and_five_a_day(world: World) -> None:
    """A voter can use at most three phone numbers in an hour and five in a day. A number used before counts once."""
    camille = reissuer(world)
    taken = [[index for index in range(4) if submit(camille, number(index)) == "taken"]]
    with pytest.raises(errors.TooManyPhoneNumbers) as told:
        camille.asked(phone=number(9))
    assert told.value.until is not None
    assert (told.value.until - world.clock.at).total_seconds() == HOUR
    world.clock.move(minutes=61)
    camille.sign_in()
    taken.append([index for index in (0, 3, 4, 5) if submit(camille, number(index)) == "taken"])

    assert taken == [[0, 1, 2], [0, 3, 4]]


def test_sending_again_counts_too(world: World) -> None:
    """Resending a code counts against the limit of six codes per hour."""
    camille = reissuer(world).asked()
    for _ in range(2):
        world.clock.move(minutes=1)
        camille.press("again")
    world.clock.move(minutes=8)
    for _ in range(3):
        camille.press("again")
        world.clock.move(minutes=1)

    world.clock.move(minutes=20)
    with pytest.raises(errors.VoterSmsLimitReached) as told:
        camille.press("again")

    assert told.value.until is not None
    assert sent(world) <= 6


def test_parallel_submissions_stay_within_the_limit(any_world: World) -> None:
    """Parallel submissions in sixteen browser tabs stay within the limit."""
    camille = reissuer(any_world)

    def act(_index: int) -> None:
        for _ in range(4):
            with suppress(Refusal, FormErrors):
                submit(camille)

    with ThreadPoolExecutor(CROWD) as pool:
        list(pool.map(act, range(CROWD)))
    for _ in range(2):  # in case that too few of the parallel submissions came through
        act(0)

    rows = reading(any_world.store).code_sendings.of_voter(camille.voter.id, any_world.clock.at.replace(year=2000))
    assert len(rows) >= 6
    assert sum(each.outcome is not CodeRequestOutcome.WITHDRAWN for each in rows) <= 6
    assert sent(any_world) <= 1, "a number that was given up before its SMS left gets none"
