"""Each action of an agent is done exactly once, even if every answer to COMMIT is lost and the action is repeated."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import TypeVar
from unittest.mock import patch

import pytest

from core.adapters.sql import commits
from core.adapters.sql.engine import open_engine
from core.adapters.sql.row_authentication import RowAuthenticator
from core.adapters.sql.store import SqlStore
from core.desk.authorisation import AgentSession, VerifiedCaller
from core.desk.call_backs import CallBackPromise
from core.desk.call_ends import CallEnd, CorrectedCallOutcome
from core.desk.desk import Desk
from core.desk.hand_overs import NewHandOver
from core.desk.incident_form import NewIncident
from core.desk.subjects import CallSubject
from core.flows.contact_desk.answer_time_choices import AnswerTimeChoice
from core.flows.contact_desk.contact_requests import ContactRequests
from core.flows.contact_desk.definition import AskDeskAnswer
from core.flows.registry import states_by_flow
from core.forms import errors
from core.forms.errors.supervisor_incident_input import IncidentAnnounced, IncidentOver
from core.forms.field_parsers import parse_address
from core.ports import AgentRole, CommitOutcomeUnknown, EventType, IncidentScope, StoreUnavailable
from core.remote_desk.use_cases import ACTS
from core.text.faces.call_sentences import CallBackDueChoice, CallOutcome, ContactReason, HandOverReason
from core.text.faces.supervisor_approval_texts import ActNeedingApproval, ReopeningReason
from tests.support.desk import AGENT_PASSWORD, BIRTH_DATE, NUMEN, DeskAgent, add_known, new_agent, outcome
from tests.support.election import CAMILLE, SeededRandomSource, vault, visit
from tests.support.lossy_proxy import Loss, LossyProxy, lossy_proxy
from tests.support.postgres import postgresql
from tests.support.stores import KeptStore, create_tables, reading
from tests.support.worlds import World, world

A = TypeVar("A")
PATIENCE = 180.0
OTHER_NUMEN = "98Z7654321XYZ"
DOCUMENT = Path(__file__).parents[2] / "docs/incidents.md"
EVENTS = {
    EventType.AGENT_SESSION_OPENED: 4,  # two first passwords, one sign-in and its repeat
    EventType.AGENT_PASSWORD_CHOSEN: 2,
    EventType.AGENT_SESSION_LOCKED: 2,
    EventType.AGENT_SESSION_UNLOCKED: 2,
    EventType.AGENT_SESSION_CLOSED: 2,
    EventType.FILE_OPENED: 6,
    EventType.CASE_SHEET_MADE: 2,
    EventType.CALLER_VERIFIED: 7,
    EventType.CALLER_REFUSED: 2,
    EventType.ASKED: 2,
    EventType.FROZEN: 2,
    EventType.SIGNATURE_REQUESTED: 4,
    EventType.SIGNATURE_WITHDRAWN: 2,
    EventType.SIGNATURE_DECLINED: 1,
    EventType.SIGNATURE_ACCEPTED: 1,
    EventType.UNFROZEN: 2,
    EventType.COUNTERSIGNED: 2,
    EventType.CALL_ENDED: 1,
    EventType.CALL_OUTCOME_CHANGED: 3,
    EventType.CALL_BACK_TAKEN: 3,
    EventType.CALL_BACK_DONE: 4,
    EventType.CALL_BACK_GIVEN_BACK: 1,
    EventType.FILE_HANDED_OVER: 1,
    EventType.HAND_OVER_TAKEN: 1,
    EventType.ANSWERED_IN_WRITING: 1,
    EventType.INCIDENT_ANNOUNCED: 1,
    EventType.INCIDENT_ENDED: 1,
}
"""Number of times that the actions below write each event in the document's table. Most actions are done twice."""


@dataclass
class Unlucky:
    """A helpdesk in which each action loses the answer to its COMMIT, with an agent who repeats each action."""

    world: World
    proxy: LossyProxy
    done: set[object] = field(default_factory=set)
    """Names of the use cases that were called with a lost answer."""

    def does(
        self,
        act: Callable[..., A],
        *given: object,
        again: bool = True,
        refused: type[errors.Refusal] | None = None,
    ) -> A:
        """Do an action until the helpdesk says that it is done. Another answer is lost each time. Then do it again.

        The repetition may be refused. An argument that is a function gives another value at each try.
        """

        def once() -> A:
            self.world.clock.move(seconds=1)  # a later action counts as another action
            return act(*(each() if callable(each) else each for each in given))

        self.done.add(act.__func__)  # type: ignore[attr-defined]  # a method's
        for spared in count():
            self.proxy.spared, self.proxy.loss = spared, Loss.COMMIT_ANSWER
            try:
                done = once()
            except CommitOutcomeUnknown:
                raise
            except StoreUnavailable:
                continue
            else:
                break
            finally:
                self.proxy.loss = Loss.NOTHING
        if again:
            repeated = outcome(once)
            assert (repeated if isinstance(repeated, type) else None) is refused, act
        return done


