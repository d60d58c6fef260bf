"""Steps ID-1 to ID-6: a voter requests a new voting identifier (*identifiant de vote*)."""

from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil

from core.flows.identifier.confirmation_steps import ConfirmationSteps
from core.flows.identifier.message_texts import (
    COUNTED,
    IDENTIFIER_SMS,
    OUTCOME,
    REISSUE_NOTICE,
    SECURITY_CODE_SMS,
    UNDELIVERED_SMS_MAIL,
)
from core.flows.password.definition import duration_sentence
from core.forms import errors
from core.forms.field_parsers import parse_birth_date, parse_numen
from core.forms.flow_model import (
    AGAIN,
    CALL,
    RESTART,
    Action,
    AskStep,
    AwaitMessageStep,
    ChooseStep,
    CommonProblem,
    Field,
    FieldKind,
    FieldMistakeExample,
    FinalStep,
    Flow,
    FlowOverview,
    FlowSteps,
    MailOrSmsText,
    VoterAndAgentWords,
)
from core.forms.phone_number_parser import MobileNumber, calling_codes, phone_parser
from core.policy.policy import Policy
from core.ports import EventType as Happened
from core.security.security_codes import parse_code
from core.text.faces.mail_frame_texts import DESK_BY_TELEPHONE
from core.text.text import N_, NN_, Text

SLUG = "identifiant"
EXAMPLE_PHONE = "06 12 34 56 78"
ABROAD_PHONES = ("+32 470 12 34 56", "+1 212 555 0123")
"""Foreign phone numbers. The help shows one of these numbers as an example of a mistake."""
EXAMPLE_NUMEN = "01E0123456ABC"
OTHER_NUMEN = "01E6543210CBA"
EXAMPLE_CODE = "123456"
EXAMPLE_BIRTH_DATE = ("31", "12", "1970")
AT_THE_KEYBOARD_MINUTES = 5
# Placeholders for whole sentences. The values are filled in when a step is shown.
REISSUES, VALIDITY = Text("{reissues}"), Text("{validity}")
DESTINATION_AND_SENDING = Text("{destination} {sending}")


@dataclass(frozen=True, slots=True)
class RequestReissueAnswer:
    pass


@dataclass(frozen=True, slots=True)
class IdentifierFoundAnswer:
    """At step ID-1, the voter has found the old identifier."""


@dataclass(frozen=True, slots=True)
class IdentityAnswer:
    """The form data of step ID-2."""

    phone: MobileNumber
    birth_date: date
    numen: str


@dataclass(frozen=True, slots=True)
class SecurityCodeAnswer:
    code: str


@dataclass(frozen=True, slots=True)
class ResendCodeAnswer:
    pass


@dataclass(frozen=True, slots=True)
class CallWithCodeAnswer:
    """At step ID-3, the voter asks to receive the code in a phone call."""


@dataclass(frozen=True, slots=True)
class ChangePhoneNumberAnswer:
    pass


@dataclass(frozen=True, slots=True)
class ReturnToVoterSpaceAnswer:
    pass


@dataclass(frozen=True, slots=True)
class RestartReissueAnswer:
    pass


