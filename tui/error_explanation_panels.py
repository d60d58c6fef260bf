"""A message on the caller's screen: its cause and the steps where it appears, beside the message itself."""

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from core.desk.error_message_lookup import ExplainedError
from core.text.faces import desk_terminal_texts, help_page_texts
from core.text.faces import page_frame_texts as words
from tui.plain_text_line import PlainTextLine
from tui.translator import Translator
from tui.voter_page_preview import VoterPagePreview


class ErrorExplanationPanel(VerticalScroll):
    """The agent's half: the cause, what to do, and the steps where the message appears."""

    can_focus = True
    help_text = desk_terminal_texts.MESSAGE_EXPLAINED

    def __init__(self, translator: Translator, message: ExplainedError) -> None:
        super().__init__(id="message-explanation")
        self.translator = translator
        self.message = message

    def compose(self) -> ComposeResult:
        """Draw each part under its heading; what is on the voter's page already is not repeated."""
        translator, message = self.translator, self.message
        if message.cause is not None:
            yield PlainTextLine(translator.say(help_page_texts.CAUSE), "heading")
            yield PlainTextLine(translator.say_highlighted(message.cause), "say")
        if not message.is_page:
            yield PlainTextLine(translator.say(help_page_texts.REMEDY), "heading")
            yield from (PlainTextLine(translator.say(each), "say") for each in message.remedies)
        if message.steps:
            yield PlainTextLine(translator.say(help_page_texts.SEEN_AT), "heading")
            options = (Option(f"{step.code}  {translator.say(step.title)}", id=step.code) for step in message.steps)
            yield OptionList(*options, markup=False)


class ErrorPagePreview(VoterPagePreview):
    """The voter's half: a page of refusal, or the line beside a field."""

    def __init__(self, translator: Translator, message: ExplainedError) -> None:
        super().__init__(translator)
        self.message = message

    def compose(self) -> ComposeResult:
        """Draw what the voter reads."""
        yield PlainTextLine(self.translator.say(desk_terminal_texts.VOTER_READS), "stamp")
        if self.message.is_page:
            yield self.text_line(self.message.sentence, "title")
            for remedy in self.message.remedies:
                yield self.text_line(remedy, "paragraph")
            yield self.drawn_button(words.BACK_HOME)
        else:
            error, sentence = map(self.translator.say, (words.ERROR, self.message.sentence))
            yield PlainTextLine(f"{error} {sentence}", "title")
