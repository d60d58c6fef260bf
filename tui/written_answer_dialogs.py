"""The answer in writing to a request made on the site: chosen from a list, then read as it will go before it is sent."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll

from core.desk.call_backs import CallBackLine
from core.desk.written_answers import OfferedAnswer
from core.text.faces import call_end_and_call_back_words as words
from core.text.faces import desk_words
from core.text.faces.call_sentences import CONTACT_REASONS
from core.text.text import Text
from tui.choice_dialog import ChoiceDialog, numbered
from tui.confirm_dialog import ConfirmDialog
from tui.field_widgets import PlainTextButton
from tui.plain_text_line import PlainTextLine
from tui.terminal_session import TerminalSession
from tui.translator import Translator


class WrittenAnswerChoice(ChoiceDialog[OfferedAnswer]):
    """Returns the answer that the agent chooses."""

    heading: ClassVar[Text] = words.ANSWER_TITLE
    help_text: ClassVar[Text] = words.ANSWERS_EXPLAINED
    hint: ClassVar[Text] = words.ANSWERS_HINT

    def __init__(self, session: TerminalSession, call_back: CallBackLine, offered: tuple[OfferedAnswer, ...]) -> None:
        question = words.WHICH_ANSWER.fill({"subject": CONTACT_REASONS[call_back.reason]})
        super().__init__(session, question, numbered([(each, each.title) for each in offered]))


class WrittenAnswerPreview(ConfirmDialog):
    """Shows the mail in its reader's language, and returns True when the agent sends it."""

    heading: ClassVar[Text] = words.ANSWER_TITLE
    help_text: ClassVar[Text] = words.ANSWER_SEEN_EXPLAINED
    AUTO_FOCUS = "#mail"

    def __init__(self, session: TerminalSession, answer: OfferedAnswer) -> None:
        super().__init__(session, words.ANSWER_SEEN.fill({"address": answer.masked_address}), words.SEND_ANSWER)
        self.answer = answer

    def compose_body(self) -> ComposeResult:
        """Draw the mail, which scrolls, and two buttons."""
        mail, reader = self.answer.mail, Translator(self.answer.language, self.session.translator.election)
        yield PlainTextLine(self.say(self.question), "say")
        with VerticalScroll(id="mail"):
            yield PlainTextLine(reader.say_highlighted(mail.subject), "subject")
            for sentence in (*mail.body, *mail.after):
                yield PlainTextLine(reader.say_highlighted(sentence), "paragraph")
        with Horizontal(classes="buttons"):
            yield PlainTextButton(self.say(desk_words.KEY_CLOSE), id="no")
            yield PlainTextButton(self.say(self.yes), id="yes")
