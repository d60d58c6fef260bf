"""Asks the agent how a call ended, and records the outcome."""

from datetime import datetime
from enum import Enum
from typing import TypeVar

from textual.app import ComposeResult
from textual.containers import VerticalScroll

from core.desk.call_backs import WITHOUT_ANSWER, CallBackLine, CallBackPromise, CallBacks
from core.desk.call_ends import CallEnd, CallEnds, CorrectedCallOutcome, OutcomeChoices
from core.desk.hand_overs import Colleague, HandOvers, NewHandOver
from core.desk.subjects import CallSubject
from core.desk.written_answers import OfferedWrittenAnswer, WrittenAnswers
from core.ports import AnswerWay, CallRecord
from core.text.faces import call_end_texts as words
from core.text.faces.call_sentences import (
    CallBackDueChoice,
    CallOutcome,
    ContactReason,
    HandOverReason,
)
from core.text.text import Text
from tui.base_screen import BaseScreen
from tui.dialogs import Choice, ChoiceDialog, ConfirmDialog, number_choices
from tui.plain_text_line import PlainTextLine
from tui.terminal_session import TerminalSession
from tui.translator import Translator

T = TypeVar("T")
SAME_DIGIT = {CallOutcome.GUIDED: CallOutcome.MESSAGE_SENT, CallOutcome.NO_ANSWER: CallOutcome.CUT_OFF}
"""Pairs of outcomes of which no list has both."""
NUMBERED: list[CallOutcome] = [each for each in CallOutcome if each not in SAME_DIGIT]
DIGITS = {outcome: str(number) for number, outcome in enumerate(NUMBERED, start=1)}
DIGITS |= {outcome: DIGITS[other] for outcome, other in SAME_DIGIT.items()}
"""Maps each call outcome to its digit key. The digits are the same in every list."""
GIVE_BACK_DIGIT = "0"
QUESTIONS = {CallOutcome.CALL_BACK: 4, CallOutcome.PASSED_ON: 3, CallOutcome.NO_ANSWER: 2}
"""The number of questions that an agent answers for an outcome. For other outcomes it is one."""


class CallBackEndedWithoutCall(Enum):
    """What happened to a call-back or to a written request, with the sentence that tells it."""

    GIVEN_BACK = words.CALL_BACK_GIVEN_BACK
    ANSWERED = words.ANSWER_SENT
    CLOSED = words.WRITTEN_REQUEST_CLOSED


class QuestionCancelled(Exception):
    """Raised when the agent presses Escape, or when a use case fails."""


