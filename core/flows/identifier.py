"""ID, a new voting identifier (*identifiant de vote*), lost or never received: ID-1 … ID-6."""

from dataclasses import dataclass
from datetime import date

from core import errors
from core.answers import parse_birth_date, parse_numen
from core.codes import parse_code
from core.phones import Phone, phone_field
from core.policy import Policy
from core.steps import (
    AGAIN,
    Act,
    Ask,
    Brief,
    Channel,
    Choose,
    Copy,
    Field,
    FieldKind,
    Flow,
    Message,
    Slip,
    Tell,
    Trouble,
    Wait,
)
from core.text import N_, NN_, Text

EXAMPLE_PHONE = "06 12 34 56 78"
EXAMPLE_NUMEN = "01E0123456ABC"
OTHER_NUMEN = "01E6543210CBA"
EXAMPLE_CODE = "123456"
EXAMPLE_BIRTH_DATE = ("31", "12", "1970")
AT_THE_KEYBOARD_MINUTES = 5
# Sentences already, said by the facts of a visit.
REISSUES, TRIES, OUTCOME, COUNTED = Text("{reissues}"), Text("{tries}"), Text("{outcome}"), Text("{counted}")


@dataclass(frozen=True, slots=True)
class NewIdentifierWanted:
    """ID-1."""


@dataclass(frozen=True, slots=True)
class NothingWanted:
    """ID-1: back to the voter space; the identifier has been found."""


@dataclass(frozen=True, slots=True)
class IdentityGiven:
    """ID-2."""

    phone: Phone
    birth_date: date
    numen: str


@dataclass(frozen=True, slots=True)
class CodeTyped:
    """ID-3."""

    code: str


@dataclass(frozen=True, slots=True)
class CodeWantedAgain:
    """ID-3, after the pause."""


@dataclass(frozen=True, slots=True)
class OtherNumberWanted:
    """ID-3: the number was not the right one."""


@dataclass(frozen=True, slots=True)
class BackToSpace:
    """ID-5: to the voter space."""


