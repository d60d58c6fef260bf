"""Dialogs in which a supervisor approves an agent's action."""

from asyncio import sleep
from typing import Any, ClassVar

from textual import work
from textual.app import App, ComposeResult
from textual.binding import BindingType

from core.desk.actions import LABELS, DeskAction
from core.desk.approvals import ActionToApprove, ApprovalRequestStatus, Approvals
from core.desk.authorisation import SupervisorApproval, VerifiedCaller
from core.desk.forms import APPROVE, COUNTERSIGN, AgentCredentials, ApprovalCode
from core.desk.freezing import AccountFreezing
from core.desk.sessions import AgentSessions
from core.ports import ApprovalState
from core.text.faces import desk_terminal_texts as words
from core.text.faces import supervisor_approval_texts as approval_texts
from core.text.faces.supervisor_approval_texts import ActNeedingApproval, ReopeningReason
from core.text.text import ShortMoment, Text, TimeOfDay
from tui import key_bindings
from tui.base_screen import ACTION_GROUP, BaseScreen
from tui.dialogs import ChoiceDialog, Dialog, number_choices
from tui.field_widgets import ActionForm
from tui.form_dialogs import FormDialog
from tui.plain_text_line import PlainTextLine
from tui.terminal_session import CallWithOpenVoterFile, TerminalSession

FOLLOW_SECONDS = 0.5
APPROVE_HERE = "here"
"""Returned by `ReopeningReasonDialog` if a supervisor will approve at this terminal."""


async def unfreeze_with_approval(screen: BaseScreen[None], call: CallWithOpenVoterFile, caller: VerifiedCaller) -> bool:
    """Ask a supervisor to approve unfreezing an account. Returns True if the account was unfrozen immediately."""
    session, app = screen.session, screen.app
    reason = await app.push_screen_wait(ReopeningReasonDialog(session, call))
    if reason == APPROVE_HERE:
        approval = await app.push_screen_wait(SupervisorApprovalDialog(session, call))
        act = LABELS[DeskAction.UNFREEZE]
        return approval is not None and await screen.succeeds(AccountFreezing.unfreeze, caller, approval, act=act)
    if not isinstance(reason, ReopeningReason):
        return False
    unfreeze, asking = ActNeedingApproval.UNFREEZE, approval_texts.WHY_TITLE
    request = await screen.call_desk(Approvals.request, caller, unfreeze, reason, act=asking)
    if request is None:
        return False
    app.run_worker(_use_answer_when_given(app, session, call, caller, request), group="approval", exclusive=True)
    await app.push_screen_wait(AwaitApprovalDialog(session, call, request))
    return False


async def _use_answer(
    screen: BaseScreen[Any], call: CallWithOpenVoterFile, caller: VerifiedCaller, answered: ApprovalRequestStatus
) -> None:
    match answered:
        case ApprovalRequestStatus(state=ApprovalState.ACCEPTED, is_over=False):
            unfreeze, act = AccountFreezing.unfreeze_with_requested_approval, LABELS[DeskAction.UNFREEZE]
            if await screen.succeeds(unfreeze, caller, answered.id, act=act):
                screen.show_notice(approval_texts.REOPENED, name=call.name)
        case ApprovalRequestStatus(state=ApprovalState.DECLINED):
            screen.show_notice(approval_texts.DECLINED_BY, wrong=True, agent=answered.supervisor, name=call.name)
        case ApprovalRequestStatus(is_over=True):
            screen.show_notice(approval_texts.NOT_ANSWERED, wrong=True)
        case _:
            screen.show_notice(approval_texts.WITHDRAWN)


async def _use_answer_when_given(
    app: App[Any],
    session: TerminalSession,
    call: CallWithOpenVoterFile,
    caller: VerifiedCaller,
    request: ApprovalRequestStatus,
) -> None:
    """Wait for the supervisor's answer and act on it. If the call ends first, withdraw the request."""
    agent, began = session.agent, session.call_began
    while session.signed_in is agent:
        screen = app.screen
        if session.locked or not isinstance(screen, BaseScreen) or isinstance(screen, AwaitApprovalDialog):
            await sleep(FOLLOW_SECONDS)
            continue
        if session.call_began != began:
            await screen.succeeds(Approvals.withdraw, request.id, act=approval_texts.WITHDRAW)
            return
        found = await screen.call_desk(Approvals.follow, request.id)
        if found is not None and (found.is_over or found.state is not ApprovalState.WAITING):
            await _use_answer(screen, call, caller, found)
            return
        await sleep(FOLLOW_SECONDS)


