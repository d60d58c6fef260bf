"""The answers that the helpdesk can send by email. Agents cannot type any text."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.flows.contact_desk.mail_texts import written_answer_mail_text
from core.flows.easy_to_read import OPEN_SITE
from core.flows.help_situations import voter_situations
from core.flows.identifier.definition import IdentifierFlow
from core.flows.password.definition import PasswordFlow
from core.forms.errors import AccountFrozen
from core.forms.flow_model import Flow, MailOrSmsText, Step
from core.policy.policy import Policy
from core.text.contact import ElectionContact
from core.text.faces.call_sentences import ContactReason
from core.text.faces.timeline_sentences import TimelineText, neutral_line
from core.text.text import N_, Text
from core.text.urls import HELP_SITUATIONS

PROBLEM_AND_ADVICE = N_("{symptom} ? {advice}")
ANSWERED = N_("{agent} répond par écrit : « {title} ».")


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenAnswer:
    """An answer that agents can send by email if the voter has reached `step`."""

    id: str
    title: Text
    sentences: tuple[Text, ...]
    subjects: frozenset[ContactReason] = frozenset()
    flow: str = ""
    step: str | None = None
    says_frozen: bool = False

    @property
    def mail(self) -> MailOrSmsText:
        return written_answer_mail_text(self.title, self.sentences)


SUBJECTS_OF_SITUATIONS: Mapping[str, frozenset[ContactReason]] = {
    "mailbox": frozenset({ContactReason.MAILBOX, ContactReason.MAIL_MISSING}),
    "moved": frozenset({ContactReason.ROLL, ContactReason.MAIL_MISSING}),
    "not-on-roll": frozenset({ContactReason.ROLL}),
    "no-mobile": frozenset({ContactReason.IDENTIFIER, ContactReason.SMS_MISSING}),
    "foreign-number": frozenset({ContactReason.IDENTIFIER, ContactReason.SMS_MISSING}),
    "helping": frozenset({ContactReason.STEP_BY_STEP}),
}


def written_answers(policy: Policy, election: ElectionContact | None = None) -> tuple[WrittenAnswer, ...]:
    """Return all answers that agents can send by email."""
    password, identifier = PasswordFlow(policy), IdentifierFlow(policy)
    facts = {} if election is None else election.facts
    return (
        _flow_answer("way-password", password.flow, ContactReason.PASSWORD),
        _flow_answer("way-identifier", identifier.flow, ContactReason.IDENTIFIER),
        _problems_answer("mail-missing", password.flow, password.message_asked, ContactReason.MAIL_MISSING, facts),
        _problems_answer("link", password.flow, password.mail, ContactReason.PASSWORD, facts),
        _problems_answer("sms-missing", identifier.flow, identifier.code, ContactReason.SMS_MISSING, facts),
        WrittenAnswer(
            id="frozen",
            title=N_("Mon compte est bloqué"),
            sentences=AccountFrozen.remedy,
            subjects=frozenset({ContactReason.FROZEN}),
            says_frozen=True,
        ),
        WrittenAnswer(
            id="call-us",
            title=N_("Ma question se règle au téléphone"),
            sentences=(
                N_("L'assistance ne peut pas régler cette question par écrit."),
                N_("Appelez-la : {desk_phone}, {desk_hours}."),
                N_("Donnez-lui le numéro de dossier écrit plus bas : elle y retrouve votre demande et cette réponse."),
                N_(
                    "Vous ne pouvez pas téléphoner ? Faites relayer l'appel par votre service habituel, ou par un proche."
                ),
            ),
            subjects=frozenset({ContactReason.OTHER, ContactReason.STEP_BY_STEP}),
        ),
        *(
            WrittenAnswer(
                id=situation.id,
                title=situation.title,
                sentences=situation.steps,
                subjects=SUBJECTS_OF_SITUATIONS.get(situation.id, frozenset()),
            )
            for situation in voter_situations(policy, election)
            if situation.page == HELP_SITUATIONS
        ),
    )


def answers_with_subject_first(subject: ContactReason, answers: tuple[WrittenAnswer, ...]) -> tuple[WrittenAnswer, ...]:
    return tuple(sorted(answers, key=lambda answer: subject not in answer.subjects))


def written_answer_timeline_texts() -> Mapping[str, TimelineText]:
    return {answer.id: neutral_line(ANSWERED.fill({"title": answer.title})) for answer in written_answers(Policy())}


def _flow_answer(answer: str, flow: Flow, subject: ContactReason) -> WrittenAnswer:
    if flow.overview is None:
        raise LookupError(f"Flow {flow.slug} has no overview.")
    return WrittenAnswer(
        id=answer,
        title=flow.title,
        sentences=(
            OPEN_SITE,
            *flow.overview.begins,
            N_("Voici les étapes. Leur code est en haut de chaque page :"),
            *(
                Text("{code} : {title}", None, {"code": step.code, "title": step.copy.title})
                for step in flow.steps
                if step not in flow.beside
            ),
            flow.overview.tries,
        ),
        subjects=frozenset({subject, ContactReason.STEP_BY_STEP}),
    )


def _problems_answer(
    answer: str, flow: Flow, step: Step, subject: ContactReason, facts: Mapping[str, object]
) -> WrittenAnswer:
    problems = step.copy.common_problems
    return WrittenAnswer(
        id=answer,
        title=problems[0].symptom,
        sentences=(
            N_("Vous êtes à l'étape {code}, « {title} ».", code=step.code, title=step.copy.title),
            *(
                PROBLEM_AND_ADVICE.fill({"symptom": problem.symptom, "advice": problem.voter.fill(facts)})
                for problem in problems
            ),
        ),
        subjects=frozenset({subject}),
        flow=flow.slug,
        step=step.code,
    )
