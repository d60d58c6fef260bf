"""Finds on a page what the numbers of a step point to, by the words that the definition gives it."""

from collections.abc import Sequence
from dataclasses import dataclass

from playwright.sync_api import Frame

from core.i18n import say
from core.steps import Step
from guides.marks import Marked, Target, marks_of
from guides.pictures.screen import Differs, Screen, plain
from guides.pictures.walk import Walk

WORDS_ONLY = (Target.MESSAGE, Target.CASE)
FIND = """wanted => {
    const plain = text => text.replace(/\\\\s+/g, " ").trim();
    const main = document.querySelector("main") ?? document.body;
    const called = (selector, label) =>
        [...main.querySelectorAll(selector)].find(each => each.checkVisibility() && plain(each.computedName) === label);
    const reads = (each, label) => plain(each.textContent) === label;
    const bearing = label => [...main.querySelectorAll("*")].find(
        each => each.checkVisibility() && reads(each, label) && ![...each.children].some(child => reads(child, label)));
    const field = name => {
        const several = main.querySelector(`fieldset:has(#${name}-day)`);
        return several ? [several.querySelector("input"), several] : [main.querySelector(`#${name}`)];
    };
    const find = {
        field: ({name}) => field(name),
        act: ({label}) => [called("button", label)],
        link: ({label}) => [called("a", label)],
        words: ({label}) => [label && bearing(label)],
    };
    const found = wanted.map(each => find[each.sort](each));
    window.pointedAt = found.map(([place]) => place).filter(place => place);
    return found.map(([place, spoken]) => place && [(spoken ?? place).computedRole, (spoken ?? place).computedName]);
}"""
"""Answers with role and name, as the accessibility tree gives them to a screen reader; `window` keeps the places to measure.

Of several inputs the first is pointed to, and what bears the name is the group they make.
"""


@dataclass(frozen=True)
class Pointed:
    """A numbered thing that is on the page. `role` and `name` are what a screen reader says of it."""

    marked: Marked
    label: str
    frame: Frame
    role: str
    name: str

    @property
    def by_words(self) -> bool:
        """Whether the words alone are pointed to, not the box they stand in."""
        return self.marked.target in WORDS_ONLY

    def require_name(self) -> None:
        """Raises Differs if its name in the accessibility tree is not the label."""
        if not self.by_words and self.name != self.label:
            raise Differs(self.frame.url, f"the {self.role}", self.label, self.name)


def pointed_at(walk: Walk, step: Step, screen: Screen) -> tuple[Pointed, ...]:
    """Those of the step's numbered things that are there: an act that is not open yet is not."""
    marks = marks_of(step)
    of_mail = [marked for marked in marks if marked.target is Target.LINK]
    of_page = [marked for marked in marks if marked.target is not Target.LINK]
    on_page = _found(walk.page.main_frame, of_page, walk, screen)
    return on_page if walk.mail is None else (*on_page, *_found(walk.mail, of_mail, walk, screen))


def _found(frame: Frame, marks: Sequence[Marked], walk: Walk, screen: Screen) -> tuple[Pointed, ...]:
    labels = [plain(say(marked.label, walk.language)) for marked in marks]
    wanted = [
        {
            "sort": "words" if marked.target in WORDS_ONLY else marked.target,
            "name": marked.name,
            "label": screen.case if marked.target is Target.CASE else label,
        }
        for marked, label in zip(marks, labels, strict=True)
    ]
    found: list[list[str] | None] = frame.evaluate(FIND, wanted)
    return tuple(
        Pointed(marked, label, frame, each[0], plain(each[1]))
        for marked, label, each in zip(marks, labels, found, strict=True)
        if each is not None
    )