class ReopeningReasonDialog(ChoiceDialog[ReopeningReason | str]):
    """Asks why to reopen an account. Returns the reason or `APPROVE_HERE`."""

    BINDINGS: ClassVar[list[BindingType]] = [key_bindings.SIGN_HERE]

    def __init__(self, session: TerminalSession, call: CallWithOpenVoterFile) -> None:
        super().__init__(
            session,
            approval_texts.WHY_ASKED.fill({"name": call.name}),
            number_choices(tuple((each, each.sentence) for each in ReopeningReason)),
            heading=approval_texts.WHY_TITLE,
            explained=approval_texts.WHY_EXPLAINED,
            hint=approval_texts.WHY_HINT,
        )

    def action_sign_here(self) -> None:
        self.dismiss(APPROVE_HERE)


class SupervisorApprovalDialog(FormDialog[SupervisorApproval]):
    """Lets a supervisor approve an action at the agent's terminal."""

    heading = words.SIGNATURE_TITLE
    help_text = words.SIGNATURE_EXPLAINED

    def __init__(self, session: TerminalSession, call: CallWithOpenVoterFile) -> None:
        sentence = words.SIGNATURE_FOR.fill({"name": call.name})
        super().__init__(session, sentence, COUNTERSIGN)
        self.call = call

    def call_use_case(self, answer: AgentCredentials) -> SupervisorApproval:
        approve, agent, voter = AgentSessions.approval_of_supervisor, self.session.agent, self.call.voter
        return self.session.desk.call(approve, agent, voter, answer.name, answer.password, answer.code)


class AwaitApprovalDialog(Dialog[None]):
    """Waits for a supervisor's decision. The agent can withdraw the request."""

    heading = approval_texts.WAITING_TITLE
    help_text = approval_texts.WAITING_EXPLAINED
    BINDINGS: ClassVar[list[BindingType]] = [key_bindings.WITHDRAW]

    def __init__(self, session: TerminalSession, call: CallWithOpenVoterFile, request: ApprovalRequestStatus) -> None:
        super().__init__(session)
        self.call = call
        self.request = request

    def compose_body(self) -> ComposeResult:
        facts = {"act": ActNeedingApproval.UNFREEZE.sentence, "name": self.call.name}
        yield PlainTextLine(self.say(approval_texts.WAITING, **facts, until=TimeOfDay(self.request.until)), "say")
        yield PlainTextLine(self.say(approval_texts.WAITING_ON), "hint")

    def on_mount(self) -> None:
        self.follow()

    @work(exclusive=True)
    async def follow(self) -> None:
        while self.is_attached:
            found = await self.call_desk(Approvals.follow, self.request.id)
            if found is not None and (found.is_over or found.state is not ApprovalState.WAITING):
                self.dismiss()
                return
            await sleep(FOLLOW_SECONDS)

    @work(group=ACTION_GROUP)
    async def action_withdraw(self) -> None:
        if await self.succeeds(Approvals.withdraw, self.request.id, act=approval_texts.WITHDRAW):
            self.dismiss()
        else:
            self.follow()


class ApproveOrDeclineDialog(FormDialog[Text]):
    """Lets a supervisor approve or decline a request. Returns a sentence confirming the decision."""

    heading = approval_texts.QUESTION_TITLE
    help_text = approval_texts.QUESTION_EXPLAINED
    BINDINGS: ClassVar[list[BindingType]] = [key_bindings.DECLINE]

    def __init__(self, session: TerminalSession, question: ActionToApprove) -> None:
        facts = {"agent": question.agent, "act": question.act.sentence, "name": question.name}
        super().__init__(session, approval_texts.QUESTION.fill(facts), APPROVE)
        self.to_approve = question

    def compose_body(self) -> ComposeResult:
        asked = self.to_approve
        yield PlainTextLine(self.say(self.sentence), "say")
        yield PlainTextLine(asked.name, "label")
        if asked.academie:
            yield PlainTextLine(self.say(approval_texts.OF_ACADEMIE, academie=asked.academie))
        if asked.frozen is not None:
            yield PlainTextLine(self.say(approval_texts.FROZEN_AT, at=ShortMoment(asked.frozen)))
        yield PlainTextLine(self.say(approval_texts.REASON, reason=asked.reason.sentence))
        yield PlainTextLine(self.say(approval_texts.VALID_UNTIL, until=TimeOfDay(asked.until)), "hint")
        yield ActionForm(self.session.translator, self.action)

    def call_use_case(self, answer: ApprovalCode) -> Text:
        self.session.desk.call(Approvals.approve, self.session.agent, self.to_approve.id, answer.code)
        return approval_texts.SIGNED_NOW

    @work(group=ACTION_GROUP)
    async def action_decline(self) -> None:
        if await self.succeeds(Approvals.decline, self.to_approve.id, act=self.heading):
            self.dismiss(approval_texts.DECLINED_NOW)