@pytest.fixture
def unlucky() -> Iterator[Unlucky]:
    """Return a helpdesk that reaches PostgreSQL through a proxy, with enough time to find out what was done."""
    with (
        patch.object(commits, "PATIENCE_SECONDS", PATIENCE),
        postgresql() as server,
        lossy_proxy(server.port) as proxy,
    ):
        url = f"{server.url}/postgres".replace(str(server.port), str(proxy.port))
        create_tables(url)
        engine = open_engine(url)
        authenticator = RowAuthenticator(vault(SeededRandomSource()))
        store = SqlStore(engine, states_by_flow(), authenticator)
        with closing(store):
            yield Unlucky(world(KeptStore(store, engine)), proxy)


def next_code(agent: DeskAgent) -> str:
    """Return the next code of the agent. Each code can be used once, even if the action fails."""
    agent.world.clock.move(seconds=30)
    return agent.code


def request_in_writing(made: World) -> int:
    """Request a written answer on the site, and return the call-back that the helpdesk has for it."""
    email = parse_address(CAMILLE, example=CAMILLE)
    ContactRequests(made.dependencies).ask(
        AskDeskAnswer(
            email=email, subject=ContactReason.MAILBOX, case_number=None, answer_time=AnswerTimeChoice.WRITING
        ),
        visit(),
    )
    while made.courier().run_once():
        continue
    (waiting,) = reading(made.store).call_backs.waiting_for(made.voter().id)
    return waiting.id


@dataclass
class DeskAtWork:
    """A helpdesk that loses answers, with an agent, a supervisor and a voter."""

    unlucky: Unlucky
    voter: int
    dominique: DeskAgent
    at_theirs: AgentSession
    at_hers: AgentSession

    @property
    def desk(self) -> Desk:
        """The use cases of the helpdesk."""
        return self.unlucky.world.services.desk

    def verified(self) -> VerifiedCaller:
        """Verify the caller, and lose the answer."""
        verify = self.desk.verification.verify
        return self.unlucky.does(verify, self.at_theirs, self.voter, BIRTH_DATE, NUMEN, again=False)

    def has_acts_approved(self) -> None:
        """Freeze an account, and unfreeze it with an approval, once at another terminal and once at the agent's."""
        desk, does, freeze = self.desk, self.unlucky.does, self.desk.freezing.freeze
        caller, code = self.verified(), partial(next_code, self.dominique)
        does(freeze, self.at_theirs, caller)
        request = (
            desk.signatures.request,
            self.at_theirs,
            caller,
            ActNeedingApproval.UNFREEZE,
            ReopeningReason.BY_MISTAKE,
        )
        asked = does(*request, again=False)
        does(desk.signatures.withdraw, self.at_theirs, asked.id)
        asked = does(*request, again=False)
        does(desk.signatures.decline, self.at_hers, asked.id, refused=errors.ApprovalRequestOver)
        does(*request)
        (awaited,) = reading(self.unlucky.world.store).signature_requests.waiting(self.unlucky.world.clock.now(), 5)
        does(desk.signatures.approve, self.at_hers, awaited.id, code, refused=errors.ApprovalRequestOver)
        caller, unfreeze = self.verified(), desk.freezing.unfreeze_with_requested_approval
        does(unfreeze, self.at_theirs, caller, awaited.id, refused=errors.AccountNotFrozen)

        freeze(self.at_theirs, caller)
        beside = desk.sessions.approval_of_supervisor
        approval = does(beside, self.at_theirs, self.voter, "dominique", AGENT_PASSWORD, code)
        unfreeze = desk.freezing.unfreeze
        does(unfreeze, self.at_theirs, self.verified(), approval, refused=errors.AccountNotFrozen)

    def mails_a_link(self) -> None:
        """Request a mail, send it again, open its case, and make the sheet of the case."""
        desk, does, clock = self.desk, self.unlucky.does, self.unlucky.world.clock
        too_soon = errors.MailRequestedTooSoon
        number = does(desk.mail.request_mail, self.at_theirs, self.verified(), refused=too_soon)
        clock.move(minutes=self.unlucky.world.dependencies.policy.resend_after_minutes)
        does(desk.mail.send_again, self.at_theirs, self.verified(), number, refused=too_soon)
        does(desk.files.open, self.at_theirs, self.voter)
        does(desk.files.open_case, self.at_theirs, number)
        does(desk.case_sheets.make, self.at_hers, number)

    def ends_a_call(self) -> None:
        """End a call with a promise, take the call-back and give it back, correct the end, and hand the file over."""
        desk, does, store = self.desk, self.unlucky.does, self.unlucky.world.store
        call = CallEnd(
            subject=CallSubject(voter=self.voter),
            began=self.unlucky.world.clock.now(),
            outcome=CallOutcome.CALL_BACK,
            promise=CallBackPromise(when=CallBackDueChoice.IN_ONE_HOUR, reason=ContactReason.PASSWORD),
        )
        ended = does(desk.calls.end, self.at_theirs, call)
        (waiting,) = reading(store).call_backs.waiting_for(self.voter)
        does(desk.call_backs.take, self.at_theirs, waiting.id)
        does(desk.call_backs.give_back, self.at_theirs, waiting.id)
        does(desk.call_backs.take, self.at_theirs, waiting.id)
        handed = NewHandOver(to="dominique", reason=HandOverReason.SUPERVISOR_NEEDED)
        correction = CorrectedCallOutcome(call=ended.id, outcome=CallOutcome.PASSED_ON, hand_over=handed)
        does(desk.calls.correct, self.at_theirs, correction)
        (file,) = reading(store).hand_overs.waiting_for("dominique", 5)
        does(desk.hand_overs.take, self.at_hers, file.id, refused=errors.HandOverOver)

    def announces(self) -> None:
        """Announce an incident and end it."""
        until, incidents = self.unlucky.world.clock.now() + timedelta(hours=1), self.desk.incidents
        new = NewIncident(sentence="mail-late", scope=IncidentScope.EVERYBODY, until=until)
        number = self.unlucky.does(incidents.announce, self.at_hers, new, refused=IncidentAnnounced)
        self.unlucky.does(incidents.end, self.at_hers, number, refused=IncidentOver)


