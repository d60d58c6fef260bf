"""Finds on a page what the numbers of a step point to, by the words that the definition gives it."""

import json
import re
from dataclasses import dataclass
from typing import assert_never

from playwright.sync_api import Frame, Locator

from core.i18n import say
from core.steps import Step
from guides.marks import Marked, Target, marks_of
from guides.pictures.screen import Differs, Screen, plain
from guides.pictures.walk import Walk

SNAPSHOT = re.compile(r"- ('?)(\w+)(?: (\"(?:[^\"\\]|\\.)*\"))?")
"""A line of Playwright's aria snapshots: a role and, in quotes, a name. YAML doubles the line's own quotes."""
WORDS_ONLY = (Target.MESSAGE, Target.CASE)


@dataclass(frozen=True)
class Pointed:
    """A numbered thing that is on the page. `spoken` is what a screen reader calls by its name."""

    marked: Marked
    label: str
    frame: Frame
    found: Locator
    spoken: Locator

    @property
    def by_words(self) -> bool:
        """Whether the words alone are pointed to, not the box they stand in."""
        return self.marked.target in WORDS_ONLY

    def role(self) -> str:
        """Its role in the accessibility tree. Raises Differs if its name there is not the label."""
        role, name = accessible(self.spoken)
        if not self.by_words and name != self.label:
            raise Differs(self.frame.url, f"the {role}", self.label, name)
        return role


def pointed_at(walk: Walk, step: Step, screen: Screen) -> tuple[Pointed, ...]:
    """Those of the step's numbered things that are there: an act that is not open yet is not."""
    found = (_pointed(walk, marked, screen) for marked in marks_of(step))
    return tuple(each for each in found if each is not None)


def accessible(locator: Locator) -> tuple[str, str]:
    """Role and name, as the accessibility tree gives them to a screen reader."""
    read = SNAPSHOT.match(locator.aria_snapshot())
    if read is None:
        return "", ""
    quote, role, name = read.groups()
    return role, plain(json.loads(name.replace("''", "'") if quote else name)) if name else ""


def _pointed(walk: Walk, marked: Marked, screen: Screen) -> Pointed | None:
    label = plain(say(marked.label, walk.language))
    frame = walk.mail if marked.target is Target.LINK else walk.page.main_frame
    locators = None if frame is None else _locators(frame, marked, label, screen.case)
    if frame is None or locators is None or not locators[0].count():
        return None
    return Pointed(marked, label, frame, locators[0].first, locators[1].first)


def _locators(frame: Frame, marked: Marked, label: str, case: str) -> tuple[Locator, Locator] | None:
    """Where it is, and what bears its name: of several inputs, the group they make."""
    main = frame.locator("main")
    match marked.target:
        case Target.FIELD:
            return _of_a_field(main, marked.name)
        case Target.ACT:
            found = main.get_by_role("button", name=label, exact=True)
        case Target.LINK:
            found = frame.get_by_role("link", name=label, exact=True)
        case Target.MESSAGE:
            found = main.get_by_text(label, exact=True)
        case Target.CASE if case:
            found = main.get_by_text(case, exact=True)
        case Target.CASE:
            return None
        case _:
            assert_never(marked.target)
    return found, found


def _of_a_field(main: Locator, name: str) -> tuple[Locator, Locator]:
    several = main.locator(f"fieldset:has(#{name}-day)")
    if several.count():
        return several.locator("input"), several
    return main.locator(f"#{name}"), main.locator(f"#{name}")
