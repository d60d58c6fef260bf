"""Every store handles calls, call-backs, hand-overs, approval requests and incidents in the same way."""

from datetime import timedelta

import msgspec
import pytest

from core.ports import (
    ApprovalRequest,
    ApprovalState,
    CallBack,
    CallBackOrigin,
    CallRecord,
    ConflictError,
    ErasableDataKind,
    HandOver,
    Incident,
    IncidentScope,
    Store,
)
from core.text.faces.call_sentences import CallOutcome, ContactReason, HandOverReason
from core.text.faces.supervisor_approval_texts import ActNeedingApproval, ReopeningReason
from tests.support.election import NOON, ODD, add_voters, entry
from tests.support.stores import reading, writing

HOUR = timedelta(hours=1)
LATER = NOON + HOUR


def test_calls_are_kept_with_their_file_and_corrected_once(store: Store) -> None:
    """Calls are listed by voter or by case, newest first.

    A second record of the same call and an outdated correction are refused.
    """
    (voter,) = add_voters(store, entry())
    call = CallRecord(agent="camille", began=NOON, ended=ODD, outcome=CallOutcome.SOLVED, voter=voter.id, case="A-B")
    with store.write() as transaction:
        first = transaction.calls.add(call)
        second = transaction.calls.add(msgspec.structs.replace(call, agent="robin", ended=LATER, case=None))
        nobody = transaction.calls.add(msgspec.structs.replace(call, began=LATER, voter=None, case=None))
        kept = transaction.calls.by_id(first)
        assert kept == msgspec.structs.replace(call, id=first)
        transaction.calls.change(kept, msgspec.structs.replace(kept, outcome=CallOutcome.CUT_OFF))
    with pytest.raises(ConflictError), store.write() as transaction:
        transaction.calls.change(kept, msgspec.structs.replace(kept, outcome=CallOutcome.NOT_VERIFIED))
    with pytest.raises(ConflictError), store.write() as transaction:
        transaction.calls.add(msgspec.structs.replace(call, outcome=CallOutcome.NOT_VERIFIED, case=None))

    with store.read() as transaction:
        of_voter = transaction.calls.of_voter(voter.id, 5)
        assert [each.id for each in of_voter] == ([first, second] if ODD > LATER else [second, first])
        assert len(transaction.calls.of_voter(voter.id, 1)) == 1
        assert [(each.outcome, each.version) for each in transaction.calls.of_case("A-B", 5)] == [
            (CallOutcome.CUT_OFF, 1)
        ]
        assert transaction.calls.by_id(nobody + 1) is None


def test_call_backs_wait_in_the_order_of_their_time(store: Store) -> None:
    """Waiting call-backs are listed by time, separately for promises of agents and requests on the site."""
    (voter,) = add_voters(store, entry())
    promised = CallBack(
        origin=CallBackOrigin.CALL,
        reason=ContactReason.PASSWORD,
        voter=voter.id,
        case=None,
        asked=NOON,
        promised_by="camille",
        due=LATER,
        assigned="robin",
    )
    asked = CallBack(
        origin=CallBackOrigin.WEB_FORM, reason=ContactReason.OTHER, voter=None, case="A-B", asked=NOON, due=NOON
    )
    with store.write() as transaction:
        late, early = transaction.call_backs.add(promised), transaction.call_backs.add(asked)
        earliest = transaction.call_backs.add(msgspec.structs.replace(promised, due=NOON))
    with store.read() as transaction:
        waiting = transaction.call_backs.waiting
        assert [each.id for each in waiting(CallBackOrigin.CALL, 5)] == [earliest, late]
        assert [each.id for each in waiting(CallBackOrigin.CALL, 1)] == [earliest]
        assert [each.id for each in waiting(CallBackOrigin.WEB_FORM, 5)] == [early]
        assert transaction.call_backs.waiting_for(voter.id)[1] == msgspec.structs.replace(promised, id=late)
        assert [each.id for each in transaction.call_backs.waiting_for_case("A-B")] == [early]
        present = transaction.call_backs.by_id(early)
    assert present == msgspec.structs.replace(asked, id=early)

    done = msgspec.structs.replace(present, taken_by="robin", taken=ODD, done=ODD, outcome=CallOutcome.SOLVED)
    writing(store).call_backs.change(present, done)
    with pytest.raises(ConflictError), store.write() as transaction:
        transaction.call_backs.change(present, msgspec.structs.replace(present, taken_by="camille"))
    assert reading(store).call_backs.waiting(CallBackOrigin.WEB_FORM, 5) == []
    assert reading(store).call_backs.by_id(early) == msgspec.structs.replace(done, version=1)


def test_a_file_waits_for_the_agent_to_whom_it_is_handed(store: Store) -> None:
    """A handed-over file is listed only for its receiver, until the receiver has taken it."""
    (voter,) = add_voters(store, entry())
    handed = HandOver(
        reason=HandOverReason.ENGLISH, voter=voter.id, case=None, given_by="camille", given_to="robin", given=NOON
    )
    with store.write() as transaction:
        first = transaction.hand_overs.add(msgspec.structs.replace(handed, given=LATER))
        second = transaction.hand_overs.add(handed)
    assert [each.id for each in reading(store).hand_overs.waiting_for("robin", 5)] == [second, first]
    assert reading(store).hand_overs.waiting_for("camille", 5) == []
    present = reading(store).hand_overs.by_id(second)
    assert present == msgspec.structs.replace(handed, id=second)
    writing(store).hand_overs.change(present, msgspec.structs.replace(present, taken=ODD))
    with pytest.raises(ConflictError), store.write() as transaction:
        transaction.hand_overs.change(present, msgspec.structs.replace(present, taken=LATER))
    assert [each.id for each in reading(store).hand_overs.waiting_for("robin", 5)] == [first]