class EndCallQuestions:
    def __init__(self, screen: BaseScreen[None], session: TerminalSession, subject: CallSubject) -> None:
        self.screen = screen
        self.session = session
        self.subject = subject
        self.call_back = session.taken_call_back_for(subject)

    async def end(self) -> CallRecord | CallBackEndedWithoutCall | None:
        """Record the call and its outcome. Returns None if the agent cancels."""
        began, call_back = self.session.call_beginning_or_now, self.call_back
        try:
            outcome = await self._outcome()
            if isinstance(outcome, CallBackEndedWithoutCall):
                return await (self._give_back() if outcome is CallBackEndedWithoutCall.GIVEN_BACK else self._answer())
            if self._is_without_call and outcome in WITHOUT_ANSWER:
                return await self._close(outcome)
            promise, hand_over = await self._promise(outcome), await self._hand_over(outcome)
        except QuestionCancelled:
            return None
        self.session.call_began = began  # if the answer is lost, a retry must end the same call
        call = CallEnd(
            subject=self.subject,
            began=began,
            outcome=outcome,
            call_back=None if call_back is None else call_back.id,
            promise=promise,
            hand_over=hand_over,
        )
        return await self.screen.call_desk(CallEnds.end, call, act=words.ENDING_TITLE)

    async def correct(self, ended: CallRecord) -> CallRecord | None:
        question = words.WHICH_OUTCOME_INSTEAD.fill({"outcome": ended.outcome.sentence})
        try:
            offered = await self._outcome_choices(CallSubject(voter=ended.voter, case=ended.case), ended.began)
            outcome = await self._ask(question, tuple(map(_outcome_choice, offered.possible)), None)
            promise, hand_over = await self._promise(outcome), await self._hand_over(outcome)
        except QuestionCancelled:
            return None
        correction = CorrectedCallOutcome(call=ended.id, outcome=outcome, promise=promise, hand_over=hand_over)
        return await self.screen.call_desk(CallEnds.correct, correction, act=words.ENDING_TITLE)

    # ── The questions ────────────────────────────────────────────────────────────────────────────────────

    async def _ask(
        self,
        question: Text,
        choices: tuple[Choice[T], ...],
        highlighted: int | None = 0,
        *,
        heading: Text | None = None,
    ) -> T:
        dialog = ChoiceDialog(
            self.session,
            question,
            choices,
            heading=heading or self._title,
            explained=words.CLOSING_EXPLAINED if self._is_without_call else words.ENDING_EXPLAINED,
            highlighted=highlighted,
        )
        answer = await self.screen.app.push_screen_wait(dialog)
        if answer is None:
            raise QuestionCancelled
        return answer

    async def _outcome(self) -> CallOutcome | CallBackEndedWithoutCall:
        """Return the call's outcome. If the outcome is uncertain, ask the agent."""
        choices = await self._outcome_choices(self.subject, self.session.call_beginning_or_now, self.call_back)
        suggested = choices.suggested
        if suggested is not None and suggested.is_certain and suggested.outcome is not None:
            return suggested.outcome
        return await self._chosen_outcome(choices)

    async def _outcome_choices(
        self, subject: CallSubject, began: datetime, call_back: CallBackLine | None = None
    ) -> OutcomeChoices:
        taken = None if call_back is None else call_back.id
        choices = await self.screen.call_desk(CallEnds.outcome_choices, subject, began, taken)
        if choices is None:
            raise QuestionCancelled
        return choices

    async def _chosen_outcome(self, known: OutcomeChoices) -> CallOutcome | CallBackEndedWithoutCall:
        suggested, unwritten = known.suggested, self._is_unwritten
        offered = WITHOUT_ANSWER if unwritten else known.possible
        choices: list[Choice[CallOutcome | CallBackEndedWithoutCall]] = [*map(_outcome_choice, offered)]
        if unwritten:
            choices.append(
                Choice(CallBackEndedWithoutCall.ANSWERED, words.KEY_ANSWER, DIGITS[CallOutcome.MESSAGE_SENT])
            )
            choices.sort(key=lambda each: each.digit)
        if self.call_back is not None:
            choices.append(Choice(CallBackEndedWithoutCall.GIVEN_BACK, self._give_back_label, GIVE_BACK_DIGIT))
        asked = words.WHICH_OUTCOME if suggested else words.WHICH_OUTCOME_NOTHING_SENT
        question = words.WHY_NOT_WRITTEN if unwritten else asked
        places = (place for place, choice in enumerate(choices) if suggested and choice.value == suggested.outcome)
        return await self._ask(question, tuple(choices), next(places, None))

    @property
    def _is_unwritten(self) -> bool:
        return self.call_back is not None and self.call_back.way is AnswerWay.WRITING

    @property
    def _is_without_call(self) -> bool:
        return self._is_unwritten and self.session.call_began is None

    @property
    def _title(self) -> Text:
        return words.CLOSING_TITLE if self._is_without_call else words.ENDING_TITLE

    @property
    def _give_back_label(self) -> Text:
        return words.GIVE_BACK_WRITTEN_REQUEST if self._is_unwritten else words.GIVE_BACK

    async def _promise(self, outcome: CallOutcome) -> CallBackPromise | None:
        if outcome is CallOutcome.NO_ANSWER and self.call_back is not None and self.subject.has_voter_or_case:
            return CallBackPromise(when=await self._when(_heading(2, outcome)), reason=self.call_back.reason)
        if outcome is not CallOutcome.CALL_BACK:
            return None
        when = await self._when(_heading(2, outcome))
        reasons = number_choices([(each, each.sentence) for each in ContactReason])
        reason = await self._ask(words.ABOUT_WHAT, reasons, heading=_heading(3, outcome))
        return CallBackPromise(when=when, reason=reason, assigned=await self._assignee(_heading(4, outcome)))

    async def _when(self, heading: Text) -> CallBackDueChoice:
        times = await self.screen.call_desk(CallBacks.promisable_times)
        if not times:
            if times is not None:
                self.screen.show_notice(words.NO_TIME, wrong=True)
            raise QuestionCancelled
        choices = number_choices([(each.choice, each.label) for each in times])
        return await self._ask(words.WHEN_TO_CALL, choices, heading=heading)

    async def _assignee(self, heading: Text) -> str | None:
        myself = self.session.agent.name
        named: list[tuple[str, Text]] = [("", words.ANYONE), (myself, words.MYSELF)]
        named += [(each.name, _name(each)) for each in await self._colleagues()]
        return await self._ask(words.WHO_CALLS, number_choices(named), highlighted=1, heading=heading) or None

    async def _hand_over(self, outcome: CallOutcome) -> NewHandOver | None:
        if outcome is not CallOutcome.PASSED_ON:
            return None
        reasons = number_choices([(each, each.sentence) for each in HandOverReason])
        reason = await self._ask(words.WHY_HANDED_OVER, reasons, heading=_heading(2, outcome))
        colleagues = await self._colleagues(reason)
        if not colleagues:
            self.screen.show_notice(words.NO_COLLEAGUE, wrong=True)
            raise QuestionCancelled
        named = number_choices([(each.name, _name(each)) for each in colleagues])
        return NewHandOver(await self._ask(words.TO_WHOM, named, heading=_heading(3, outcome)), reason)

    async def _colleagues(self, reason: HandOverReason | None = None) -> tuple[Colleague, ...]:
        colleagues = await self.screen.call_desk(HandOvers.colleagues, reason)
        if colleagues is None:
            raise QuestionCancelled
        return colleagues

    async def _give_back(self) -> CallBackEndedWithoutCall | None:
        assert self.call_back is not None  # noqa: S101  # this choice is offered only for a call-back
        given = await self.screen.succeeds(CallBacks.give_back, self.call_back.id, act=self._give_back_label)
        return CallBackEndedWithoutCall.GIVEN_BACK if given else None

    async def _close(self, outcome: CallOutcome) -> CallBackEndedWithoutCall | None:
        assert self.call_back is not None  # noqa: S101  # the same
        closed = await self.screen.succeeds(CallBacks.close_unanswered, self.call_back.id, outcome, act=self._title)
        return CallBackEndedWithoutCall.CLOSED if closed else None

    async def _answer(self) -> CallBackEndedWithoutCall | None:
        assert self.call_back is not None  # noqa: S101  # the same
        return CallBackEndedWithoutCall.ANSWERED if await answer_in_writing(self.screen, self.call_back) else None