class IdentifierFlow(FlowSteps):
    def __init__(self, policy: Policy) -> None:
        self.code_sms = SECURITY_CODE_SMS
        self.identifier_sms = IDENTIFIER_SMS
        self.notice = REISSUE_NOTICE
        self.failure_mail = UNDELIVERED_SMS_MAIL
        self.begin = begin = _begin(policy)
        self.identity = identity = _identity(policy)
        self.code = code = _code(self.code_sms, policy)
        self.sending = sending = _sending(policy)
        self.done = done = DONE
        self.failed = failed = FAILED
        self.confirmation = confirmation = ConfirmationSteps(policy) if policy.confirm_in_mailbox else None
        between = () if confirmation is None else (confirmation.asked, confirmation.mail, confirmation.confirm)
        beside = () if confirmation is None else (confirmation.confirmed,)
        self.flow = Flow(
            slug=SLUG,
            title=N_("Je n'ai pas reçu ou j'ai perdu mon identifiant de vote"),
            steps=(begin, identity, code, *between, sending, done, failed, *beside),
            overview=_brief(policy),
            beside=(failed, *beside),
            happens_at={
                Happened.REISSUE_OPENED: begin,
                Happened.MATCHED: identity,
                Happened.MATCHING_REFUSED: identity,
                Happened.CODE_QUEUED: code,
                Happened.CODE_DECIDED: code,
                Happened.CALL_DECIDED: code,
                Happened.CODE_REFUSED: code,
                Happened.CODE_ACCEPTED: code,
                Happened.IDENTIFIER_IN_FORCE: sending,
                Happened.PLATFORM_AWAY: sending,
                Happened.IDENTIFIER_LOST: failed,
                Happened.IDENTIFIER_REVOKED: failed,
                Happened.REISSUE_GIVEN_UP: failed,
                **({} if confirmation is None else confirmation.happens_at),
            },
        )


def minutes_needed(policy: Policy) -> int:
    return AT_THE_KEYBOARD_MINUTES + (policy.normal_mail_delay_minutes if policy.confirm_in_mailbox else 0)


def _brief(policy: Policy) -> FlowOverview:
    mailbox = (N_("l'accès à votre messagerie professionnelle"),) if policy.confirm_in_mailbox else ()
    return FlowOverview(
        lets_you=N_("Vous recevez par SMS un nouvel identifiant de vote, qui remplace l'ancien."),
        minutes=NN_("Environ {count} minute.", "Environ {count} minutes.", count=minutes_needed(policy)),
        needs=(
            N_("votre mot de passe pour ce site"),
            N_("votre téléphone mobile"),
            N_("votre date de naissance"),
            N_("votre NUMEN : le secrétariat de votre établissement le connaît"),
            *mailbox,
        ),
        begins=(
            N_("Ouvrez le site, donnez votre adresse, puis connectez-vous avec votre mot de passe."),
            N_("Vous l'avez perdu aussi ? Commencez par choisir « Mot de passe oublié »."),
            N_("Choisissez « Demander un nouvel identifiant de vote »."),
        ),
        tries=NN_(
            "Vous pouvez recevoir {count} nouvel identifiant pendant l'élection. Si le SMS ne peut pas être remis, la demande ne compte pas.",
            "Vous pouvez recevoir {count} nouveaux identifiants pendant l'élection. Si le SMS ne peut pas être remis, la demande ne compte pas.",
            count=policy.reissues,
        ),
        sought=N_(
            "identifiant, identifiant de vote, code, code de vote, voter, lettre, courrier, notice, perdu, égaré, jamais reçu, pas reçu, SMS, téléphone, NUMEN, nouveau, nouvel identifiant, changer de numéro, changé de numéro, mauvais numéro, autre numéro, nouveau numéro, numéro de portable, j'attends le SMS, redemander, combien de fois, code expiré, code ne marche pas, identifiant ne fonctionne pas"
        ),
    )