def test_all_of_it_is_erased_with_the_files(store: Store) -> None:
    """A purge of calls counts and deletes the calls and the hand-overs together."""
    (voter,) = add_voters(store, entry())
    call = CallRecord(agent="camille", began=NOON, ended=LATER, outcome=CallOutcome.SOLVED, voter=voter.id)
    handed = HandOver(
        reason=HandOverReason.ENGLISH, voter=voter.id, case=None, given_by="camille", given_to="robin", given=NOON
    )
    with store.write() as transaction:
        call_id, hand_over = transaction.calls.add(call), transaction.hand_overs.add(handed)
        assert transaction.retention.count(ErasableDataKind.CALLS, LATER) == 2
        assert transaction.retention.erase(ErasableDataKind.CALLS, LATER) == 2
    assert reading(store).calls.by_id(call_id) is None
    assert reading(store).hand_overs.by_id(hand_over) is None


def test_a_request_for_a_signature_is_answered_once(store: Store) -> None:
    """An approval request is listed until it is answered or has expired. An outdated answer is refused."""
    (voter,) = add_voters(store, entry())
    asked = ApprovalRequest(
        id="first",
        act=ActNeedingApproval.UNFREEZE,
        voter=voter.id,
        epoch=voter.epoch,
        agent="camille",
        session="of-camille",
        reason=ReopeningReason.BY_MISTAKE,
        asked=NOON,
        until=LATER,
    )
    with store.write() as transaction:
        transaction.signature_requests.add(asked)
        transaction.signature_requests.add(
            msgspec.structs.replace(asked, id="second", until=LATER + timedelta(hours=1))
        )
    with store.read() as transaction:
        waiting = transaction.signature_requests.waiting
        assert [each.id for each in waiting(NOON, 5)] == ["first", "second"]
        assert [each.id for each in waiting(NOON, 1)] == ["first"]
        assert [each.id for each in waiting(LATER, 5)] == ["second"]
        present = transaction.signature_requests.by_id("first")
        assert transaction.signature_requests.by_id("third") is None
    assert present == asked
    signed = msgspec.structs.replace(asked, state=ApprovalState.ACCEPTED, supervisor="robin", signer_epoch=3)
    writing(store).signature_requests.change(present, signed)
    with pytest.raises(ConflictError), store.write() as transaction:
        transaction.signature_requests.change(present, msgspec.structs.replace(signed, state=ApprovalState.USED))
    with store.write() as transaction:
        assert transaction.signature_requests.by_id("first") == msgspec.structs.replace(signed, version=1)
        assert [each.id for each in transaction.signature_requests.waiting(NOON, 5)] == ["second"]
        answerable_or_usable_of = transaction.signature_requests.answerable_or_usable_of
        assert [each.id for each in answerable_or_usable_of("camille", NOON)] == ["first", "second"]
        assert [each.id for each in answerable_or_usable_of("camille", LATER)] == ["second"]
        assert answerable_or_usable_of("robin", NOON) == []
        assert transaction.retention.erase(ErasableDataKind.CALLS, LATER) == 2
    assert reading(store).signature_requests.by_id("first") is None


def test_incidents_stand_until_their_end_and_are_kept_a_while_after_it(store: Store) -> None:
    """Incidents are listed newest first. An incident that is over cannot be ended again."""
    ids = []
    for scope, subject, hours in ((IncidentScope.EVERYBODY, "", 1), (IncidentScope.MAIL_DOMAIN, "ac-été.example", 4)):
        ids.append(
            writing(store).incidents.add(
                Incident(
                    scope=scope,
                    subject=subject,
                    sentence="mail-late",
                    minutes=None,
                    began=NOON,
                    until=NOON + hours * HOUR,
                    author="robin",
                )
            )
        )
    with store.write() as transaction:
        assert not transaction.incidents.end(ids[0], NOON + HOUR), "its time is over"
        assert transaction.incidents.end(ids[1], NOON + 2 * HOUR)
        assert not transaction.incidents.end(ids[1], NOON + 3 * HOUR)
        assert not transaction.incidents.end(ids[1] + 1, NOON)

    with store.read() as transaction:
        newest, oldest = transaction.incidents.unended_or_ended_since(NOON, 10)
        assert newest == Incident(
            id=ids[1],
            scope=IncidentScope.MAIL_DOMAIN,
            subject="ac-été.example",
            sentence="mail-late",
            minutes=None,
            began=NOON,
            until=NOON + 4 * HOUR,
            ended=NOON + 2 * HOUR,
            author="robin",
        )
        assert (oldest.id, oldest.over_since(NOON), oldest.over_since(NOON + HOUR)) == (ids[0], None, NOON + HOUR)
        assert [each.id for each in transaction.incidents.unended_or_ended_since(NOON, 1)] == [ids[1]]
        assert [each.id for each in transaction.incidents.unended_or_ended_since(NOON + HOUR, 10)] == [ids[1]]
        assert transaction.incidents.unended_or_ended_since(NOON + 2 * HOUR, 10) == []
