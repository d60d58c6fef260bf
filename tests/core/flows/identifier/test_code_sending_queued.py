"""Tests of security codes that wait for the voter's pause or for the SMS budgets.

They are created when they are sent.
"""

from dataclasses import replace
from datetime import timedelta

import pytest

from core.flows.identifier.plugin import IdentifierFlowPlugin
from core.flows.identifier.states import CodeQueued, CodeSent, State
from core.forms import errors
from core.forms.flow_model import actions_not_possible_yet
from core.policy.policy import Policy
from core.ports import CodeCounts, CodeRequestOutcome, IncomingSmsOutcome, MessageState
from core.text.text import Language
from core.text.translation import translate
from tests.support.reissues import CODE_SMS, E164, Reissuer, reissuer
from tests.support.stores import KeptStore, reading, writing
from tests.support.worlds import World, world

OTHER = "other@ac-lumiere.example"
TIGHT = Policy(sms_per_country_per_day=24, sms_at_midnight_percent=1, sms_network_percent=100)
GONE_BY_NOON = 12
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def tight(sql_kept: KeptStore) -> World:
    """An election at noon that may send one code per hour to France, and has used its budget up to now."""
    made = world(sql_kept, policy=TIGHT)
    with made.store.write() as transaction:
        for _ in range(GONE_BY_NOON):
            transaction.spending.increment_sent(made.dependencies.calendar.to_local(made.clock.now()).date(), "FR")
    return made


def codes(voter: Reissuer) -> int:
    """Run the courier until no message is due, and return the number of codes sent."""
    while voter.world.courier().run_once():
        pass
    return len(voter.sms(CODE_SMS))


def state_of(voter: Reissuer) -> State:
    """Return the state of the voter's last case."""
    state = voter.case.state
    assert isinstance(state, State)
    return state


def waits_until(voter: Reissuer) -> CodeQueued:
    """Return the state of the voter's case, which must have a waiting code."""
    state = state_of(voter)
    assert isinstance(state, CodeQueued)
    return state


def words(voter: Reissuer) -> str:
    """Return the French sentences of the page that the voter sees."""
    shown = voter.shown()
    return "\n".join(translate(line.fill(shown.facts), Language.FRENCH) for line in shown.step.copy.voter)


def test_with_a_spent_budget_the_page_says_when_the_code_leaves(tight: World) -> None:
    """The page says when a waiting code will be sent.

    The code is created then, and is valid for ten minutes from then on.
    """
    camille = reissuer(tight).asked()
    at = waits_until(camille).expected

    assert tight.clock.at < at <= tight.clock.at + HOUR
    assert "Un SMS partira à 12 h 53 (heure de Paris) vers le numéro qui finit par 78." in words(camille)
    assert actions_not_possible_yet(camille.shown())
    assert codes(camille) == 0
    assert camille.resumed_step() is camille.steps.code

    before = waits_until(camille).number.sealed
    tight.services.flows[IdentifierFlowPlugin].reencrypt_stored_values()
    assert waits_until(camille).number.sealed != before, "keys can be retired while a code waits"
    tight.clock.at = at + timedelta(seconds=1)

    assert codes(camille) == 1
    sent = state_of(camille)
    assert isinstance(sent, CodeSent)
    assert (sent.code.sent, sent.code.valid_until) == (tight.clock.at, tight.clock.at + 10 * MINUTE)
    assert camille.type(camille.code()).step is camille.steps.sending
    assert camille.acts()[:4] == ["reissue-opened", "matched", "code-queued", "code-decided"]


def test_codes_leave_in_the_order_in_which_they_were_asked_for(tight: World) -> None:
    """Waiting codes are sent earlier than announced if verified codes increase the budget."""
    first, second = reissuer(tight).asked(), reissuer(tight, OTHER).asked(phone="+33687654321")
    assert waits_until(first).expected < waits_until(second).expected
    assert codes(first) == 0

    with tight.store.write() as transaction:
        today = tight.dependencies.calendar.to_local(tight.clock.now()).date()
        transaction.spending.add(today, "FR", CodeCounts(verified=1))
    tight.clock.move(minutes=1)

    assert codes(first) == 2
    assert first.type(first.code()).step is first.steps.sending


def test_a_code_that_waits_over_midnight_is_told_with_its_day(sql_kept: KeptStore) -> None:
    """If a code must wait until the next day, the page names the day."""
    late = world(sql_kept, policy=TIGHT)
    late.clock.move(hours=11, minutes=30)
    with late.store.write() as transaction:
        for _ in range(30):
            transaction.spending.increment_sent(late.dependencies.calendar.to_local(late.clock.now()).date(), "FR")

    camille = reissuer(late).asked()

    assert "Un SMS partira le " in words(camille)