def _begin(policy: Policy) -> ChooseStep:
    mailbox = (
        (N_("Ouvrez aussi votre messagerie : vous y confirmerez la demande."),) if policy.confirm_in_mailbox else ()
    )
    return ChooseStep(
        code="ID-1",
        slug="demande",
        copy=VoterAndAgentWords(
            title=N_("Nouvel identifiant de vote"),
            voter=(
                N_("{reissues} Une demande n'est décomptée qu'à l'envoi du nouvel identifiant."),
                NN_(
                    "Comptez environ {count} minute : un premier SMS vous donne un code à saisir ici, un second le nouvel identifiant.",
                    "Comptez environ {count} minutes : un premier SMS vous donne un code à saisir ici, un second le nouvel identifiant.",
                    count=minutes_needed(policy),
                ),
                N_(
                    "Préparez votre téléphone mobile, votre date de naissance et votre NUMEN. Vous n'avez pas votre NUMEN ? Demandez-le au secrétariat de votre établissement et revenez plus tard."
                ),
                *mailbox,
                N_("Votre identifiant actuel fonctionne jusqu'à ce que le nouveau soit actif."),
            ),
            agent=(
                N_("Vérifiez que la personne est connectée et a son téléphone mobile à la main."),
                N_("Dites combien de demandes restent, puis faites choisir « Continuer »."),
            ),
            common_problems=(
                CommonProblem(
                    symptom=N_("Vous ne connaissez pas votre NUMEN"),
                    voter=N_("Demandez-le d'abord au secrétariat de votre établissement."),
                    agent=N_("Ne le donnez jamais : le secrétariat de l'établissement le connaît."),
                ),
                CommonProblem(
                    symptom=N_("Vous retrouvez votre identifiant"),
                    voter=N_("Choisissez « Garder mon identifiant actuel » : il fonctionne encore."),
                    agent=N_("Faites choisir « Garder mon identifiant actuel » : il fonctionne encore."),
                ),
            ),
            refusals=(
                errors.SignInNeeded.id,
                errors.NotYetOpen.id,
                errors.VoteClosed.id,
                errors.NoReissueLeft.id,
                errors.ReissueUnderWay.id,
                errors.TooManyWrongCodes.id,
            ),
        ),
        actions=(
            Action(
                name="request",
                label=N_("Continuer"),
                answers=RequestReissueAnswer,
                when=N_("Vous l'avez perdu, ou vous ne l'avez jamais reçu ?"),
            ),
            Action(
                name="back",
                label=N_("Garder mon identifiant actuel"),
                answers=IdentifierFoundAnswer,
                when=N_("Vous avez retrouvé votre identifiant ?"),
            ),
        ),
    )


def _identity(policy: Policy) -> AskStep:
    return AskStep(
        code="ID-2",
        slug="identite",
        copy=VoterAndAgentWords(
            title=N_("Vérifions qu'il s'agit bien de vous"),
            voter=(
                N_(
                    "Nous enverrons un code de sécurité par SMS, en français, au numéro que vous indiquez. L'identifiant arrivera ensuite au même numéro. La date de naissance et le NUMEN servent à vérifier que c'est vous."
                ),
            ),
            agent=(
                N_("Laissez la personne saisir seule ; ne saisissez rien à sa place."),
                N_("Le numéro doit être celui d'un mobile qu'elle a sous la main."),
            ),
            common_problems=(
                CommonProblem(
                    symptom=N_("La date et le NUMEN sont refusés"),
                    voter=NN_(
                        "Vérifiez les deux. Le secrétariat de votre établissement connaît votre NUMEN. Après {count} erreur, il faut attendre {minutes} minutes.",
                        "Vérifiez les deux. Le secrétariat de votre établissement connaît votre NUMEN. Après {count} erreurs, il faut attendre {minutes} minutes.",
                        count=policy.matching_tries,
                        minutes=policy.matching_pause_minutes,
                    ),
                    agent=N_("L'outil ne dit pas lequel est faux. Renvoyez vers le secrétariat de l'établissement."),
                ),
                CommonProblem(
                    symptom=N_("Le numéro est refusé"),
                    voter=N_(
                        "Saisissez un numéro de mobile. Hors de métropole, commencez par + et l'indicatif du pays."
                    ),
                    agent=N_(
                        "Numéros de mobile acceptés : {countries}. Un numéro sert à une personne.",
                        countries=calling_codes(policy.phone_codes),
                    ),
                ),
                CommonProblem(
                    symptom=N_("Vous n'avez pas de téléphone mobile"),
                    voter=N_("Prenez celui d'un proche qui ne vote pas à cette élection, ou appelez l'assistance."),
                    agent=N_("Le numéro d'un proche convient s'il n'a servi à personne d'autre."),
                ),
            ),
            refusals=(
                errors.TooManyIdentityAttempts.id,
                errors.VoterSmsLimitReached.id,
                errors.TooManyPhoneNumbers.id,
            ),
        ),
        actions=(
            Action(
                name="validate",
                label=N_("Recevoir le code par SMS"),
                answers=IdentityAnswer,
                fields=(_phone(policy), _birth_date(), NUMEN),
            ),
        ),
    )


