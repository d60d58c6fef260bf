"""The content of the help: the flows of one election, and the facts of the fictional voter who is shown."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from core.app.services import Services
from core.flows.easy_guide import EasyGuide
from core.flows.fictional_voter_facts import FictionalVoterFacts, fictional_voter_facts_of, fill_with_fictional_facts
from core.flows.help_situations import VoterSituation, situations
from core.flows.picture_walker_interface import PictureScenarios
from core.forms.error_catalogue import ErrorCatalogueEntry, catalogue_entries
from core.forms.model import Flow
from core.policy.policy import ElectionContact
from core.text.text import Language, Text
from core.text.translation import translate, with_no_break_spaces


@dataclass(frozen=True, kw_only=True)
class HelpSource:
    """One election's help, before its language is chosen."""

    election: ElectionContact
    flows: tuple[Flow, ...]
    example: FictionalVoterFacts
    scenarios: PictureScenarios
    situations: tuple[VoterSituation, ...] = ()
    easy_guides: Mapping[str, EasyGuide] = field(default_factory=dict)
    """The easy-to-read guides, by the slug of their flow."""

    @cached_property
    def catalogue(self) -> tuple[ErrorCatalogueEntry, ...]:
        """The catalogue of messages of these flows."""
        return catalogue_entries(self.flows)

    def fill_and_translate(self, text: Text, language: Language, step_code_or_error_id: str = "") -> str:
        """Return a sentence as printed for the fictional voter; `step_code_or_error_id` is the code of its step or the id of its error."""
        return with_no_break_spaces(
            translate(fill_with_fictional_facts(text, self.example.facts_at(step_code_or_error_id)), language), language
        )


def help_source_of(services: Services) -> HelpSource:
    """Return the content of an election's help."""
    return HelpSource(
        election=services.election,
        flows=services.flows.definitions,
        example=fictional_voter_facts_of(services.flows),
        scenarios=services.flows.scenarios,
        situations=situations(services.policy, services.election),
        easy_guides=services.flows.easy_guides,
    )
