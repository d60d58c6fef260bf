"""The alternative text of a picture: what is shown and what is numbered, as the accessibility tree has it."""

from collections.abc import Sequence

from core.i18n import say, typeset
from core.steps import Step
from core.text import Language, Text
from core.words import pictures as words
from guides.pictures.pointing import Pointed, accessible
from guides.pictures.walk import Walk

MARKED = {
    "textbox": words.FIELD_MARKED,
    "group": words.FIELD_MARKED,
    "button": words.BUTTON_MARKED,
    "link": words.LINK_MARKED,
}


def alt_of(walk: Walk, step: Step, pointed: Sequence[Pointed]) -> str:
    """Sentences in the page's language. Raises Differs where a name in the tree is not the definition's."""
    shown = [_shown(walk, step), *_errors(walk), *map(_marked, pointed)]
    return _said(shown, walk.language)


def _said(shown: Sequence[Text], language: Language) -> str:
    return " ".join(typeset(say(text, language), language) for text in shown)


def _shown(walk: Walk, step: Step) -> Text:
    screen = walk.screen()
    if walk.mail is not None:
        return words.MESSAGE_SHOWN.fill({"step": step.code, "title": walk.subject_shown()})
    sentence = words.REFUSAL_SHOWN if screen.refusal else words.STEP_SHOWN
    _, title = accessible(walk.page.get_by_role("heading", level=1))
    return sentence.fill({"step": step.code, "title": title})


def _errors(walk: Walk) -> list[Text]:
    alert = walk.page.get_by_role("alert")
    links = alert.get_by_role("link").all() if alert.count() else []
    return [words.ERROR_SHOWN.fill({"sentence": accessible(link)[1]}) for link in links]


def _marked(pointed: Pointed) -> Text:
    sentence = MARKED.get(pointed.role(), words.WORDS_MARKED)
    return sentence.fill({"number": pointed.marked.number, "name": pointed.label})