@dataclass(frozen=True, slots=True)
class AnotherTry:
    """ID-6: from the beginning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentifierFlow:
    """The flow and its steps by what happens there, so that rules name them without a code."""

    flow: Flow
    begin: Choose
    identity: Ask
    code: Ask
    sending: Wait
    done: Tell
    failed: Tell
    code_sms: Message
    identifier_sms: Message
    notice: Message
    """What follows an accepted code, with the way to stop it."""
    failure_mail: Message


def identifier_flow(policy: Policy) -> IdentifierFlow:
    """The flow under that policy: every number in its sentences comes from there."""
    code_sms, identifier_sms, notice, failure_mail = _code_sms(policy), _identifier_sms(), _notice(), _failure_mail()
    begin, identity, code = _begin(), _identity(policy), _code(code_sms)
    sending, done, failed = _sending(policy, identifier_sms), _done(notice), _failed(failure_mail)
    return IdentifierFlow(
        flow=Flow(
            slug="identifiant",
            title=N_("Je n'ai pas reçu ou j'ai perdu mon identifiant de vote"),
            steps=(begin, identity, code, sending, done, failed),
            brief=_brief(policy),
        ),
        begin=begin,
        identity=identity,
        code=code,
        sending=sending,
        done=done,
        failed=failed,
        code_sms=code_sms,
        identifier_sms=identifier_sms,
        notice=notice,
        failure_mail=failure_mail,
    )


def _brief(policy: Policy) -> Brief:
    return Brief(
        lets_you=N_("Vous recevez par SMS un nouvel identifiant de vote. L'ancien ne fonctionne plus."),
        minutes=NN_("Environ {count} minute.", "Environ {count} minutes.", count=AT_THE_KEYBOARD_MINUTES),
        needs=(
            N_("votre mot de passe pour ce site"),
            N_("votre téléphone mobile"),
            N_("votre date de naissance"),
            N_("votre NUMEN : le secrétariat de votre établissement le connaît"),
        ),
        begins=(
            N_("Ouvrez le site, donnez votre adresse, puis connectez-vous avec votre mot de passe."),
            N_("Choisissez « Demander un nouvel identifiant de vote »."),
        ),
        tries=NN_(
            "Vous pouvez recevoir {count} nouvel identifiant pendant l'élection. Un SMS non remis n'est pas décompté.",
            "Vous pouvez recevoir {count} nouveaux identifiants pendant l'élection. Un SMS non remis n'est pas décompté.",
            count=policy.reissues,
        ),
        sought=N_(
            "identifiant, identifiant de vote, code, code de vote, voter, lettre, courrier, notice, perdu, égaré, jamais reçu, pas reçu, SMS, téléphone, NUMEN, nouveau"
        ),
    )


def _begin() -> Choose:
    return Choose(
        code="ID-1",
        slug="demande",
        copy=Copy(
            title=N_("Nouvel identifiant de vote"),
            voter=(
                REISSUES,
                N_("Préparez votre téléphone mobile, votre date de naissance et votre NUMEN."),
                N_("Votre identifiant actuel fonctionne jusqu'à la mise en place du nouveau."),
            ),
            agent=(
                N_("Vérifiez que la personne est connectée et a son téléphone mobile à la main."),
                N_(
                    "Dites combien de demandes restent, puis faites choisir « Demander un nouvel identifiant de vote »."
                ),
            ),
            troubles=(
                Trouble(
                    sign=N_("Vous ne connaissez pas votre NUMEN"),
                    voter=N_("Demandez-le d'abord au secrétariat de votre établissement."),
                    agent=N_("Ne le donnez jamais : le secrétariat de l'établissement le connaît."),
                ),
                Trouble(
                    sign=N_("Vous retrouvez votre identifiant"),
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
            ),
        ),
        acts=(
            Act(
                name="request",
                label=N_("Demander un nouvel identifiant de vote"),
                answers=NewIdentifierWanted,
                when=N_("Vous l'avez perdu, ou vous ne l'avez jamais reçu"),
            ),
            Act(
                name="back",
                label=N_("Garder mon identifiant actuel"),
                answers=NothingWanted,
                when=N_("Vous l'avez retrouvé"),
            ),
        ),
    )


def _identity(policy: Policy) -> Ask:
    return Ask(
        code="ID-2",
        slug="identite",
        copy=Copy(
            title=N_("Vérifions qu'il s'agit bien de vous"),
            voter=(
                N_("Un code de sécurité partira par SMS vers le numéro que vous indiquez."),
                NN_(
                    "Après {count} erreur sur la date et le NUMEN, il faut attendre {minutes} minutes.",
                    "Après {count} erreurs sur la date et le NUMEN, il faut attendre {minutes} minutes.",
                    count=policy.matching_tries,
                    minutes=policy.matching_pause_minutes,
                ),
            ),
            agent=(
                N_("Laissez la personne saisir seule ; ne saisissez rien à sa place."),
                N_("Le numéro doit être celui d'un mobile qu'elle a sous la main."),
            ),
            troubles=(
                Trouble(
                    sign=N_("La date et le NUMEN sont refusés"),
                    voter=N_("Vérifiez les deux. Le secrétariat de votre établissement connaît votre NUMEN."),
                    agent=N_("L'outil ne dit pas lequel est faux. Renvoyez vers le secrétariat de l'établissement."),
                ),
                Trouble(
                    sign=N_("Le numéro est refusé"),
                    voter=N_("Saisissez un numéro de mobile. Outre-mer, commencez par + et l'indicatif du pays."),
                    agent=N_("Seuls les mobiles de France et d'outre-mer conviennent. Un numéro sert à une personne."),
                ),
                Trouble(
                    sign=N_("Vous n'avez pas de téléphone mobile"),
                    voter=N_("Appelez l'assistance : elle vous dira comment voter."),
                    agent=N_("Le numéro d'un proche convient s'il n'a servi à personne d'autre."),
                ),
            ),
            refusals=(errors.TooManyMatchings.id, errors.TooManyCodes.id),
        ),
        act=Act(
            name="validate",
            label=N_("Valider"),
            answers=IdentityGiven,
            fields=(_phone(policy), _birth_date(), _numen()),
        ),
    )


def _phone(policy: Policy) -> Field[object]:
    return Field(
        name="phone",
        label=N_("Téléphone mobile"),
        hint=N_("Par exemple : {example}", example=EXAMPLE_PHONE),
        example={"phone": EXAMPLE_PHONE},
        parse=phone_field(policy.phone_codes),
        kind=FieldKind.PHONE,
        autocomplete="tel",
        slips=(
            Slip(typed={"phone": ""}, told=errors.PhoneMissing),
            Slip(typed={"phone": "06 12 34"}, told=errors.PhoneUnreadable),
            Slip(typed={"phone": "01 23 45 67 89"}, told=errors.PhoneNotMobile),
            Slip(typed={"phone": "+32 470 12 34 56"}, told=errors.PhoneElsewhere),
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
        slips=(
            Slip(typed=typed("", "", ""), told=errors.BirthDateMissing),
            Slip(typed=typed("31", "déc", "1970"), told=errors.BirthDateNotNumbers),
            Slip(typed=typed("31", "12", "70"), told=errors.BirthDateYear),
            Slip(typed=typed("31", "02", "1970"), told=errors.BirthDateImpossible),
        ),
    )


def _numen() -> Field[object]:
    return Field(
        name="numen",
        label=N_("NUMEN"),
        hint=N_("Par exemple : {example}. Le secrétariat de votre établissement le connaît.", example=EXAMPLE_NUMEN),
        example={"numen": EXAMPLE_NUMEN},
        parse=lambda form: parse_numen(form, "numen"),
        kind=FieldKind.NUMEN,
        autocomplete="off",
        slips=(
            Slip(typed={"numen": ""}, told=errors.NumenMissing),
            Slip(typed={"numen": "01E012345"}, told=errors.NumenUnreadable),
            Slip(typed={"numen": OTHER_NUMEN}, told=errors.IdentityUnmatched),
        ),
    )


def _code(message: Message) -> Ask:
    return Ask(
        code="ID-3",
        slug="code",
        copy=Copy(
            title=N_("Saisissez le code reçu par SMS"),
            voter=(
                N_("Un SMS part vers le numéro qui finit par {ending}."),
                N_("Envoi {sending} sur {sendings}, à {sent_at} (heure de Paris)."),
                N_("Le code est valable jusqu'à {code_until} (heure de Paris)."),
                TRIES,
            ),
            agent=(
                N_("Faites lire le SMS et saisir son code. Ne demandez jamais de dire le code."),
                N_("Comparez le numéro de l'envoi affiché et celui du SMS : le plus récent compte."),
            ),
            troubles=(
                Trouble(
                    sign=N_("Le SMS n'arrive pas"),
                    voter=N_("Attendez une minute et vérifiez le réseau. Puis choisissez « Renvoyer le code »."),
                    agent=N_("Faites vérifier le réseau, puis choisir « Renvoyer le code »."),
                ),
                Trouble(
                    sign=N_("Le numéro n'est pas le bon"),
                    voter=N_("Choisissez « Changer de numéro »."),
                    agent=N_("Faites choisir « Changer de numéro »."),
                ),
                Trouble(
                    sign=N_("Vous ne pouvez plus ouvrir cette page"),
                    voter=N_("Répondez au SMS en n'écrivant que le code : la demande continue d'elle-même."),
                    agent=N_("La personne peut répondre au SMS par le seul code ; la page avance d'elle-même."),
                ),
            ),
            refusals=(errors.TooManyCodes.id, errors.PhoneTaken.id),
        ),
        act=Act(
            name="validate",
            label=N_("Valider"),
            answers=CodeTyped,
            fields=(
                Field(
                    name="code",
                    label=N_("Code de sécurité"),
                    hint=NN_("{count} chiffre.", "{count} chiffres, sans espace.", count=len(EXAMPLE_CODE)),
                    example={"code": EXAMPLE_CODE},
                    parse=parse_code,
                    kind=FieldKind.CODE,
                    autocomplete="one-time-code",
                    slips=(
                        Slip(typed={"code": ""}, told=errors.CodeMissing),
                        Slip(typed={"code": "1234"}, told=errors.CodeUnreadable),
                        Slip(typed={"code": "000000"}, told=errors.WrongCode),
                    ),
                ),
            ),
        ),
        others=(
            Act(
                name=AGAIN,
                label=N_("Renvoyer le code"),
                answers=CodeWantedAgain,
                when=N_("Le SMS n'est toujours pas là"),
            ),
            Act(
                name="other-number",
                label=N_("Changer de numéro"),
                answers=OtherNumberWanted,
                when=N_("Le numéro n'est pas le bon"),
            ),
        ),
        message=message,
    )


def _sending(policy: Policy, message: Message) -> Wait:
    return Wait(
        code="ID-4",
        slug="envoi",
        copy=Copy(
            title=N_("Votre identifiant part par SMS"),
            voter=(
                N_("Votre code est accepté. L'identifiant part vers le numéro qui finit par {ending}."),
                N_("Votre identifiant actuel fonctionne jusqu'à la mise en place du nouveau."),
                N_("Vous pouvez fermer cette page : rien n'est perdu."),
            ),
            agent=(
                N_("Rien à faire : la page et l'historique suivent l'envoi."),
                N_("Si le service de vote ne répond pas, l'envoi repart de lui-même dès son retour."),
            ),
            troubles=(
                Trouble(
                    sign=N_("L'envoi prend du temps"),
                    voter=N_("Gardez votre téléphone allumé. Ne recommencez pas : la demande attend son tour."),
                    agent=N_("L'historique dit ce que l'on attend. Ne faites pas recommencer."),
                ),
                Trouble(
                    sign=N_("Rien n'est parti le lendemain"),
                    voter=NN_(
                        "Après {count} heure, une demande qui n'a pas pu partir est abandonnée. Un message vous prévient.",
                        "Après {count} heures, une demande qui n'a pas pu partir est abandonnée. Un message vous prévient.",
                        count=policy.identifier_useful_minutes // 60,
                    ),
                    agent=N_("Une demande abandonnée n'est pas décomptée : la personne peut recommencer."),
                ),
            ),
        ),
        message=message,
    )


def _done(notice: Message) -> Tell:
    return Tell(
        code="ID-5",
        slug="termine",
        copy=Copy(
            title=N_("Votre identifiant est parti"),
            voter=(
                N_("Le SMS est parti vers le numéro qui finit par {ending}, à {sent_at} (heure de Paris)."),
                N_("Le nouvel identifiant fonctionne. L'ancien ne fonctionne plus."),
                REISSUES,
                N_("Un message d'information part vers votre messagerie."),
            ),
            agent=(
                N_("L'identifiant est parti. Ne le faites jamais lire au téléphone."),
                N_("L'historique dira si l'opérateur l'a remis."),
            ),
            troubles=(
                Trouble(
                    sign=N_("Le SMS n'arrive pas"),
                    voter=N_("Gardez le téléphone allumé. Si l'opérateur renonce, cette page et un message le diront."),
                    agent=N_("Attendez le compte rendu de l'opérateur dans l'historique avant de recommencer."),
                ),
                Trouble(
                    sign=N_("L'identifiant est refusé au moment de voter"),
                    voter=N_("Saisissez tous ses caractères : il n'y a ni zéro ni lettre O, ni un ni lettre I."),
                    agent=N_("Faites saisir celui du SMS le plus récent, lettre par lettre. Ne le faites pas dire."),
                ),
            ),
        ),
        message=notice,
        acts=(Act(name="space", label=N_("Revenir à mon espace"), answers=BackToSpace),),
    )


def _failed(mail: Message) -> Tell:
    return Tell(
        code="ID-6",
        slug="non-remis",
        copy=Copy(
            title=N_("Votre identifiant n'est pas arrivé"),
            voter=(
                OUTCOME,
                COUNTED,
                REISSUES,
            ),
            agent=(
                N_("L'historique dit pourquoi. Faites vérifier le numéro et le réseau du téléphone."),
                N_("Faites choisir « Recommencer », avec un autre numéro s'il le faut."),
            ),
            troubles=(
                Trouble(
                    sign=N_("Cela recommence"),
                    voter=N_("Essayez avec un autre numéro de mobile, qui n'a servi à personne."),
                    agent=N_("Faites essayer un autre numéro de mobile."),
                ),
            ),
        ),
        message=mail,
        acts=(Act(name="restart", label=N_("Recommencer"), answers=AnotherTry),),
    )


def _code_sms(policy: Policy) -> Message:
    """All GSM-7; the last line binds the code to the site (WICG, Origin-bound one-time codes delivered via SMS)."""
    return Message(
        code="ID-3",
        subject=N_("Le code de sécurité"),
        body=(
            N_("Code de sécurité : {code}. Envoi {sending} sur {sendings}, {sent_at}."),
            N_(
                "Valable {minutes} min. Ne le donnez à personne.", minutes=str(policy.code_valid_minutes)
            ),  # a narrow space in a thousand is no GSM-7
            Text("@{host} #{code}"),  # a format, not a sentence
        ),
        channel=Channel.SMS,
    )


def _identifier_sms() -> Message:
    return Message(
        code="ID-4",
        subject=N_("Votre identifiant de vote"),
        body=(
            N_("Votre nouvel identifiant de vote : {identifier}"),
            N_("L'ancien ne fonctionne plus. Gardez celui-ci pour vous. L'assistance ne le demande jamais."),
            N_("Dossier {case}."),
        ),
        channel=Channel.SMS,
    )


def _notice() -> Message:
    return Message(
        code="ID-5",
        subject=N_("Un nouvel identifiant de vote a été demandé"),
        body=(
            N_("Bonjour {first_name} {last_name},"),
            N_("Un nouvel identifiant de vote a été demandé le {requested_at} (heure de Paris) pour « {election} »."),
            N_("Il part par SMS vers le numéro qui finit par {ending}. L'ancien ne fonctionnera plus."),
            N_("Si c'était vous, vous n'avez rien à faire."),
            N_("Si ce n'était pas vous, bloquez tout de suite votre compte et cet identifiant :"),
        ),
        action=N_("Ce n'était pas moi"),
        after=(
            N_("Vous pouvez aussi appeler l'assistance au {desk_phone} ({desk_hours})."),
            N_("Numéro de dossier : {case}."),
        ),
    )


def _failure_mail() -> Message:
    return Message(
        code="ID-6",
        subject=N_("Votre identifiant de vote n'est pas arrivé"),
        body=(
            N_("Bonjour {first_name} {last_name},"),
            OUTCOME,
            COUNTED,
            N_("Pour recommencer, connectez-vous sur {site} et choisissez « Demander un nouvel identifiant de vote »."),
            N_("Assistance : {desk_phone} ({desk_hours}). Numéro de dossier : {case}."),
        ),
    )
