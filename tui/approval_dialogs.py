"""Dialogs in which a supervisor approves an agent's action, at the agent's terminal or at the supervisor's own."""

from asyncio import sleep
from contextlib import suppress
from dataclasses import replace
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.binding import BindingType

from core.desk.actions import LABELS, DeskAction
from core.desk.approvals import ActionToApprove, ApprovalRequestStatus, Approvals
from core.desk.authorisation import SupervisorApproval, VerifiedCaller
from core.desk.forms import APPROVE, COUNTERSIGN, AgentCredentials, ApprovalCode
from core.desk.freezing import AccountFreezing
from core.desk.sessions import AgentSessions
from core.forms.errors import Refusal
from core.ports import ApprovalState, StoreUnavailable
from core.text.faces import desk_terminal_texts as words
from core.text.faces import supervisor_approval_texts as approval_texts
from core.text.faces.call_sentences import ContactReason
from core.text.faces.supervisor_approval_texts import ActNeedingApproval
from core.text.text import Moment, Text, TimeOfDay
from tui import key_bindings
from tui.base_screen import ACT, BaseScreen
from tui.dialogs import ChoiceDialog, Dialog, number_choices
from tui.field_widgets import ActionForm
from tui.form_dialogs import FormDialog
from tui.plain_text_line import PlainTextLine
from tui.terminal_session import CallWithOpenVoterFile, TerminalSession

FOLLOW_SECONDS = 0.5
REMOTE = "remote"
"""Result of `SupervisorApprovalDialog` if a supervisor should approve at another terminal."""


async def unfreeze_with_approval(screen: BaseScreen[None], call: CallWithOpenVoterFile, caller: VerifiedCaller) -> bool:
    """Ask for a supervisor's approval, then unfreeze the account. If this fails, show the reason and return False."""
    session, act = screen.session, LABELS[DeskAction.UNFREEZE]
    approval = await screen.app.push_screen_wait(SupervisorApprovalDialog(session, call))
    if isinstance(approval, SupervisorApproval):
        return await screen.succeeds(AccountFreezing.unfreeze, caller, approval, act=act)
    request = await _requested(screen, call, caller) if approval == REMOTE else None
    if request is None:
        return False
    answered = await screen.app.push_screen_wait(AwaitApprovalDialog(session, call, request))
    match answered:
        case ApprovalRequestStatus(state=ApprovalState.ACCEPTED, is_over=False):
            return await screen.succeeds(AccountFreezing.unfreeze_with_requested_approval, caller, answered.id, act=act)
        case ApprovalRequestStatus(state=ApprovalState.DECLINED):
            screen.show_notice(approval_texts.DECLINED_BY, wrong=True, agent=answered.supervisor)
        case ApprovalRequestStatus(is_over=True):
            screen.show_notice(approval_texts.NOT_ANSWERED, wrong=True)
        case None:
            pass  # the dialog was closed to open another file
        case _:
            screen.show_notice(approval_texts.WITHDRAWN)
    return False


async def _requested(
    screen: BaseScreen[None], call: CallWithOpenVoterFile, caller: VerifiedCaller
) -> ApprovalRequestStatus | None:
    dialog = ChoiceDialog(
        screen.session,
        approval_texts.WHY_ASKED.fill({"name": call.name}),
        number_choices(tuple((each, each.sentence) for each in ContactReason)),
        heading=approval_texts.WHY_TITLE,
        explained=approval_texts.WHY_EXPLAINED,
        hint=approval_texts.WHY_HINT,
    )
    reason = await screen.app.push_screen_wait(dialog)
    if reason is None:
        return None
    request, unfreeze = Approvals.request, ActNeedingApproval.UNFREEZE
    return await screen.call_desk(request, caller, unfreeze, reason, act=approval_texts.WHY_TITLE)


class SupervisorApprovalDialog(FormDialog[SupervisorApproval | str]):
    """A dialog in which a supervisor approves an action at the agent's terminal. Returns the approval, or `REMOTE`."""

    heading = words.SIGNATURE_TITLE
    help_text = words.SIGNATURE_EXPLAINED
    BINDINGS: ClassVar[list[BindingType]] = [key_bindings.REMOTE_SIGNATURE]

    def __init__(self, session: TerminalSession, call: CallWithOpenVoterFile) -> None:
        sentence = words.SIGNATURE_FOR.fill({"name": call.name})
        super().__init__(session, sentence, COUNTERSIGN)
        self.call = call

    def call_use_case(self, answer: AgentCredentials) -> SupervisorApproval:
        approve, agent, voter = AgentSessions.approval_of_supervisor, self.session.agent, self.call.voter
        return self.session.desk.call(approve, agent, voter, answer.name, answer.password, answer.code)

    def action_sign_remotely(self) -> None:
        self.dismiss(REMOTE)


class AwaitApprovalDialog(Dialog[ApprovalRequestStatus]):
    """A dialog that waits for a supervisor's decision and returns it. Closing the dialog withdraws the request."""

    heading = approval_texts.WAITING_TITLE
    help_text = approval_texts.WAITING_EXPLAINED

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
                self.dismiss(found)
                return
            await sleep(FOLLOW_SECONDS)

    def action_back(self) -> None:
        self.withdraw()

    @work(group=ACT)
    async def withdraw(self) -> None:
        if await self.succeeds(Approvals.withdraw, self.request.id, act=approval_texts.WITHDRAW):
            self.dismiss(replace(self.request, state=ApprovalState.WITHDRAWN))
        else:
            self.follow()

    def dismiss(self, result: ApprovalRequestStatus | None = None) -> AwaitComplete:
        if result is None:
            desk, agent = self.session.desk, self.session.agent

            def withdraw() -> None:
                with suppress(StoreUnavailable, Refusal):
                    desk.call(Approvals.withdraw, agent, self.request.id)

            self.app.run_worker(withdraw, thread=True)  # a worker of the dialog would be stopped with the dialog
        return super().dismiss(result)


class ApproveOrDeclineDialog(FormDialog[Text]):
    """A dialog in which a supervisor approves or declines a request. Returns a sentence that confirms the decision."""

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
            yield PlainTextLine(self.say(approval_texts.FROZEN_AT, at=Moment(asked.frozen)))
        yield PlainTextLine(self.say(approval_texts.REASON, reason=asked.reason.sentence))
        yield PlainTextLine(self.say(approval_texts.VALID_UNTIL, until=TimeOfDay(asked.until)), "hint")
        yield ActionForm(self.session.translator, self.action)

    def call_use_case(self, answer: ApprovalCode) -> Text:
        self.session.desk.call(Approvals.approve, self.session.agent, self.to_approve.id, answer.code)
        return approval_texts.SIGNED_NOW

    @work(group=ACT)
    async def action_decline(self) -> None:
        if await self.succeeds(Approvals.decline, self.to_approve.id, act=self.heading):
            self.dismiss(approval_texts.DECLINED_NOW)