def _outcome_choice(outcome: CallOutcome) -> Choice[CallOutcome]:
    label = words.ASKS_MORE.fill({"label": outcome.sentence}) if outcome in QUESTIONS else outcome.sentence
    return Choice(outcome, label, DIGITS[outcome])


def _heading(number: int, outcome: CallOutcome) -> Text:
    return words.QUESTION_OF.fill({"number": number, "count": QUESTIONS[outcome]})


def _name(colleague: Colleague) -> Text:
    name = (words.SUPERVISOR if colleague.is_supervisor else words.COLLEAGUE).fill({"name": colleague.name})
    return words.WITH_FILE_OPEN.fill({"colleague": name}) if colleague.has_file_open else name


def _title_and_reason(answer: OfferedWrittenAnswer) -> Text:
    return words.ANSWER_NOT_POSSIBLE.fill({"title": answer.title, "reason": answer.why_not})


async def answer_in_writing(screen: BaseScreen[None], request: CallBackLine) -> bool:
    session, push = screen.session, screen.app.push_screen_wait
    offered = await screen.call_desk(WrittenAnswers.offered, request.id)
    if offered is None:
        return False
    dialog = ChoiceDialog(
        session,
        words.WHICH_ANSWER.fill({"subject": request.reason.sentence}),
        (
            *number_choices([(each, each.title) for each in offered if each.why_not is None]),
            *(Choice(each, _title_and_reason(each), possible=False) for each in offered if each.why_not is not None),
        ),
        heading=words.ANSWER_TITLE,
        explained=words.ANSWERS_EXPLAINED,
        hint=words.ANSWERS_HINT,
    )
    chosen = await push(dialog.add_class("-long-lines"))
    if chosen is None or not await push(WrittenAnswerPreviewDialog(session, chosen)):
        return False
    return await screen.succeeds(WrittenAnswers.send, request.id, chosen.id, act=words.KEY_ANSWER)


class WrittenAnswerPreviewDialog(ConfirmDialog):
    """Previews an email in the voter's language. Returns True if the agent decides to send it."""

    heading = words.ANSWER_TITLE
    help_text = words.ANSWER_SEEN_EXPLAINED
    AUTO_FOCUS = "#mail"

    def __init__(self, session: TerminalSession, answer: OfferedWrittenAnswer) -> None:
        super().__init__(session, words.ANSWER_SEEN.fill({"address": answer.masked_address}), words.SEND_ANSWER)
        mail = answer.mail
        self.sentences = (mail.subject, *mail.body, *mail.after)
        self.reader = Translator(answer.language, session.translator.election)

    @property
    def screen_reader_title(self) -> str:
        return " ".join((super().screen_reader_title, *map(self.reader.say, self.sentences)))

    def compose_body(self) -> ComposeResult:
        subject, *sentences = map(self.reader.say_highlighted, self.sentences)
        yield PlainTextLine(self.say(self.question), "say")
        with VerticalScroll(id="mail"):
            yield PlainTextLine(subject, "subject")
            for sentence in sentences:
                yield PlainTextLine(sentence, "paragraph")
        yield from self.compose_buttons()