def test_another_number_or_a_new_case_takes_the_waiting_code_back(world: World) -> None:
    """A cancelled code is never sent and never accepted, and it does not delay later codes."""
    camille = reissuer(world).asked()
    former = camille.code()
    camille.press("other-number")
    camille.prove(phone="+33687654321")
    first = waits_until(camille).expected
    assert camille.type(former).step is camille.steps.code
    assert world.services.flows[IdentifierFlowPlugin].receive_sms_answer(E164, former) is IncomingSmsOutcome.UNREAD
    assert isinstance(state_of(camille), CodeQueued)
    camille.press("other-number")
    camille.prove(phone="+33687654322")
    second = waits_until(camille).expected
    camille.asked(phone="+33687654322")

    assert first == second == waits_until(camille).expected == world.clock.at + MINUTE
    world.clock.move(minutes=1)
    assert codes(camille) == 2
    assert [sms.recipient for sms in camille.sms(CODE_SMS)] == [E164, "+33687654322"]
    assert world.counts()[MessageState.DROPPED] == 2


def test_a_waiting_code_of_a_case_that_a_freeze_has_ended_is_taken_back(tight: World) -> None:
    """A freeze cancels a waiting code, which frees its place in the budget for others."""
    camille = reissuer(tight).asked()
    places = waits_until(camille).places
    voter = camille.voter
    writing(tight.store).voters.freeze(voter.id, epoch=voter.epoch, at=tight.clock.at)
    tight.clock.move(minutes=1)
    today = tight.dependencies.calendar.to_local(tight.clock.now()).date()
    before = reading(tight.store).spending.of_scope(today, "FR").sent

    assert places is not None
    assert codes(camille) == 0
    assert reading(tight.store).spending.of_scope(today, "FR").sent == before - 1
    (sending,) = reading(tight.store).code_sendings.of_voter(voter.id, tight.clock.at - HOUR)
    assert (sending.outcome, sending.at <= tight.clock.at) == (CodeRequestOutcome.NOT_SENT, True)


def test_sending_a_valid_code_again_is_refused_while_the_budget_is_spent(tight: World) -> None:
    """Resending is refused while the budget is used up. The code that was sent before still works."""
    with tight.store.write() as transaction:
        today = tight.dependencies.calendar.to_local(tight.clock.now()).date()
        transaction.spending.add(today, "FR", CodeCounts(sent=-1))
    camille = reissuer(tight).asked()
    code = camille.code()
    tight.clock.move(minutes=1)

    with pytest.raises(errors.TooManyCodesUnderWay) as told:
        camille.press("again")

    assert told.value.until is not None
    assert tight.clock.at < told.value.until <= tight.clock.at + HOUR
    assert camille.type(code).step is camille.steps.sending


@pytest.mark.parametrize("end", ["frozen", "removed", "closed"])
def test_a_code_is_not_sent_when_it_is_not_wanted_any_more(tight: World, end: str) -> None:
    """A waiting code is dropped if the account is frozen, the voter has left the roll, or the vote has closed."""
    camille = reissuer(tight).asked()
    at = waits_until(camille).expected
    if end == "frozen":
        assert codes(camille) == 0
        tight.stops.freeze(tight.post.to(camille.email)[-1].stop)
        tight.clock.at = at + MINUTE
    elif end == "removed":
        assert codes(camille) == 0
        voter = camille.voter.id
        writing(tight.store).roll.remove([voter], tight.clock.now())
        tight.clock.at = at + MINUTE
        assert codes(camille) == 0
        writing(tight.store).roll.restore_removed_voters({voter: camille.email})
        tight.clock.at = at + HOUR
    else:
        tight.clock.at = tight.dependencies.calendar.vote_closes

    assert codes(camille) == 0


@pytest.mark.parametrize(("a_day", "leave"), [(240, 1), (1, 0)])
def test_a_waiting_code_follows_a_budget_that_a_reload_changes(tight: World, a_day: int, leave: int) -> None:
    """After a reload, a waiting code is sent at once under a higher budget, and still waits under a lower one."""
    camille = reissuer(tight).asked()
    at = waits_until(camille).expected
    assert codes(camille) == 0

    reloaded = world(tight.kept, policy=replace(TIGHT, sms_per_country_per_day=a_day))
    reloaded.clock.at = tight.clock.at + MINUTE if leave else at + MINUTE
    while reloaded.courier().run_once():
        pass

    assert len(reloaded.air.taken) == leave


def test_a_network_that_has_spent_its_share_waits_and_others_do_not(sql_kept: KeptStore) -> None:
    """A network can use a tenth of the country's budget. Above that, its voters wait."""
    made = world(sql_kept, policy=Policy(sms_per_country_per_day=50))
    voters = [reissuer(made, f"voter{number}@ac-lumiere.example") for number in range(5)]
    for number, each in enumerate(voters):
        each.asked(phone=f"+3361234570{number}")

    assert codes(voters[0]) == 3
    assert [isinstance(state_of(each), CodeQueued) for each in voters] == [False] * 3 + [True] * 2
