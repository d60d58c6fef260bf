"""The base class of the two screens about a voter."""

import time
from collections.abc import Iterator, Mapping
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType

from core.desk.actions import LABELS, VERIFY_FIRST, AvailableAction, DeskAction, may_act
from core.desk.authorisation import VerifiedCaller
from core.desk.files import TimelineLine, VoterFiles
from core.desk.freezing import AccountFreezing
from core.desk.guide import VoterFlowGuide, case_summary_sentences
from core.desk.mails import RecoveryMailRequests
from core.desk.subjects import CallSubject
from core.desk.verification import CallerVerification
from core.text.faces import desk_terminal_texts as words
from core.text.text import Text
from tui import key_bindings
from tui.action_button import ActionButtonWithReason
from tui.approval_dialogs import unfreeze_with_approval
from tui.base_screen import ACTION_GROUP
from tui.dialogs import ConfirmDialog
from tui.form_dialogs import VerifyCallerDialog
from tui.signed_in_screen import SelfUpdatingScreen
from tui.status_line import VoterStatusLine
from tui.terminal_session import CallWithOpenVoterFile, TerminalSession

REREAD_SECONDS = 3.0
"""Interval between complete re-reads of the data, in seconds."""
ACTS = {each.action for each in (key_bindings.VERIFY, key_bindings.MAIL, key_bindings.FREEZE)}


