"""The answer in writing to a request made on the site: chosen from a list, then read as it will go before it is sent."""

from textual.app import ComposeResult
from textual.containers import VerticalScroll

from core.desk.call_backs import CallBackLine
from core.desk.send_written_answer import OfferedWrittenAnswer
from core.text.faces import call_end_and_call_back_texts as words
from tui.base_screen import BaseScreen
from tui.choice_dialog import ChoiceDialog, number_choices
from tui.confirm_dialog import ConfirmDialog
from tui.plain_text_line import PlainTextLine
from tui.terminal_session import TerminalSession
from tui.translator import Translator


async def answer_in_writing(screen: BaseScreen[None], request: CallBackLine) -> bool:
    """Choose the answer, show its mail and send it; return whether it was sent."""
    session, push = screen.session, screen.app.push_screen_wait
    agent, answers = session.agent, session.desk.written_answers
    offered = await screen.run_use_case(lambda: answers.offered(agent, request.id))
    if offered is None:
        return False
    dialog = ChoiceDialog(
        session,
        words.WHICH_ANSWER.fill({"subject": request.reason.sentence}),
        number_choices([(each, each.title) for each in offered]),
        heading=words.ANSWER_TITLE,
        explained=words.ANSWERS_EXPLAINED,
        hint=words.ANSWERS_HINT,
    )
    chosen = await push(dialog.add_class("-long-lines"))
    if chosen is None or not await push(WrittenAnswerPreviewDialog(session, chosen)):
        return False
    return await screen.succeeds(lambda: answers.send(agent, request.id, chosen.id), act=words.KEY_ANSWER)


class WrittenAnswerPreviewDialog(ConfirmDialog):
    """Shows the mail in its reader's language, and returns True when the agent sends it."""

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
        """The heading, the question and the whole mail: it is read before it is sent."""
        return " ".join((super().screen_reader_title, *map(self.reader.say, self.sentences)))

    def compose_body(self) -> ComposeResult:
        """Draw the mail, which scrolls, and two buttons."""
        subject, *sentences = map(self.reader.say_highlighted, self.sentences)
        yield PlainTextLine(self.say(self.question), "say")
        with VerticalScroll(id="mail"):
            yield PlainTextLine(subject, "subject")
            for sentence in sentences:
                yield PlainTextLine(sentence, "paragraph")
        yield from self.compose_buttons()
