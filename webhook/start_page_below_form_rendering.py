"""Draws what stands below the first step: the election's calendar, and what to do for each thing that is lost."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from markupsafe import Markup

from core.flows.start_page_below_form import LostThingChoice, StartPageBelowForm
from core.policy.urls import HELP_SITUATIONS
from webhook.sentence_markup import SentenceMarkup
from webhook.serve_help import HelpInOneLanguage


@dataclass(frozen=True, slots=True, kw_only=True)
class LostThingLink:
    """A link of an entry. One into the help opens a window of its own."""

    address: str
    label: Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnLostThing:
    """One entry: its title, what to do, and the links."""

    id: str
    title: Markup
    steps: tuple[Markup, ...]
    in_order: bool
    links: tuple[LostThingLink, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnStartPageBelowForm:
    """The part of the page below the first step."""

    calendar: tuple[Markup, ...]
    lost: tuple[DrawnLostThing, ...]


def drawn_start_page_below_form(
    start_page: StartPageBelowForm, markup: SentenceMarkup, help_blueprint: HelpInOneLanguage | None
) -> DrawnStartPageBelowForm:
    """Draw the start; without a help its entries have no links."""
    said = replace(markup, facts={**markup.facts, **start_page.facts})
    return DrawnStartPageBelowForm(
        calendar=tuple(map(said.html, start_page.calendar)),
        lost=tuple(_drawn(each, said, help_blueprint) for each in start_page.lost),
    )


def _drawn(thing: LostThingChoice, markup: SentenceMarkup, help_blueprint: HelpInOneLanguage | None) -> DrawnLostThing:
    return DrawnLostThing(
        id=thing.id,
        title=markup.html(thing.title),
        steps=tuple(map(markup.html, thing.steps)),
        in_order=thing.in_order,
        links=() if help_blueprint is None else tuple(_links(thing, markup, help_blueprint)),
    )


def _links(
    thing: LostThingChoice, markup: SentenceMarkup, help_blueprint: HelpInOneLanguage
) -> Iterator[LostThingLink]:
    for flow in thing.guides:
        yield LostThingLink(address=help_blueprint.page(flow.slug), label=markup.html(flow.title))
    for situation in thing.situations:
        address = f"{help_blueprint.page(HELP_SITUATIONS)}#{situation.id}"
        yield LostThingLink(address=address, label=markup.html(situation.title))