def _phone(policy: Policy) -> Field[object]:
    accepted = tuple(f"+{code} " for code in policy.phone_codes)
    not_accepted = [phone for phone in ABROAD_PHONES if not phone.startswith(accepted)][:1]
    return Field(
        name="phone",
        label=N_("Téléphone mobile"),
        hint=N_("Par exemple : {example}. Un numéro ne sert qu'à une personne.", example=EXAMPLE_PHONE),
        example={"phone": EXAMPLE_PHONE},
        parse=phone_parser(policy.phone_codes),
        kind=FieldKind.PHONE,
        autocomplete="tel",
        mistakes=(
            FieldMistakeExample(typed={"phone": ""}, error=errors.PhoneMissing),
            FieldMistakeExample(typed={"phone": "06 12 34"}, error=errors.PhoneUnreadable),
            FieldMistakeExample(typed={"phone": "01 23 45 67 89"}, error=errors.PhoneNotMobile),
            *(FieldMistakeExample(typed={"phone": it}, error=errors.PhoneOfAnotherCountry) for it in not_accepted),
        ),
    )


def _birth_date() -> Field[object]:
    names = ("birth_date-day", "birth_date-month", "birth_date-year")

    def typed(*parts: str) -> dict[str, str]:
        return dict(zip(names, parts, strict=True))

    return Field(
        name="birth_date",
        label=N_("Date de naissance"),
        hint=N_("En chiffres, par exemple : {example}", example=" ".join(EXAMPLE_BIRTH_DATE)),
        example=typed(*EXAMPLE_BIRTH_DATE),
        parse=lambda form: parse_birth_date(form, "birth_date"),
        kind=FieldKind.BIRTH_DATE,
        autocomplete="bday",
        mistakes=(
            FieldMistakeExample(typed=typed("", "", ""), error=errors.BirthDateMissing),
            FieldMistakeExample(typed=typed("31", "déc", "1970"), error=errors.BirthDateNotNumbers),
            FieldMistakeExample(typed=typed("31", "12", "70"), error=errors.BirthYearTooShort),
            FieldMistakeExample(typed=typed("31", "02", "1970"), error=errors.BirthDateImpossible),
        ),
    )


NUMEN: Field[object] = Field(
    name="numen",
    label=N_("NUMEN"),
    hint=N_("Par exemple : {example}. Le secrétariat de votre établissement le connaît.", example=EXAMPLE_NUMEN),
    example={"numen": EXAMPLE_NUMEN},
    parse=lambda form: parse_numen(form, "numen"),
    kind=FieldKind.NUMEN,
    autocomplete="off",
    mistakes=(
        FieldMistakeExample(typed={"numen": ""}, error=errors.NumenMissing),
        FieldMistakeExample(typed={"numen": "01E012345"}, error=errors.NumenUnreadable),
        FieldMistakeExample(typed={"numen": OTHER_NUMEN}, error=errors.IdentityNotMatched),
    ),
)


def _call_action() -> Action[object]:
    return Action(
        name=CALL,
        label=N_("Recevoir le code par un appel"),
        answers=CallWithCodeAnswer,
        when=N_("Le SMS n'arrive pas, mais ce mobile peut recevoir un appel ?"),
    )


def _problem_solved_by_call(policy: Policy) -> CommonProblem:
    after = NN_("{count} minute", "{count} minutes", count=ceil(policy.code_call_after_seconds / 60))
    return CommonProblem(
        symptom=N_("Le SMS n'arrive toujours pas"),
        voter=N_(
            "Au bout de {after}, ou dès que l'échec du SMS est affiché, choisissez « Recevoir le code par un appel ». Décrochez vous-même : un répondeur enregistrerait le code.",
            after=after,
        ),
        agent=N_(
            "Au bout de {after}, faites choisir « Recevoir le code par un appel » au même mobile. Ne faites pas répéter le code.",
            after=after,
        ),
    )


