"""CASE 53: an act of an agent on a PostgreSQL each of whose answers to COMMIT is lost is done once, and done once when repeated."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import TypeVar
from unittest.mock import patch

import pytest

from core.adapters.no_measurements import NoMeasurements
from core.adapters.sql import schema_upgrade, unanswered_commit_lookup
from core.adapters.sql.engine import open_engine
from core.adapters.sql.row_authentication import RowAuthenticator
from core.adapters.sql.store import SqlStore
from core.desk.announce_incident_form import NewIncident
from core.desk.call_backs import CallBackPromise
from core.desk.call_end_records import CallEnd, CorrectedCallOutcome
from core.desk.hand_overs import NewHandOver
from core.desk.voter_or_case import VoterOrCase
from core.flows.registry import states_by_flow
from core.ports import AgentRole, CommitOutcomeUnknown, EventType, IncidentScope, StoreUnavailable
from core.text.faces.call_sentences import CallBackDueChoice, CallOutcome, ContactReason, HandOverReason
from core.text.faces.supervisor_approval_texts import ActNeedingApproval
from tests.support.desk import AGENT_PASSWORD, add_known, new_agent, outcome, verified_caller
from tests.support.election import SeededRandomSource, vault
from tests.support.lossy_proxy import Loss, LossyProxy, lossy_proxy
from tests.support.postgres import postgresql
from tests.support.stores import KeptStore
from tests.support.worlds import World, world

A = TypeVar("A")
PATIENCE = 180.0
ONCE = (
    EventType.AGENT_SESSION_UNLOCKED,
    EventType.FROZEN,
    EventType.SIGNATURE_REQUESTED,
    EventType.SIGNATURE_ACCEPTED,
    EventType.UNFROZEN,
    EventType.ASKED,
    EventType.CALL_ENDED,
    EventType.CALL_BACK_TAKEN,
    EventType.FILE_HANDED_OVER,
    EventType.HAND_OVER_TAKEN,
    EventType.INCIDENT_ANNOUNCED,
    EventType.INCIDENT_ENDED,
)


@dataclass
class Unlucky:
    """A desk each of whose acts loses the answer to its COMMIT, and the agent who then does the same once more."""

    world: World
    proxy: LossyProxy

    def does(self, act: Callable[[], A], *, again: bool = True) -> A:
        """Do an act until the desk says that it is done, and lose another answer each time; then do it again."""
        for spared in count():
            self.world.clock.move(seconds=1)  # an act of another moment is another act
            self.proxy.spared, self.proxy.loss = spared, Loss.COMMIT_ANSWER
            try:
                done = act()
            except CommitOutcomeUnknown:
                raise
            except StoreUnavailable:
                continue
            else:
                break
            finally:
                self.proxy.loss = Loss.NOTHING
        self.world.clock.move(seconds=1)
        if again:
            outcome(act)
        return done


@pytest.fixture
def unlucky() -> Iterator[Unlucky]:
    """A desk that reaches its PostgreSQL through a proxy, with time enough to find out what was done."""
    with (
        patch.object(unanswered_commit_lookup, "PATIENCE_SECONDS", PATIENCE),
        postgresql() as server,
        lossy_proxy(server.port) as proxy,
    ):
        url = f"{server.url}/postgres".replace(str(server.port), str(proxy.port))
        engine = open_engine(url)
        schema_upgrade.upgrade_schema(engine)
        authenticator = RowAuthenticator(vault(SeededRandomSource()), NoMeasurements())
        store = SqlStore(engine, states_by_flow(), authenticator)
        yield Unlucky(world(KeptStore(store, engine)), proxy)
        store.close()


def test_case_53_acts_of_the_desk_with_every_answer_to_commit_lost(unlucky: Unlucky) -> None:
    """CASE 53: a session unlocked, an account frozen, signed for and opened, a mail, a call, a call-back, a file, an incident."""
    made, does = unlucky.world, unlucky.does
    desk, voter = made.services.desk, add_known(made)
    session, chief = new_agent(made), new_agent(made, "dominique", AgentRole.SUPERVISOR)
    at_theirs, at_hers = session.choose_password(), chief.choose_password()
    subject, began = VoterOrCase(voter=voter.id), made.clock.now()

    does(lambda: desk.sessions.unlock(at_theirs, AGENT_PASSWORD), again=False)  # who unlocks again has locked again
    caller = verified_caller(made, at_theirs, voter)
    does(lambda: desk.freezing.freeze(at_theirs, caller))
    asked = does(
        lambda: desk.signatures.request(at_theirs, caller, ActNeedingApproval.UNFREEZE, ContactReason.FROZEN),
        again=False,  # a second request withdraws the first
    )

    def approve() -> None:
        made.clock.move(seconds=30)  # each code is used once, whatever comes of the act
        desk.signatures.approve(at_hers, asked.id, chief.code)

    does(approve)
    caller = verified_caller(made, at_theirs, voter)
    does(lambda: desk.freezing.unfreeze_with_requested_approval(at_theirs, caller, asked.id))
    does(lambda: desk.mail.request_mail(at_theirs, caller))

    promise = CallBackPromise(when=CallBackDueChoice.IN_ONE_HOUR, reason=ContactReason.PASSWORD)
    call = CallEnd(subject=subject, began=began, outcome=CallOutcome.CALL_BACK, promise=promise)
    ended = does(lambda: desk.calls.end(at_theirs, call))
    with made.store.read() as transaction:
        (waiting,) = transaction.call_backs.waiting_for(voter.id)
    does(lambda: desk.call_backs.take(at_theirs, waiting.id))
    handed = NewHandOver(to="dominique", reason=HandOverReason.SUPERVISOR_NEEDED)
    correction = CorrectedCallOutcome(call=ended.id, outcome=CallOutcome.PASSED_ON, hand_over=handed)
    does(lambda: desk.calls.correct(at_theirs, correction))
    with made.store.read() as transaction:
        (file,) = transaction.hand_overs.waiting_for("dominique", 5)
    does(lambda: desk.hand_overs.take(at_hers, file.id))

    until = made.clock.now() + timedelta(hours=1)
    new = NewIncident(sentence="mail-late", scope=IncidentScope.EVERYBODY, until=until)
    number = does(lambda: desk.incidents.announce(at_hers, new))
    does(lambda: desk.incidents.end(at_hers, number))

    acts = Counter(act for act, _ in made.kept.lines())
    assert {act: acts[act] for act in ONCE} == dict.fromkeys(ONCE, 1)
