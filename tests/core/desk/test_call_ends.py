"""Agents end calls, promise call-backs and hand files to colleagues."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

import pytest

from core.adapters.sql.calls import SqlCallRecords
from core.desk.attention import AttentionItem, AttentionReason
from core.desk.authorisation import AgentSession
from core.desk.call_backs import CallBackPromise, offered_call_back_times
from core.desk.call_ends import CallEnd, CorrectedCallOutcome, SuggestedOutcome, possible_outcomes, suggest_outcome
from core.desk.hand_overs import Colleague, NewHandOver
from core.desk.overview import OverviewWindow
from core.desk.subjects import CallSubject
from core.forms import errors
from core.policy.policy import Policy
from core.ports import (
    Actor,
    AgentRole,
    AnswerWay,
    CallBack,
    CallBackOrigin,
    CallRecord,
    Event,
    EventType,
    HandOver,
    Voter,
)
from core.text.faces.call_sentences import CallBackDueChoice, CallOutcome, ContactReason, HandOverReason, call_length
from core.text.text import N_, Language
from core.text.translation import translate
from tests.support.desk import add_known, outcome, race, signed_in_agent, verified_caller
from tests.support.election import NOON, STRANGER
from tests.support.stores import reading, writing
from tests.support.worlds import World

CALLS = count()
"""Number of calls so far. It gives each call another start time, because calls that start together count as one."""
OF_SOME_CALLS = {
    CallOutcome.MESSAGE_SENT,
    CallOutcome.GUIDED,
    CallOutcome.NOT_VERIFIED,
    CallOutcome.NOT_ENTITLED,
    CallOutcome.FROZEN,
}
"""Outcomes that depend on what happened during the call."""
IN_ONE_HOUR = CallBackPromise(when=CallBackDueChoice.IN_ONE_HOUR, reason=ContactReason.PASSWORD)


def ended(world: World, session: AgentSession, result: CallOutcome, voter: Voter | None, **more: object) -> object:
    subject = CallSubject(voter=None if voter is None else voter.id)
    began = world.clock.now() - timedelta(minutes=3, microseconds=next(CALLS))
    call = CallEnd(subject=subject, began=began, outcome=result)
    return world.services.desk.calls.end(session, replace(call, **more))  # type: ignore[arg-type]  # its own fields


def at_home(world: World, session: AgentSession) -> list[AttentionItem]:
    attention = world.services.desk.home.overview(session).attention
    return [item for item in attention if item.call_back is not None or item.hand_over is not None]


def timeline(world: World, session: AgentSession, voter: Voter) -> list[str]:
    lines = world.services.desk.files.timeline(session, voter.id)
    return [translate(line.sentence, Language.FRENCH) for line in lines]


def test_a_call_is_kept_with_its_file_and_its_outcome_corrected(
    world: World, session: AgentSession, voter: Voter
) -> None:
    """The voter's timeline shows the outcome and length of a call.

    Only the agent of the call can correct its outcome, and the correction is a new event.
    """
    calls = world.services.desk.calls
    call = calls.end(
        session,
        CallEnd(
            subject=CallSubject(voter=voter.id),
            began=world.clock.now() - timedelta(minutes=3, seconds=5),
            outcome=CallOutcome.NOT_VERIFIED,
        ),
    )
    robin = signed_in_agent(world, "robin")
    correction = CorrectedCallOutcome(call=call.id, outcome=CallOutcome.CUT_OFF)
    assert outcome(lambda: calls.correct(robin, correction)) is errors.CallOfAnotherAgent
    calls.correct(session, correction)

    assert timeline(world, session, voter)[-2:] == [
        "Fin de l'appel, par camille : Identité non vérifiée. Durée : 3 min.",
        "Issue de l'appel corrigée par camille : Appel coupé.",
    ]
    assert [each.outcome for each in reading(world.store).calls.of_voter(voter.id, 5)] == [CallOutcome.CUT_OFF]


def test_a_call_without_a_file_is_kept_too(world: World, session: AgentSession, voter: Voter) -> None:
    """A call without a voter's file is recorded, but cannot end with a call-back or a hand-over.

    Auditors cannot end calls.
    """
    assert not (
        {CallOutcome.CALL_BACK, CallOutcome.PASSED_ON} & {*possible_outcomes(CallSubject(), (), called_back=False)}
    )
    ended(world, session, CallOutcome.NOT_ENTITLED, None)
    assert (
        outcome(lambda: ended(world, session, CallOutcome.CALL_BACK, None, promise=IN_ONE_HOUR))
        is errors.CallWithoutFile
    )
    auditor = signed_in_agent(world, "claude", AgentRole.AUDITOR)
    assert outcome(lambda: ended(world, auditor, CallOutcome.SOLVED, voter)) is errors.ActionNotAllowed
    assert [line for line in world.kept.lines() if line[0] == EventType.CALL_ENDED] == [
        (EventType.CALL_ENDED, CallOutcome.NOT_ENTITLED)
    ]


def test_the_outcome_is_proposed_from_what_happened(world: World, session: AgentSession, voter: Voter) -> None:
    """The helpdesk suggests an outcome from the events of the call. It offers only outcomes that fit them."""
    desk, subject, began = world.services.desk, CallSubject(voter=voter.id), world.clock.now()

    def choices(*, later: timedelta = timedelta(0)) -> tuple[set[CallOutcome], SuggestedOutcome | None]:
        found = desk.calls.outcome_choices(session, subject, began + later, None)
        return OF_SOME_CALLS & {*found.possible}, found.suggested

    nothing_done = {CallOutcome.GUIDED, CallOutcome.NOT_VERIFIED, CallOutcome.NOT_ENTITLED}, None
    assert choices() == nothing_done
    caller = verified_caller(world, session, voter)
    assert choices() == ({CallOutcome.GUIDED}, None)
    desk.mail.request_mail(session, caller)
    sent = CallOutcome.MESSAGE_SENT
    assert choices() == ({sent}, SuggestedOutcome(sent, is_certain=True))
    assert choices(later=timedelta(seconds=1)) == nothing_done
    desk.freezing.freeze(session, caller)
    assert choices() == ({sent, CallOutcome.FROZEN}, SuggestedOutcome(CallOutcome.FROZEN, is_certain=False))


@pytest.mark.parametrize(
    ("acts", "suggested"),
    [
        (["file-opened", "caller-verified"], None),
        (["asked camille", "mail-accepted"], (CallOutcome.MESSAGE_SENT, True)),
        (["asked robin"], None),
        (["asked"], (CallOutcome.MESSAGE_SENT, False)),
        (["asked camille", "mail-bounced"], (None, False)),
        (["asked camille", "frozen camille"], (CallOutcome.FROZEN, False)),
        (["password-chosen", "frozen", "mail-accepted"], (CallOutcome.FROZEN, False)),
        (["password-chosen", "unfrozen camille"], (None, False)),
        (["asked camille", "dead-link-opened"], (None, False)),
        (["dead-link-opened", "asked camille"], (CallOutcome.MESSAGE_SENT, True)),
        (["identifier-in-force"], (CallOutcome.SOLVED, True)),
        (["identifier-in-force", "reissue-refused"], (None, False)),
        (["identifier-in-force", "identifier-lost"], (None, False)),
        (["password-refused", "password-chosen", "signed-in"], (CallOutcome.SOLVED, True)),
        (["caller-refused camille"], (CallOutcome.NOT_VERIFIED, False)),
    ],
)
def test_the_latest_event_suggests_the_outcome(
    acts: list[str], suggested: tuple[CallOutcome | None, bool] | None
) -> None:
    """After a refusal or a freeze, neither "solved" nor "message sent" is suggested."""
    said = [act.partition(" ") for act in acts]
    events = [Event(at=NOON, actor=Actor.VOTER, act=act, agent=agent or None) for act, _, agent in said]

    assert suggest_outcome(events, "camille") == (None if suggested is None else SuggestedOutcome(*suggested))


def test_a_call_back_is_promised_taken_by_one_and_done(any_world: World) -> None:
    """If two agents take a call-back at the same moment, one gets it and the other learns the colleague's name.

    A solved call ends every call-back of the voter.
    """
    world, voter = any_world, add_known(any_world)
    session, robin, desk = signed_in_agent(world), signed_in_agent(world, "robin"), world.services.desk
    ended(
        world, session, CallOutcome.CALL_BACK, voter, promise=replace(IN_ONE_HOUR, when=CallBackDueChoice.NEXT_MORNING)
    )
    ended(world, session, CallOutcome.CALL_BACK, voter, promise=replace(IN_ONE_HOUR, assigned="camille"))
    assert [len(at_home(world, each)) for each in (session, robin)] == [2, 1]
    promised = desk.files.read(session, voter.id).call_back
    assert promised is not None
    assert promised == world.clock.now() + timedelta(hours=1)
    world.clock.move(hours=1, minutes=5)

    due, later = at_home(world, robin)
    assert (due.reason, later.reason) == (AttentionReason.CALL_BACK_DUE, AttentionReason.CALL_BACK_LATER)
    assert due.name == "Camille Martin"
    assert due.call_back is not None
    assert desk.home.overview(robin).due_call_backs_and_approval_requests.keys() == {due.call_back}
    call_back = due.call_back
    taken = race(*(lambda who=who: desk.call_backs.take(who, call_back) for who in (session, robin)))
    assert taken.count(errors.CallBackTaken) == 1
    winner, loser = (session, robin) if taken[1] is errors.CallBackTaken else (robin, session)
    with pytest.raises(errors.CallBackTaken) as refused:
        desk.call_backs.take(loser, call_back)
    assert refused.value.facts == {"agent": winner.name}
    assert desk.call_backs.take(winner, call_back).voter == voter.id
    assert [item.call_back for item in at_home(world, loser)] == [later.call_back]

    desk.call_backs.give_back(winner, call_back)
    assert desk.call_backs.take(loser, call_back).id == call_back
    world.clock.move(minutes=world.dependencies.policy.caller_valid_minutes)
    assert desk.call_backs.take(winner, call_back).id == call_back  # the other agent has not used it in time
    assert outcome(lambda: desk.call_backs.give_back(loser, call_back)) is errors.CallBackTaken
    ended(world, winner, CallOutcome.SOLVED, voter, call_back=call_back)

    assert at_home(world, session) == []
    assert outcome(lambda: desk.call_backs.take(loser, call_back)) is errors.CallBackOver
    ended(world, loser, CallOutcome.NO_ANSWER, voter, call_back=call_back, promise=IN_ONE_HOUR)
    assert at_home(world, session) == [], "who had it open promises no call to a person whom a colleague has reached"
    said = [line for line in world.kept.lines() if line[0].startswith("call-back")]
    assert said == [
        *2 * [(EventType.CALL_BACK_ASKED, ContactReason.PASSWORD)],
        (EventType.CALL_BACK_TAKEN, None),
        (EventType.CALL_BACK_GIVEN_BACK, None),
        (EventType.CALL_BACK_TAKEN, None),
        (EventType.CALL_BACK_TAKEN, None),
        *2 * [(EventType.CALL_BACK_DONE, CallOutcome.SOLVED)],
    ]


def test_a_call_back_asked_for_on_the_site_is_shown_like_one_promised(world: World, session: AgentSession) -> None:
    """A call-back requested on the site appears on the home screen with the case number that the voter typed."""
    number = world.number(world.ask(STRANGER))
    writing(world.store).call_backs.add(
        CallBack(
            origin=CallBackOrigin.WEB_FORM,
            reason=ContactReason.MAIL_MISSING,
            voter=None,
            case=number,
            asked=world.clock.now(),
            due=world.clock.now(),
        )
    )
    (item,) = at_home(world, session)
    assert translate(item.sentence, Language.FRENCH) == "Rappel demandé sur le site, dû : Message qui n'arrive pas"
    assert (item.case, item.voter) == (number, None)
    whens = [item.when(day.date()) or N_("") for day in (NOON, NOON - timedelta(days=1))]
    shown = [" ".join(translate(when, Language.FRENCH, short_times=True).split()) for when in whens]
    assert shown == ["à partir de 12:01", "à partir du 30 nov. 12:01"]
    assert item.call_back is not None
    world.services.desk.call_backs.take(session, item.call_back)
    call = CallEnd(
        subject=CallSubject(case=number),
        began=world.clock.now(),
        outcome=CallOutcome.NO_ANSWER,
        call_back=item.call_back,
        promise=IN_ONE_HOUR,
    )
    world.services.desk.calls.end(session, call)
    (again,) = at_home(world, session)
    assert (again.reason, again.case) == (AttentionReason.CALL_BACK_LATER, number)


def test_a_file_is_handed_to_a_colleague_who_takes_it_once(world: World, session: AgentSession, voter: Voter) -> None:
    """Only the chosen colleague sees a handed-over file, and takes it once.

    If this colleague's account is removed, every agent sees the file.
    """
    desk = world.services.desk
    robin = signed_in_agent(world, "robin", AgentRole.SUPERVISOR)
    auditor = signed_in_agent(world, "claude", AgentRole.AUDITOR)
    signed_in_agent(world, "zoe")
    robin_waits = Colleague("robin", is_supervisor=True, has_file_open=False)
    assert desk.hand_overs.colleagues(session, HandOverReason.SUPERVISOR_NEEDED) == (robin_waits,)
    assert len(desk.hand_overs.colleagues(session, HandOverReason.ENGLISH)) == 2
    zoe_as_supervisor = NewHandOver("zoe", HandOverReason.SUPERVISOR_NEEDED)
    assert (
        outcome(lambda: ended(world, session, CallOutcome.PASSED_ON, voter, hand_over=zoe_as_supervisor))
        is errors.ColleagueUnknown
    )
    desk.accounts.remove("zoe")
    assert desk.hand_overs.colleagues(session) == (robin_waits,)
    desk.guide.view(robin, voter.id, "mot-de-passe")
    assert desk.hand_overs.colleagues(session) == (replace(robin_waits, has_file_open=True),)
    for name in ("claude", "zoe", "camille", "nobody"):
        given = NewHandOver(name, HandOverReason.ENGLISH)
        refused = outcome(lambda given=given: ended(world, session, CallOutcome.PASSED_ON, voter, hand_over=given))
        assert refused is errors.ColleagueUnknown
    given = NewHandOver("robin", HandOverReason.SUPERVISOR_NEEDED)
    ended(world, session, CallOutcome.PASSED_ON, voter, hand_over=given)

    assert [at_home(world, each) for each in (session, auditor)] == [[], []]
    (item,) = at_home(world, robin)
    assert translate(item.sentence, Language.FRENCH) == "Fiche confiée par camille : Il faut un responsable"
    hand_over = item.hand_over
    assert hand_over is not None
    assert outcome(lambda: desk.hand_overs.take(session, hand_over)) is errors.HandOverOver
    desk.accounts.remove("robin")
    (deserted,) = at_home(world, session)
    assert deserted.hand_over == hand_over
    assert deserted.detail is not None, "anyone's, because its receiver is no agent any more"
    assert at_home(world, auditor) == []
    desk.accounts.reset_credentials("robin")
    assert at_home(world, session) == []
    renewed = reading(world.store).agents.by_name("robin")
    assert renewed is not None
    robin = desk.authorisation.open_session(renewed)
    assert desk.hand_overs.take(robin, hand_over).voter == voter.id
    assert outcome(lambda: desk.hand_overs.take(robin, hand_over)) is errors.HandOverOver
    assert at_home(world, robin) == []
    assert timeline(world, robin, voter)[-2:] == [
        "camille confie la fiche à un collègue : Il faut un responsable.",
        "robin reprend la fiche confiée.",
    ]


def test_a_call_back_is_promised_inside_the_hours_of_the_desk(world: World) -> None:
    """The offered times for a call-back are all within the opening hours of the helpdesk, earliest first."""
    calendar, today = world.dependencies.calendar, ["in-one-hour 28 11:30", "this-afternoon 28 14:00"]
    for now, times in (
        ("2018-11-28T10:30", [*today, "next-morning 29 08:00", "next-afternoon 29 14:00"]),
        ("2018-11-30T17:30", ["in-one-hour 30 18:30", "next-morning 03 08:00", "next-afternoon 03 14:00"]),
        ("2018-11-30T18:10", ["next-morning 03 08:00", "next-afternoon 03 14:00"]),
        ("2018-12-01T11:00", ["next-morning 03 08:00", "next-afternoon 03 14:00"]),
        ("2018-12-03T06:00", ["next-morning 03 08:00", "this-afternoon 03 14:00", "next-afternoon 04 14:00"]),
        (
            "2018-12-03T07:58",
            ["in-one-hour 03 08:58", "this-afternoon 03 14:00", "next-morning 04 08:00", "next-afternoon 04 14:00"],
        ),
    ):
        offered = offered_call_back_times(Policy(), calendar, datetime.fromisoformat(now).replace(tzinfo=calendar.zone))
        assert [f"{each.choice} {each.at:%d %H:%M}" for each in offered] == times


def test_a_call_ends_only_the_call_back_that_its_agent_took(world: World, session: AgentSession, voter: Voter) -> None:
    """A call does not end a call-back that the agent of the call has not taken."""
    robin = signed_in_agent(world, "robin")
    ended(world, session, CallOutcome.CALL_BACK, voter, promise=IN_ONE_HOUR)
    (promised,) = at_home(world, session)

    ended(world, robin, CallOutcome.NOT_ENTITLED, None, call_back=promised.call_back)

    assert [item.call_back for item in at_home(world, session)] == [promised.call_back]


def test_a_promised_answer_in_writing_is_ended_by_no_call(world: World, session: AgentSession, voter: Voter) -> None:
    """Neither another call of the voter nor a forged outcome ends a promised written answer."""
    now, calls = world.clock.now(), world.services.desk.calls
    written = CallBack(
        origin=CallBackOrigin.WEB_FORM,
        reason=ContactReason.ROLL,
        voter=voter.id,
        case=None,
        asked=now,
        due=now,
        way=AnswerWay.WRITING,
    )
    writing(world.store).call_backs.add(written)
    call = ended(world, session, CallOutcome.SOLVED, voter)
    assert isinstance(call, CallRecord)
    (item,) = at_home(world, session)
    taken = world.services.desk.call_backs.take(session, item.call_back or 0)

    for forged in (CallOutcome.ANSWERED, CallOutcome.CUT_OFF):
        refused = outcome(lambda forged=forged: ended(world, session, forged, voter, call_back=taken.id))
        assert refused is errors.MalformedDeskRequest
    correction = CorrectedCallOutcome(call=call.id, outcome=CallOutcome.ANSWERED)
    assert outcome(lambda: calls.correct(session, correction)) is errors.MalformedDeskRequest

    assert len(at_home(world, session)) == 1
    close = world.services.desk.call_backs.close_unanswered
    assert outcome(lambda: close(session, taken.id, CallOutcome.CUT_OFF)) is errors.MalformedDeskRequest
    for _ in range(2):  # the terminal may not have received the first answer
        close(session, taken.id, CallOutcome.SOLVED)
    assert at_home(world, session) == []
    acts = [act for act, _ in world.kept.lines()]
    assert (acts.count(EventType.CALL_ENDED), acts.count(EventType.CALL_BACK_DONE)) == (1, 1)
    assert timeline(world, session, voter)[-1] == "Demande close par camille : Résolu."
    supervisor = signed_in_agent(world, "robin", AgentRole.SUPERVISOR)
    camille, _ = world.services.desk.overviews.view(supervisor, OverviewWindow.HOUR).on_duty
    assert translate(camille.activity, Language.FRENCH) == "à l'accueil"


def test_a_corrected_promise_leaves_one_call_back(world: World, session: AgentSession, voter: Voter) -> None:
    """If an agent corrects the promised time of a call-back, only the corrected call-back remains."""
    call = ended(world, session, CallOutcome.CALL_BACK, voter, promise=IN_ONE_HOUR)
    assert isinstance(call, CallRecord)
    later = replace(IN_ONE_HOUR, when=CallBackDueChoice.NEXT_MORNING)
    world.services.desk.calls.correct(
        session, CorrectedCallOutcome(call=call.id, outcome=CallOutcome.CALL_BACK, promise=later)
    )

    assert len(at_home(world, session)) == 1


def test_a_call_ended_again_promises_once_though_it_has_no_voter_and_lasted_a_day(
    world: World, session: AgentSession
) -> None:
    """If an agent ends the same call twice, one call-back is promised.

    The recorded length of a call is at most twelve hours.
    """
    call = CallEnd(
        subject=CallSubject(case=world.number(world.ask(STRANGER))),
        began=world.clock.now() - timedelta(days=1),
        outcome=CallOutcome.CALL_BACK,
        promise=IN_ONE_HOUR,
    )
    first = world.services.desk.calls.end(session, call)
    world.clock.move(minutes=1)

    again = world.services.desk.calls.end(session, call)

    assert (again.id, len(at_home(world, session))) == (first.id, 1)
    assert translate(call_length(again.began, again.ended), Language.FRENCH) == "720 min"


def test_a_call_whose_first_end_is_still_being_written_is_the_same_call(
    any_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the end of a call is recorded twice at the same moment, one call is kept, with the later outcome."""
    session, look_up, unseen = signed_in_agent(any_world), SqlCallRecords.of_agent, [None]
    call = CallEnd(subject=CallSubject(), began=any_world.clock.now(), outcome=CallOutcome.CUT_OFF)
    first = any_world.services.desk.calls.end(session, call)
    monkeypatch.setattr(SqlCallRecords, "of_agent", lambda *key: unseen.pop() if unseen else look_up(*key))

    again = any_world.services.desk.calls.end(session, replace(call, outcome=CallOutcome.SOLVED))

    assert (again.id, again.outcome) == (first.id, CallOutcome.SOLVED)
    acts = [act for act, _ in any_world.kept.lines()]
    assert (acts.count(EventType.CALL_ENDED), acts.count(EventType.CALL_OUTCOME_CHANGED)) == (1, 1)