class VoterScreenBase(SelfUpdatingScreen):
    BINDINGS: ClassVar[list[BindingType]] = [
        key_bindings.VERIFY,
        key_bindings.MAIL,
        key_bindings.COPY_CASE,
        key_bindings.COPY_SUMMARY,
        key_bindings.END_CALL,
    ]

    def __init__(self, session: TerminalSession, call: CallWithOpenVoterFile) -> None:
        super().__init__(session)
        self.call = call
        self.guide: VoterFlowGuide | None = None
        self.lines: tuple[TimelineLine, ...] = ()
        self.freezing: AvailableAction | None = None
        self.acting = False
        """True while an action is running or waits for a confirmation or an approval."""
        self._reread_at = 0.0

    @property
    def is_acting_for_verified_caller(self) -> bool:
        caller = self.call.caller
        return self.acting and caller is not None and self.session.desk.clock.now() < caller.until

    def valid_caller(self) -> VerifiedCaller | None:
        """Return the verified caller. If the verification has expired, return None."""
        caller = self.call.caller
        if caller is not None and self.session.desk.call(CallerVerification.resume, self.session.agent, caller) is None:
            if self.call.caller is caller:  # the caller may have been verified again
                self.call.caller = None
            return None
        return caller

    async def redraw(self) -> None:
        await super().redraw()
        self._reread_at = 0.0

    async def is_reload_due(self) -> bool:
        # Reading only the timeline costs a fifth of reading everything.
        lines = await self.call_desk(VoterFiles.timeline, self.call.voter)
        now = time.monotonic()
        if lines is None or (lines == self.lines and now < self._reread_at):
            return False
        if lines != self.lines:
            self.hide_old_notices()
        self._reread_at = now + REREAD_SECONDS
        return True

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002  # Textual's signature
        if action == key_bindings.MAIL.action and self.mail_action is None:
            return False
        if action == key_bindings.FREEZE.action and self.freezing is None:
            return False
        return action not in ACTS or may_act(self.session.agent)

    @property
    def call_subject(self) -> CallSubject:
        return CallSubject(voter=self.call.voter, case=None if self.guide is None else self.guide.case)

    def copy(self, text: str) -> None:
        self.app.copy_to_clipboard(text)
        self.show_notice(words.COPIED)

    def action_copy_case(self) -> None:
        if self.guide is None or self.guide.case is None:
            self.show_notice(words.NO_CASE_TO_COPY, wrong=True)
        else:
            self.copy(self.guide.case)

    def action_copy_summary(self) -> None:
        if self.guide is not None:
            self.copy("\n".join(map(self.session.translator.say, case_summary_sentences(self.guide, self.lines))))

    @property
    def top_title(self) -> str:
        return self.call.name

    def action_buttons(self, *bindings: Binding) -> Iterator[ActionButtonWithReason]:
        for binding in bindings:
            button = ActionButtonWithReason(self.session.translator, binding)
            button.display = binding.action not in ACTS or may_act(self.session.agent)
            yield button

    def show_actions(self) -> None:
        why_not = self.why_not_verify
        verify_first = key_bindings.with_key_names(words.VERIFY_WHY, self.session.translator)
        hint = why_not or (verify_first if self.call.caller is None else None)
        self.show_action(key_bindings.VERIFY, words.KEY_VERIFY, hint, possible=why_not is None)
        verify = self.query_one(f"#action-{key_bindings.VERIFY.action}", ActionButtonWithReason)
        verify.display = self.call.caller is None and may_act(self.session.agent)
        if self.call.caller is not None and verify.button.has_focus:
            self.focus_action(self.next_action)
        if self.guide is not None:
            self.query_one(VoterStatusLine).show(self.guide.status)
        mail = self.mail_action
        self.query_one(f"#action-{key_bindings.MAIL.action}").display = mail is not None
        if mail is not None:
            self.show_action(
                key_bindings.MAIL, mail.label, mail.why_not, possible=mail.why_not is None, about=words.MAIL_FOR
            )
        self.refresh_bindings()

    @property
    def why_not_verify(self) -> Text | None:
        return None if self.guide is None else self.guide.why_not_verify

    def show_action(
        self, binding: Binding, label: Text, hint: Text | None, *, possible: bool = True, about: Text | None = None
    ) -> None:
        button = self.query_one(f"#action-{binding.action}", ActionButtonWithReason)
        button.show(label, hint, possible=possible, about=about)

    @property
    def mail_action(self) -> AvailableAction | None:
        """The suggested email action: send the first email, or send the email again."""
        return self.guide.actions[0] if self.guide and self.guide.actions else None

    @property
    def desk_actions(self) -> Mapping[str, AvailableAction]:
        verify = AvailableAction(DeskAction.VERIFY, self.why_not_verify)
        found = {
            key_bindings.VERIFY.action: verify,
            key_bindings.MAIL.action: self.mail_action,
            key_bindings.FREEZE.action: self.freezing,
        }
        return {key: action for key, action in found.items() if action is not None}

    @work(group=ACTION_GROUP)
    async def action_verify(self, first_digit: str = "") -> None:
        if self.why_not_verify is not None:
            self.show_notice(self.why_not_verify, wrong=True)
            return
        dialog = VerifyCallerDialog(self.session, self.call, first_digit)
        caller: VerifiedCaller | None = await self.app.push_screen_wait(dialog)
        if caller is not None:
            self.call.caller = caller
            self.session.begin_or_continue_call()
            async with self.redraw_lock:  # a reload that is still running would offer no actions
                self.show_notice(words.VERIFIED, name=self.call.name)
                await self.reload()
            self.focus_action(self.next_action)

    next_binding: ClassVar[Binding] = key_bindings.VERIFY
    """The action that receives the focus after an email request, or after a verification if nothing else is possible."""

    @property
    def next_action(self) -> Binding:
        """The action that helps a verified caller most."""
        mail, freezing = self.mail_action, self.freezing
        if mail is not None and mail.why_not is None:
            return key_bindings.MAIL
        if freezing is not None and freezing.action is DeskAction.UNFREEZE and freezing.why_not is None:
            return key_bindings.FREEZE
        return self.next_binding

    def focus_action(self, binding: Binding) -> None:
        for action in self.query(f"#action-{binding.action}").results(ActionButtonWithReason):
            if action.display:
                action.button.focus()

    @work(group=ACTION_GROUP)
    async def action_mail(self) -> None:
        mail, caller = self.mail_action, self.call.caller
        if mail is None:
            return
        if mail.why_not is not None or caller is None:
            self.show_notice(mail.why_not or VERIFY_FIRST, wrong=True)
        elif await self.run_use_case(lambda: self._request_mail(mail.action, caller), act=mail.label):
            self.show_notice(words.MAIL_ASKED)
            await self.reload()
            self.focus_action(self.next_binding)

    def _request_mail(self, action: DeskAction, caller: VerifiedCaller) -> str:
        desk, agent = self.session.desk, self.session.agent
        case = None if self.guide is None else self.guide.case
        if action is DeskAction.SEND_AGAIN and case is not None:
            desk.call(RecoveryMailRequests.send_again, agent, caller, case)
            return case
        return desk.call(RecoveryMailRequests.request_mail, agent, caller)

    def read_freezing(self, caller: VerifiedCaller | None) -> AvailableAction:
        """Return the action for the F8 key: freeze the account or reopen it."""
        read, agent = AccountFreezing.freeze_and_unfreeze_actions, self.session.agent
        suitable, _ = self.session.desk.call(read, agent, self.call.voter, caller)
        return suitable

    @work(group=ACTION_GROUP)
    async def action_freeze(self) -> None:
        action, caller = self.freezing, self.call.caller
        if action is None:
            return
        if action.why_not is not None or caller is None:
            self.show_notice(action.why_not or VERIFY_FIRST, wrong=True)
        else:
            self.acting = True
            try:
                await (self._freeze(caller) if action.action is DeskAction.FREEZE else self._unfreeze(caller))
            finally:
                self.acting = False
        await self.reload()

    async def _freeze(self, caller: VerifiedCaller) -> None:
        question = words.FREEZE_QUESTION.fill({"name": self.call.name})
        label = LABELS[DeskAction.FREEZE]
        if not await self.app.push_screen_wait(ConfirmDialog(self.session, question, label)):
            return
        if await self.succeeds(AccountFreezing.freeze, caller, act=label):
            self.show_notice(words.FROZEN_NOW)

    async def _unfreeze(self, caller: VerifiedCaller) -> None:
        if await unfreeze_with_approval(self, self.call, caller):
            self.show_notice(words.REOPENED_NOW)
