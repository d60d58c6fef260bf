"""Steps of the DA flow (*demande à l'assistance*). There is no free text, because it could contain secrets."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from core.flows.contact_desk.answer_time_choices import AnswerTimeChoice, answer_time_label, offered_answer_times
from core.flows.contact_desk.mail_texts import ANSWER_SUBJECT, RECEIPT_MAIL, written_answer_mail_text
from core.flows.flow_plugin import EXAMPLE_CASE
from core.flows.password.definition import ADDRESS_FIELD
from core.forms import errors
from core.forms.field_parsers import ParsedEmailAddress
from core.forms.flow_model import (
    Action,
    AskStep,
    CommonProblem,
    Field,
    FieldKind,
    FieldMistakeExample,
    FieldOption,
    FieldRejected,
    FinalStep,
    Flow,
    FlowOverview,
    FlowSteps,
    Form,
    VoterAndAgentWords,
)
from core.policy.policy import Policy
from core.ports import EventType as Happened
from core.security.tokens import parse_case_number
from core.text.contact import LINK_TO_OUR_FORM
from core.text.faces.call_sentences import ContactReason
from core.text.text import N_, Text
from core.text.urls import CONTACT_PATH

SLUG, FORM = CONTACT_PATH.strip("/").split("/")


@dataclass(frozen=True, slots=True)
class AskDeskAnswer:
    """The form data of step DA-1. The typed case number may be wrong."""

    email: ParsedEmailAddress
    subject: ContactReason
    case_number: str | None
    answer_time: AnswerTimeChoice


class ContactFlow(FlowSteps):
    def __init__(self, policy: Policy) -> None:
        self.ask, self.asked, self.acknowledgement = _ask(policy), ASKED, RECEIPT_MAIL
        self.flow = Flow(
            slug=SLUG,
            title=N_("Joindre l'assistance sans téléphoner"),
            steps=(self.ask, self.asked),
            overview=BRIEF,
            reached={Happened.CALL_BACK_ASKED: self.asked},
        )


BRIEF = FlowOverview(
    lets_you=N_("Vous demandez à l'assistance de vous écrire, ou de vous appeler à vos heures."),
    minutes=N_("Environ une minute, puis la réponse de l'assistance."),
    needs=(N_("votre adresse professionnelle"), N_("votre numéro de dossier, si vous en avez un")),
    begins=(
        N_(
            "Ouvrez le lien « {link} », en bas de chaque page du site.",
            link=LINK_TO_OUR_FORM,
        ),
    ),
    start=CONTACT_PATH,
    tries=N_(
        "Une demande suffit. Les suivantes sur le même sujet s'y ajoutent.",
    ),
    sought=N_(
        "contact, contacter, joindre, écrire, assistance, formulaire, sans téléphone, sourd, malentendant, muet, rappel, rappeler, rendez-vous, courriel, rappelez-moi, être rappelé, rappelle, quand me rappelle-t-on, occupé, personne ne décroche"
    ),
)


def _ask(policy: Policy) -> AskStep:
    return AskStep(
        code="DA-1",
        slug=FORM,
        copy=VoterAndAgentWords(
            title=N_("Demander une réponse de l'assistance"),
            voter=(
                N_("Dites de quoi il s'agit et comment vous répondre. Vous n'avez rien d'autre à écrire."),
                N_("L'assistance utilise seulement l'adresse et le numéro inscrits sur la liste électorale."),
            ),
            agent=(
                N_("Cette page sert à qui ne peut pas téléphoner. La demande arrive sur votre accueil."),
                N_("Une personne au téléphone n'en a pas besoin."),
            ),
            common_problems=(
                CommonProblem(
                    symptom=N_("Vous n'avez pas de numéro de dossier"),
                    voter=N_("Laissez le champ vide. L'assistance retrouve votre fiche avec votre adresse."),
                    agent=N_("La case peut rester vide."),
                ),
            ),
            refusals=(errors.TooManyDeskRequestsFromNetwork.id,) if policy.desk_requests_per_network else (),
        ),
        actions=(
            Action(
                name="send",
                label=N_("Envoyer la demande"),
                answers=AskDeskAnswer,
                fields=(
                    replace(ADDRESS_FIELD, autocomplete="email"),
                    SUBJECT,
                    Field(
                        name="case_number",
                        label=N_("Numéro de dossier (facultatif)"),
                        hint=N_(
                            "Huit caractères, en haut des pages et à la fin des messages. Par exemple : {example}",
                            example=EXAMPLE_CASE,
                        ),
                        example={"case_number": EXAMPLE_CASE},
                        parse=_parse_case_number,
                        kind=FieldKind.CASE_NUMBER,
                        autocomplete="off",
                        mistakes=(
                            FieldMistakeExample(typed={"case_number": "7F3K"}, error=errors.CaseNumberUnreadable),
                        ),
                    ),
                    _answer_time(policy),
                ),
            ),
        ),
    )


SUBJECT: Field[object] = Field(
    name="subject",
    label=N_("Sujet"),
    hint=N_("Choisissez le sujet le plus proche de votre question."),
    example={"subject": ContactReason.MAIL_MISSING},
    parse=lambda form: _parse_choice(form, "subject", ContactReason, errors.SubjectMissing),
    kind=FieldKind.CHOICE,
    autocomplete="off",
    options=tuple(FieldOption(value=reason, label=reason.sentence) for reason in ContactReason),
    mistakes=(FieldMistakeExample(typed={"subject": ""}, error=errors.SubjectMissing),),
)


def _answer_time(policy: Policy) -> Field[object]:
    offered = offered_answer_times(policy)
    return Field(
        name="answer_time",
        label=N_("Comment vous répondre"),
        hint=N_(
            "Pour un appel : aux jours et heures de l'assistance (heure de Paris). Sans numéro sur la liste, elle vous écrit."
        ),
        example={"answer_time": AnswerTimeChoice.WRITING},
        parse=lambda form: _parse_answer_time(form, offered),
        kind=FieldKind.CHOICE,
        autocomplete="off",
        options=tuple(FieldOption(value=choice, label=answer_time_label(policy, choice)) for choice in offered),
        mistakes=(
            FieldMistakeExample(typed={"answer_time": ""}, error=errors.AnswerTimeMissing),
            FieldMistakeExample(
                typed={"subject": ContactReason.MAILBOX, "answer_time": AnswerTimeChoice.WRITING},
                error=errors.MailboxNotReadable,
            ),
        ),
    )


def _parse_answer_time(form: Form, offered: Iterable[str]) -> str:
    chosen = _parse_choice(form, "answer_time", offered, errors.AnswerTimeMissing)
    if chosen == AnswerTimeChoice.WRITING and form.get("subject") == ContactReason.MAILBOX:
        raise errors.MailboxNotReadable
    return chosen


def _parse_choice(form: Form, name: str, offered: Iterable[str], missing: type[FieldRejected]) -> str:
    chosen = next((choice for choice in offered if choice == form.get(name)), None)
    if chosen is None:
        raise missing
    return chosen


def _parse_case_number(form: Form) -> str | None:
    typed = form.get("case_number", "")
    if not typed.strip():
        return None
    number = parse_case_number(typed)
    if number is None:
        raise errors.CaseNumberUnreadable(example=EXAMPLE_CASE)
    return number


ASKED = FinalStep(
    code="DA-2",
    slug="notee",
    copy=VoterAndAgentWords(
        title=N_("Votre demande est notée"),
        voter=(
            N_("Sujet : {subject}."),
            N_("Si l'adresse {address} est sur la liste électorale, voici la suite."),
            Text("{answer}"),  # one of the sentences of `answer_time_sentence`
            N_("Un message de confirmation est aussi envoyé à cette adresse, sauf si elle en a déjà reçu beaucoup."),
            N_("Inutile de recommencer : la même demande s'ajouterait à la première."),
            N_("Seule raison de la refaire : choisir une autre réponse (appel ou message), depuis ce même navigateur."),
        ),
        agent=(
            N_("La demande est sur votre accueil, si l'adresse est sur la liste électorale."),
            N_("Elle ouvre la fiche de la personne. Répondez à l'adresse ou au numéro de la liste, à aucun autre."),
            N_(
                "Pour répondre par écrit : ouvrez la demande depuis l'accueil, puis la touche R. Sans demande sur l'accueil, il n'y a rien à envoyer."
            ),
        ),
        common_problems=(
            CommonProblem(
                symptom=N_("Vous attendez la réponse écrite"),
                voter=N_(
                    "Cherchez d'abord dans les courriers indésirables (spam) le message « {subject} », de « {sender} ». Il ne demande aucun secret.",
                    subject=ANSWER_SUBJECT,
                ),
                agent=N_(
                    "Le message s'intitule « {subject} ». L'historique dit s'il est parti.", subject=ANSWER_SUBJECT
                ),
            ),
        ),
    ),
    message=RECEIPT_MAIL,
    answer=written_answer_mail_text(Text("{title}"), ()),
)
