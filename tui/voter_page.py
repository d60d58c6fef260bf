"""What the voter sees at a step: the page's words, fields and buttons, drawn in the terminal's means."""

from collections.abc import Iterator
from typing import assert_never

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widget import Widget

from core import words
from core.service.desk.seeing import SeenMessage, SeenStep
from core.steps import Act, Ask, Choose, Criterion, Field, FieldKind, Tell, Wait
from core.text import Text
from core.words import desk
from tui.line import Line
from tui.script import Difficulty
from tui.voice import Voice

BOX, SECRET_BOX, DATE_BOX, YEAR_BOX = " " * 30, "•••".ljust(30), " " * 4, " " * 6


class VoterPage(VerticalScroll):
    """What a voter has before them. Nothing can be typed: the voter types."""

    can_focus = True
    explained = desk.VOTER_SEES_EXPLAINED

    def __init__(self, voice: Voice) -> None:
        super().__init__(id="voter-page")
        self.voice = voice

    def _line(self, text: Text, kind: str) -> Line:
        return Line(self.voice.tell(text), kind)


class StepPage(VoterPage):
    """A step as its reader meets it."""

    def __init__(self, voice: Voice, seen: SeenStep, case: str | None = None) -> None:
        super().__init__(voice)
        self.seen = seen
        self.case = case

    def compose(self) -> ComposeResult:
        """Code and case, title, sentences, then what can be typed and pressed."""
        yield Line(self._stamp(), "stamp")
        yield self._line(self.seen.voter.title, "title")
        for sentence in self.seen.voter.body:
            yield self._line(sentence, "paragraph")
        yield from self._rest()
        if self.seen.step.copy.troubles:
            yield self._troubles()

    def _stamp(self) -> str:
        parts = [self.voice.say(words.STEP), self.seen.code]
        if self.case is not None:
            parts += ["·", self.voice.say(words.CASE), self.case]
        return " ".join(parts)

    def _rest(self) -> Iterator[Widget]:
        match self.seen.step:
            case Ask():
                yield from self._acts()
            case Choose():
                yield from self._acts(between=words.OR)
            case Wait():
                yield from self._message()
                yield from self._acts()
            case Tell():
                yield from self._acts()
                yield from self._message()
            case _:
                assert_never(self.seen.step)

    def _troubles(self) -> Difficulty:
        """As on the page: unfolded where there is nothing else to do."""
        lines = (
            line
            for each in self.seen.voter.troubles
            for line in (self._line(each.sign, "label"), self._line(each.say, ""))
        )
        return Difficulty(*lines, title=self.voice.say(words.TROUBLES), collapsed=not isinstance(self.seen.step, Wait))

    def _acts(self, *, between: Text | None = None) -> Iterator[Widget]:
        for number, act in enumerate(self.seen.step.acts):
            if number and between is not None:
                yield self._line(between, "or")
            yield from self._act(act)

    def _act(self, act: Act[object]) -> Iterator[Widget]:
        for each in act.fields:
            yield from self._field(each)
        yield Line(f" {self.voice.say(act.label)} ", "drawn-button")

    def _field(self, each: Field[object]) -> Iterator[Widget]:
        yield self._line(each.label, "label")
        yield self._line(each.hint, "hint")
        match each.kind:
            case FieldKind.ADDRESS | FieldKind.PHONE | FieldKind.NUMEN | FieldKind.CODE:
                yield Line(BOX, "box")
            case FieldKind.SECRET:
                yield Line(SECRET_BOX, "box")
            case FieldKind.BIRTH_DATE:
                yield from self._birth_date()
            case FieldKind.NEW_SECRET:
                yield from self._new_secret(each)
            case _:
                assert_never(each.kind)

    def _birth_date(self) -> Iterator[Widget]:
        for label, box in ((words.DAY, DATE_BOX), (words.MONTH, DATE_BOX), (words.YEAR, YEAR_BOX)):
            yield self._line(label, "hint")
            yield Line(box, "box")

    def _new_secret(self, each: Field[object]) -> Iterator[Widget]:
        yield Line(SECRET_BOX, "box")
        yield from map(self._criterion, each.criteria)
        if each.again is not None:
            yield self._line(each.again, "label")
            yield Line(SECRET_BOX, "box")

    def _criterion(self, rule: Criterion) -> Line:
        return Line(f"○ {self.voice.say(rule.sentence)}", "hint")

    def _message(self) -> Iterator[Widget]:
        message = self.seen.voter.message
        if message is None:
            return
        yield self._line(words.MESSAGE_SUBJECT, "label")
        yield self._line(message.subject, "subject")
        if self._is_the_letter:
            yield from self._letter(message)

    @property
    def _is_the_letter(self) -> bool:
        """A message read at this step carries its code; elsewhere only its subject matters."""
        step = self.seen.step
        return isinstance(step, Wait) and step.message.code == step.code

    def _letter(self, message: SeenMessage) -> Iterator[Widget]:
        for sentence in message.body:
            yield self._line(sentence, "paragraph")
        if message.action is not None:
            yield Line(f" {self.voice.say(message.action)} ", "drawn-button")
        for sentence in message.after:
            yield self._line(sentence, "after")