def _code(message: MailOrSmsText, policy: Policy) -> AskStep:
    calls = policy.code_call_after_seconds > 0
    return AskStep(
        code="ID-3",
        slug="code",
        copy=VoterAndAgentWords(
            title=N_("Saisissez le code reçu"),
            voter=(DESTINATION_AND_SENDING, VALIDITY),
            agent=(
                N_("Faites lire le SMS et saisir son code. Ne demandez jamais de dire le code."),
                N_("Comparez le numéro de l'envoi affiché et celui du SMS : le plus récent compte."),
            ),
            common_problems=(
                CommonProblem(
                    symptom=N_("Le SMS n'arrive pas"),
                    voter=N_(
                        "Attendez une minute et vérifiez le réseau : cette page s'actualise automatiquement. Puis choisissez « Renvoyer le code »."
                    ),
                    agent=N_("Faites vérifier le réseau, puis choisir « Renvoyer le code »."),
                    sought=N_("code, texto, pas reçu, pas arrivé, rien reçu"),
                ),
                *((_problem_solved_by_call(policy),) if calls else ()),
                CommonProblem(
                    symptom=N_("Le numéro n'est pas le bon"),
                    voter=N_("Choisissez « Changer de numéro »."),
                    agent=N_("Faites choisir « Changer de numéro »."),
                ),
                CommonProblem(
                    symptom=N_("Le code est refusé"),
                    voter=NN_(
                        "Saisissez celui du SMS le plus récent. Après {count} code faux, il faut attendre jusqu'à {minutes} minutes.",
                        "Saisissez celui du SMS le plus récent. Après {count} codes faux, il faut attendre jusqu'à {minutes} minutes.",
                        count=policy.code_tries,
                        minutes=policy.code_pause_minutes,
                    ),
                    agent=N_("Faites saisir le code du SMS le plus récent, sans espace."),
                ),
                CommonProblem(
                    symptom=N_("Vous ne pouvez plus ouvrir cette page"),
                    voter=N_("Répondez au SMS en écrivant seulement le code : votre demande continue automatiquement."),
                    agent=N_("La personne peut répondre au SMS par le seul code ; la page avance d'elle-même."),
                ),
            ),
            refusals=(errors.TooManyWrongCodes.id, errors.PhoneTaken.id),
        ),
        actions=(
            Action(
                name="validate",
                label=N_("Valider le code"),
                answers=SecurityCodeAnswer,
                fields=(
                    Field(
                        name="code",
                        label=N_("Code de sécurité"),
                        hint=NN_("{count} chiffre.", "{count} chiffres, sans espace.", count=len(EXAMPLE_CODE)),
                        example={"code": EXAMPLE_CODE},
                        parse=parse_code,
                        kind=FieldKind.CODE,
                        autocomplete="one-time-code",
                        mistakes=(
                            FieldMistakeExample(typed={"code": ""}, error=errors.CodeMissing),
                            FieldMistakeExample(typed={"code": "1234"}, error=errors.CodeUnreadable),
                            FieldMistakeExample(typed={"code": "000000"}, error=errors.WrongCode),
                            FieldMistakeExample(
                                typed={"code": EXAMPLE_CODE},
                                error=errors.CodeExpired,
                                after=timedelta(minutes=policy.code_valid_minutes),
                            ),
                        ),
                    ),
                ),
            ),
            Action(
                name=AGAIN,
                label=N_("Renvoyer le code"),
                answers=ResendCodeAnswer,
                when=N_("Le SMS n'est toujours pas là ?"),
            ),
            *((_call_action(),) if calls else ()),
            Action(
                name="other-number",
                label=N_("Changer de numéro"),
                answers=ChangePhoneNumberAnswer,
                when=N_("Le numéro n'est pas le bon ?"),
            ),
        ),
        message=message,
    )