def test_acts_of_the_desk_with_every_answer_to_commit_lost(unlucky: Unlucky) -> None:
    """The test calls every action that a terminal may request, and writes every event in the document's table."""
    made, does = unlucky.world, unlucky.does
    desk, voter = made.services.desk, add_known(made).id
    camille, dominique = new_agent(made), new_agent(made, "dominique", AgentRole.SUPERVISOR)
    written, first = request_in_writing(made), camille.first_sign_in()
    at_theirs = does(desk.sessions.choose_password, first, AGENT_PASSWORD, refused=errors.AgentSessionOver)
    at_work = DeskAtWork(unlucky, voter, dominique, at_theirs, dominique.choose_password())

    does(desk.sessions.lock, at_theirs)
    does(desk.sessions.unlock, at_theirs, AGENT_PASSWORD)
    elsewhere = does(desk.sessions.sign_in, "camille", AGENT_PASSWORD, partial(next_code, camille))
    does(desk.sessions.sign_out, elsewhere)
    does(desk.written_answers.send, at_theirs, written, "mailbox", refused=errors.WrittenRequestOver)
    unanswered = request_in_writing(made)
    does(desk.call_backs.take, at_theirs, unanswered)
    does(desk.call_backs.close_unanswered, at_theirs, unanswered, CallOutcome.SOLVED)
    wrong = (desk.verification.verify, at_theirs, voter, BIRTH_DATE, OTHER_NUMEN)
    assert [outcome(lambda: does(*wrong)) for _ in range(2)] == [errors.CallerAnswersWrong] * 2
    # Attempts whose answers were lost count too.
    made.clock.move(minutes=made.dependencies.policy.caller_window_minutes)
    does(desk.verification.verify, at_theirs, voter, BIRTH_DATE, NUMEN)
    at_work.has_acts_approved()
    made.clock.move(minutes=made.dependencies.policy.caller_window_minutes)
    at_work.mails_a_link()
    at_work.ends_a_call()
    at_work.announces()

    acts = Counter(act for act, _ in made.kept.lines())
    assert {act: acts[act] for act in EVENTS} == EVENTS
    assert unlucky.done == {*ACTS}
    table = DOCUMENT.read_text("utf-8").partition("| act | its event | done again |")[2].partition("\n\n")[0]
    assert {event for row in table.splitlines() for event in re.findall(r"`([a-z-]+)`", row)} == {*EVENTS}