def test_no_form_of_the_site_crowds_out_a_promise_and_no_colleague_a_deserted_file(
    world: World, session: AgentSession, voter: Voter
) -> None:
    """Hundreds of older requests and hand-overs do not hide a promised call-back or a file whose receiver has left."""
    robin, desk = signed_in_agent(world, "robin"), world.services.desk
    signed_in_agent(world, "zoe")
    handed = HandOver(
        reason=HandOverReason.ENGLISH,
        voter=voter.id,
        case=None,
        given_by="camille",
        given_to="robin",
        given=world.clock.now(),
    )
    typed = CallBack(
        origin=CallBackOrigin.WEB_FORM,
        reason=ContactReason.OTHER,
        voter=None,
        case="A-B",
        asked=world.clock.now(),
        due=world.clock.now(),
    )
    with world.store.write() as transaction:
        for _ in range(250):
            transaction.call_backs.add(typed)
            transaction.hand_overs.add(handed)
    ended(world, robin, CallOutcome.CALL_BACK, voter, promise=IN_ONE_HOUR)
    ended(world, robin, CallOutcome.PASSED_ON, voter, hand_over=NewHandOver("zoe", HandOverReason.TECHNICAL))
    desk.accounts.remove("zoe")
    world.clock.move(hours=1)

    reasons = [item.reason for item in at_home(world, session) if item.voter == voter.id]

    assert reasons == [AttentionReason.CALL_BACK_DUE, AttentionReason.HANDED_OVER]