def _sending(policy: Policy) -> AwaitMessageStep:
    return AwaitMessageStep(
        code="ID-4",
        slug="envoi",
        copy=VoterAndAgentWords(
            title=N_("Votre identifiant part par SMS"),
            voter=(
                N_("Votre code est accepté. Nous envoyons l'identifiant au numéro qui finit par {ending}."),
                N_("Votre identifiant actuel fonctionne jusqu'à ce que le nouveau soit actif."),
                N_("Cette page s'actualise automatiquement. Vous pouvez aussi la fermer : vous ne perdrez rien."),
            ),
            agent=(
                N_("Rien à faire : la page et l'historique suivent l'envoi."),
                N_("Si le service de vote ne répond pas, l'envoi repart de lui-même dès son retour."),
            ),
            common_problems=(
                CommonProblem(
                    symptom=N_("L'envoi prend du temps"),
                    voter=N_("Gardez votre téléphone allumé. Ne recommencez pas : la demande attend son tour."),
                    agent=N_("L'historique dit ce que l'on attend. Ne faites pas recommencer."),
                ),
                CommonProblem(
                    symptom=N_("Vous n'avez rien reçu le lendemain"),
                    voter=N_(
                        "Après {duration}, une demande qui n'a pas pu partir est abandonnée. Un message vous prévient.",
                        duration=duration_sentence(policy.identifier_useful_minutes),
                    ),
                    agent=N_("Une demande abandonnée n'est pas décomptée : la personne peut recommencer."),
                ),
            ),
        ),
        message=IDENTIFIER_SMS,
    )


DONE = FinalStep(
    code="ID-5",
    slug="termine",
    copy=VoterAndAgentWords(
        title=N_("Votre identifiant est parti"),
        voter=(
            N_("Le SMS a été envoyé au numéro qui finit par {ending}, le {sent_at} (heure de Paris)."),
            N_("Le nouvel identifiant fonctionne. L'ancien ne fonctionne plus."),
            REISSUES,
            N_("Un message d'information vous est envoyé."),
            Text("{voting} {where_to_vote}"),  # sentences of ElectionContact
        ),
        agent=(
            N_("L'identifiant est parti. Ne le faites jamais lire au téléphone."),
            N_("L'historique dira si l'opérateur l'a remis."),
        ),
        common_problems=(
            CommonProblem(
                symptom=N_("Le SMS n'arrive pas"),
                voter=N_(
                    "Gardez le téléphone allumé. Si le SMS ne peut pas être remis, cette page vous le dira, et un message aussi."
                ),
                agent=N_("Attendez le compte rendu de l'opérateur dans l'historique avant de recommencer."),
            ),
            CommonProblem(
                symptom=N_("L'identifiant est refusé au moment de voter"),
                voter=N_("Saisissez tous ses caractères : il n'y a ni zéro ni lettre O, ni un ni lettre I."),
                agent=N_("Faites saisir celui du SMS le plus récent, lettre par lettre. Ne le faites pas dire."),
            ),
        ),
    ),
    message=REISSUE_NOTICE,
    actions=(
        Action(
            name="space",
            label=N_("Revenir à mon espace"),
            answers=ReturnToVoterSpaceAnswer,
            when=N_("Vous voulez changer de mot de passe, ou vous déconnecter ?"),
        ),
    ),
)


FAILED = FinalStep(
    code="ID-6",
    slug="non-remis",
    copy=VoterAndAgentWords(
        title=N_("Votre identifiant n'est pas arrivé"),
        voter=(OUTCOME, COUNTED, REISSUES, DESK_BY_TELEPHONE),
        agent=(
            N_("L'historique dit pourquoi. Faites vérifier le numéro et le réseau du téléphone."),
            N_("S'il reste une demande, faites choisir « Recommencer », avec un autre numéro si besoin."),
        ),
        common_problems=(
            CommonProblem(
                symptom=N_("Cela recommence"),
                voter=N_("Essayez avec un autre numéro de mobile, que personne n'a utilisé pour cette élection."),
                agent=N_("Faites essayer un autre numéro de mobile."),
                needs=RESTART,
            ),
        ),
    ),
    message=UNDELIVERED_SMS_MAIL,
    actions=(Action(name=RESTART, label=N_("Recommencer"), answers=RestartReissueAnswer),),
)
