"""The fictional voter of the help: what a step's sentences say for Camille Martin, without anybody's case being open.

Camille goes from state to state by the very moves of a case, so that each step says what it says then.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from string import Formatter

from core import errors
from core.answers import masked
from core.flows.identifier import EXAMPLE_PHONE, identifier_flow
from core.flows.password import EXAMPLE_ADDRESS, password_flow
from core.flows.space import space_flow
from core.flows.stop import WHAT_HAPPENED, Matter
from core.journey import step_for
from core.policy import Calendar, Election, Policy
from core.recovery import Asking, Identified
from core.reissue import Number, Opened, Terms
from core.reissue_journey import Account, ReissueJourney
from core.steps import Shown
from core.text import Moment, Text, TimeOfDay

FORMATTER = Formatter()
CASE = "7F3K-92QD"
OTHER_ADDRESS = "dominique.bernard@ac-lumiere.example"
UNKNOWN = "…"
AFTER_OPENING = timedelta(hours=1, minutes=2)
"""When Camille asks, on the first day of the vote."""
DAY = timedelta(days=1)
PHONE = Number(sealed=b"", digest=b"", ending=EXAMPLE_PHONE[-2:], region="FR")


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """What may be printed for Camille Martin, by the name that sentences know it under."""

    everywhere: Mapping[str, object]
    own: Mapping[str, Mapping[str, object]]
    """What is true at one place only, by a step's code or an error's id."""

    def at(self, place: str) -> Mapping[str, object]:
        """All that may be printed at that step, or by that error."""
        return {**self.everywhere, **self.own.get(place, {})}


def example_of(policy: Policy, calendar: Calendar, election: Election) -> Example:
    """Under those rules, on the first day of the vote."""
    asked = calendar.local(calendar.vote_opens) + AFTER_OPENING
    steps = (*_of_the_password(policy, calendar, asked), *_of_the_identifier(policy, calendar, asked))
    return Example(
        everywhere={**_of_the_election(calendar, election), **_of_the_voter(), **_of_the_hour(policy, asked)},
        own={**{shown.step.code: shown.facts for shown in steps}, **dict(_of_the_refusals(policy, asked))},
    )


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


def _of_the_hour(policy: Policy, asked: datetime) -> dict[str, object]:
    """All that Camille does is done within a minute."""
    return {
        "asked_at": TimeOfDay(asked),
        "until": TimeOfDay(asked + timedelta(minutes=policy.link_valid_minutes)),
        "changed_at": Moment(asked),
        "password_set": Moment(asked),
        "frozen_at": Moment(asked),
        "requested_at": Moment(asked),
        "session_until": TimeOfDay(asked + timedelta(minutes=policy.session_minutes)),
    }


def _of_the_password(policy: Policy, calendar: Calendar, asked: datetime) -> Iterator[Shown]:
    """From the address to the message; whoever holds the link needs no case."""
    valid, pause = timedelta(minutes=policy.link_valid_minutes), timedelta(minutes=policy.resend_after_minutes)
    identified = Identified(typed=EXAMPLE_ADDRESS, address=EXAMPLE_ADDRESS)
    confirming = identified.forget_password()
    requested = confirming.ask(Asking.begin(asked, valid=valid, pause=pause))
    for state in (identified, confirming, requested):
        yield step_for(state, CASE, password_flow(policy), calendar, now=asked)[0]


def _of_the_identifier(policy: Policy, calendar: Calendar, asked: datetime) -> Iterator[Shown]:
    """A request is counted once the code is accepted, and given back when the SMS is not delivered."""
    journey = ReissueJourney(identifier_flow(policy), policy, calendar)
    whole = Account(reissues_left=policy.reissues, codes_left=policy.code_tries)
    less = Account(reissues_left=policy.reissues - 1, codes_left=policy.code_tries)
    opened = Opened(voter=0, epoch=0)
    code_sent = opened.send_code(PHONE, asked, Terms.of(policy))
    ordered = code_sent.accept(asked)
    sent = ordered.put_in_force(1, asked).leave(asked)
    failed = sent.fail(asked, given_back=True)
    yield Shown(step=space_flow().home, facts={"reissues": journey.left(whole)})
    yield journey.begin(whole)
    for state, account in ((opened, whole), (code_sent, whole), (ordered, less), (sent, less), (failed, whole)):
        yield journey.step_for(state, CASE, account, now=asked)


def _of_the_refusals(policy: Policy, asked: datetime) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Until when each of them keeps one waiting, and the limit that was passed."""
    waits: dict[type[errors.Refusal], int] = {
        errors.TooManySignIns: policy.sign_in_pause_minutes,
        errors.TooManyMatchings: policy.matching_pause_minutes,
        errors.TooManyCodes: policy.code_pause_minutes,
    }
    for refusal, minutes in waits.items():
        yield refusal.id, {"again_at": TimeOfDay(asked + timedelta(minutes=minutes))}
    yield errors.LinkExpired.id, {"expired_at": Moment(asked + timedelta(minutes=policy.link_valid_minutes))}
    yield errors.NoReissueLeft.id, {"most": policy.reissues}
    yield errors.SmsPhoneSpent.id, {"resumes_at": Moment(asked + DAY)}
    for refusal in (errors.SmsDaySpent, errors.SmsCountrySpent):
        yield refusal.id, {"resumes_at": Moment(datetime.combine(asked.date() + DAY, time(), asked.tzinfo))}


def _names(sentence: str) -> set[str]:
    return {name for _, name, _, _ in FORMATTER.parse(sentence) if name}
