"""One search for voters, cases, step codes and error messages."""

from dataclasses import dataclass

from core.desk.authorisation import AgentSession
from core.desk.error_lookup import (
    ErrorLookupResult,
    ErrorMessageLookup,
    ExplainedError,
    FoundCommonProblem,
)
from core.desk.steps import StepCodeLookup, StepTitle, sentence_filler
from core.desk.voter_search import (
    DIGITS_ALONE,
    NOBODY,
    NUMEN_NOT_SEARCHED,
    TYPE_SOMETHING,
    SearchResultLine,
    SearchResults,
    VoterSearch,
    is_case_number,
)
from core.text.text import Text

QuickResult = SearchResultLine | StepTitle | ExplainedError | FoundCommonProblem
MOST_MESSAGES = 6


@dataclass(frozen=True, slots=True)
class FindAnythingResults:
    found: tuple[QuickResult, ...]
    notice: Text | None


@dataclass(frozen=True, slots=True)
class FindAnythingSearch:
    voters: VoterSearch
    steps: StepCodeLookup
    messages: ErrorMessageLookup

    def find(self, session: AgentSession, typed: str, limit: int) -> FindAnythingResults:
        """Find at most `limit` voters, and also steps, error messages and problems. Raises AgentSessionOver."""
        people = self.voters.find(session, typed, limit)
        exact, beginning = self._steps(typed)
        not_searched = people.notice in (TYPE_SOMETHING, NUMEN_NOT_SEARCHED)
        is_other = exact or "@" in typed or is_case_number(typed) or not_searched
        looked_up = ErrorLookupResult() if is_other else self.messages.find_messages_and_problems(typed)
        explanations = self._messages_and_problems(looked_up, people)
        if people.approximate and looked_up.certain:
            found: tuple[QuickResult, ...] = (*exact, *explanations, *people.found, *beginning)
        else:
            found = (*exact, *people.found, *explanations, *beginning)
        return FindAnythingResults(found, None if found and people.notice in (NOBODY, DIGITS_ALONE) else people.notice)

    def _steps(self, typed: str) -> tuple[tuple[StepTitle, ...], tuple[StepTitle, ...]]:
        view, wanted = self.steps.find_step(typed), typed.strip().upper()
        steps = [step for flow in self.steps.flows for step in flow.steps if wanted and step.code.startswith(wanted)]
        exact = () if view is None else (StepTitle(view.code, view.page.title),)
        fill = sentence_filler(self.steps.facts)
        return exact, tuple(StepTitle(step.code, fill(step.copy.title)) for step in steps if view is None)

    def _messages_and_problems(
        self, looked_up: ErrorLookupResult, people: SearchResults
    ) -> tuple[ExplainedError | FoundCommonProblem, ...]:
        fits = people.approximate or not people.found
        if people.notice is DIGITS_ALONE and not looked_up.certain:
            fits = False  # many messages contain digits of an example telephone number or date
        return looked_up.found[:MOST_MESSAGES] if fits else ()
