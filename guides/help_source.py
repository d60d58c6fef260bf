"""Collects the flows and the example data from which the help is built."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, reduce
from operator import or_

from core.app.services import Services
from core.flows.easy_to_read import EasyToReadGuide
from core.flows.example_facts import HelpExampleFacts, fill_with_help_example_facts, help_example_facts_of
from core.flows.help_situations import VoterSituation, voter_situations
from core.flows.picture_browser import SHARED, PictureScenarios
from core.forms.error_catalogue import ErrorCatalogueEntry, catalogue_entries
from core.forms.flow_model import Flow
from core.text.contact import ElectionContact
from core.text.text import Language, Text
from core.text.translation import translate, with_no_break_spaces


@dataclass(frozen=True, kw_only=True)
class HelpSource:
    election: ElectionContact
    flows: tuple[Flow, ...]
    example: HelpExampleFacts
    scenarios: PictureScenarios
    situations: tuple[VoterSituation, ...] = ()
    easy_to_read_guides: Mapping[str, EasyToReadGuide] = field(default_factory=dict)
    """Maps the slugs of flows to their easy-to-read guides."""

    @cached_property
    def catalogue(self) -> tuple[ErrorCatalogueEntry, ...]:
        return catalogue_entries(self.flows)

    def catalogue_entry(self, error_id: str) -> ErrorCatalogueEntry:
        return next(entry for entry in self.catalogue if entry.id == error_id)

    def fill_and_translate(self, text: Text, language: Language, step_code_or_error_id: str = "") -> str:
        """Translate a sentence. Fill in the fictional voter's data for the given step or error."""
        return with_no_break_spaces(
            translate(fill_with_help_example_facts(text, self.example.facts_at(step_code_or_error_id)), language),
            language,
        )


def help_source_of(services: Services) -> HelpSource:
    return HelpSource(
        election=services.dependencies.election,
        flows=services.flows.definitions,
        example=help_example_facts_of(services.flows),
        scenarios=reduce(or_, (flow.scenarios for flow in services.flows), SHARED),
        situations=voter_situations(services.dependencies.policy, services.dependencies.election),
        easy_to_read_guides={
            flow.slug: flow.easy_to_read_guide for flow in services.flows if flow.easy_to_read_guide is not None
        },
    )
