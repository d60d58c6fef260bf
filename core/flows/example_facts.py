"""Example values for the help pages, about the fictional voter Camille Martin."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from string import Formatter

from core.flows.flow_plugin import EXAMPLE_CASE, ElectionFlows
from core.flows.password.definition import EXAMPLE_ADDRESS
from core.forms import errors
from core.forms.field_parsers import mask_address
from core.text.text import N_, Moment, Text, TimeOfDay

FORMATTER = Formatter()
OTHER_ADDRESS = "dominique.bernard@ac-lumiere.example"
UNKNOWN = "…"
AFTER_OPENING = timedelta(hours=1, minutes=2)
TIME_ON_THE_PAGE = N_("l'heure indiquée sur la page")
DAY_AND_TIME_ON_THE_PAGE = N_("jour et à l'heure indiqués sur la page")


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpExampleFacts:
    everywhere: Mapping[str, object]
    own: Mapping[str, Mapping[str, object]]
    """Example values for one step. The keys are step codes."""

    def facts_at(self, place: str) -> Mapping[str, object]:
        return {**self.everywhere, **self.own.get(place, {})}


def help_example_facts_of(flows: ElectionFlows) -> HelpExampleFacts:
    """Return the example values for the help pages of an election."""
    rules, policy = flows.dependencies, flows.dependencies.policy
    asked = rules.calendar.to_local(rules.calendar.vote_opens) + AFTER_OPENING
    closes = rules.calendar.to_local(rules.calendar.vote_closes)
    own = {shown.step.code: shown.facts for flow in flows for shown in flow.help_example_steps(asked)}
    return HelpExampleFacts(
        everywhere={
            **rules.election.facts,
            "opens_at": Moment(rules.calendar.to_local(rules.calendar.recovery_opens)),
            "vote_opens": Moment(rules.calendar.to_local(rules.calendar.vote_opens)),
            "closed_at": Moment(closes),
            "closes_at": TimeOfDay(closes),
            "first_name": "Camille",
            "last_name": "Martin",
            "address": EXAMPLE_ADDRESS,
            "masked_address": mask_address(EXAMPLE_ADDRESS),
            "other_address": mask_address(OTHER_ADDRESS),
            "example": EXAMPLE_ADDRESS,
            "case": EXAMPLE_CASE,
            # The help about a refusal is advice for its reader. A time or number of the example would mislead.
            "again_at": TIME_ON_THE_PAGE,
            **dict.fromkeys(("expired_at", "chosen_at", "reopened_at", "resumes_at"), DAY_AND_TIME_ON_THE_PAGE),
            "kept": errors.REMAINING_REQUESTS_KEPT,
            "most": policy.reissues,
            # Camille does everything within one minute.
            "asked_at": TimeOfDay(asked),
            "until": Moment(asked + timedelta(minutes=policy.link_valid_minutes)),
            **dict.fromkeys(("changed_at", "password_set", "frozen_at", "requested_at"), Moment(asked)),
            "session_until": TimeOfDay(asked + timedelta(minutes=policy.session_minutes)),
        },
        own=own,
    )


def fill_with_help_example_facts(text: Text, facts: Mapping[str, object]) -> Text:
    """Fill in example values, and an ellipsis for each missing value."""
    values = {name: facts.get(name, UNKNOWN) for name in _names(text.msgid) | _names(text.plural or "")}
    return text.fill(
        {
            name: fill_with_help_example_facts(value, facts) if isinstance(value, Text) else value
            for name, value in values.items()
        }
    )


def _names(sentence: str) -> set[str]:
    return {name for _, name, _, _ in FORMATTER.parse(sentence) if name}
