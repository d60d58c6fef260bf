"""The fictional voter of the help: what a step's sentences say for Camille Martin, without anybody's case being open."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from string import Formatter

from core.answers import masked
from core.errors import tries_left
from core.flows.identifier import EXAMPLE_PHONE, identifier_flow
from core.flows.password import EXAMPLE_ADDRESS
from core.flows.stop import WHAT_HAPPENED, Matter
from core.policy import Calendar, Election, Policy
from core.reissue import Undelivered
from core.reissue_journey import Account, ReissueJourney, failure_facts
from core.text import Moment, Text, TimeOfDay

FORMATTER = Formatter()
CASE = "7F3K-92QD"
OTHER_ADDRESS = "dominique.bernard@ac-lumiere.example"
UNKNOWN = "…"
AFTER_OPENING = timedelta(hours=1, minutes=2)
"""When Camille asks, on the first day of the vote."""


def example_facts(policy: Policy, calendar: Calendar, election: Election) -> Mapping[str, object]:
    """What may be printed beside any step or refusal, by the name that sentences know it under."""
    asked = calendar.local(calendar.vote_opens) + AFTER_OPENING
    until = asked + timedelta(minutes=policy.link_valid_minutes)
    return {
        **_of_the_election(calendar, election),
        **_of_the_voter(),
        **_of_a_new_identifier(policy, calendar),
        "asked_at": TimeOfDay(asked),
        "until": TimeOfDay(until),
        "code_until": TimeOfDay(asked + timedelta(minutes=policy.code_valid_minutes)),
        "expired_at": TimeOfDay(until),
        "again_from": TimeOfDay(asked + timedelta(minutes=policy.resend_after_minutes)),
        "resumes_at": Moment(asked + timedelta(days=1)),
        "again_at": TimeOfDay(asked + timedelta(minutes=policy.sign_in_pause_minutes)),
        "changed_at": Moment(asked),
        "password_set": Moment(asked),
        "frozen_at": Moment(asked),
        "requested_at": Moment(asked),
        "sent_at": TimeOfDay(asked),
        "session_until": TimeOfDay(asked + timedelta(minutes=policy.session_minutes)),
    }


def said_for_the_example(text: Text, facts: Mapping[str, object]) -> Text:
    """The sentence with those facts; a value that nobody gave reads as an ellipsis, for this is no visitor's page."""
    names = _names(text.msgid) | _names(text.plural or "")
    return text.fill({name: _known(facts.get(name, UNKNOWN), facts) for name in names})


def _known(value: object, facts: Mapping[str, object]) -> object:
    """A value that is a sentence has names of its own."""
    return said_for_the_example(value, facts) if isinstance(value, Text) else value


def _of_the_election(calendar: Calendar, election: Election) -> dict[str, object]:
    opens: datetime = calendar.local(calendar.recovery_opens)
    closes = calendar.local(calendar.vote_closes)
    return {
        **election.facts,
        "opens_at": Moment(opens),
        "closed_at": Moment(closes),
        "closes_at": TimeOfDay(closes),
    }


def _of_the_voter() -> dict[str, object]:
    return {
        "first_name": "Camille",
        "last_name": "Martin",
        "address": EXAMPLE_ADDRESS,
        "masked_address": masked(EXAMPLE_ADDRESS),
        "other_address": masked(OTHER_ADDRESS),
        "example": EXAMPLE_ADDRESS,
        "case": CASE,
        "what_happened": WHAT_HAPPENED[Matter.PASSWORD],
    }


def _of_a_new_identifier(policy: Policy, calendar: Calendar) -> dict[str, object]:
    journey = ReissueJourney(identifier_flow(policy), policy, calendar)
    failed = Undelivered(voter=0, ending=EXAMPLE_PHONE[-2:], given_back=True, at=calendar.vote_opens)
    return {
        **failure_facts(failed),
        "reissues": journey.left(Account(reissues_left=policy.reissues - 1, codes_left=policy.code_tries)),
        "most": policy.reissues,
        "tries": tries_left(policy.code_tries, pause_minutes=policy.code_pause_minutes),
        "ending": EXAMPLE_PHONE[-2:],
        "sending": 1,
        "sendings": policy.code_sendings,
    }


def _names(sentence: str) -> set[str]:
    return {name for _, name, _, _ in FORMATTER.parse(sentence) if name}
