"""MP, the forgotten password (*mot de passe*): MP-1 … MP-7. A first password is made the same way."""

from dataclasses import dataclass

from core import errors
from core.answers import Address, address_field, new_password_field, parse_password
from core.policy import Policy
from core.ports import Act as Happened
from core.steps import (
    AGAIN,
    Act,
    Ask,
    Brief,
    CharacterClass,
    Choose,
    Copy,
    Criterion,
    Field,
    FieldKind,
    Flow,
    Message,
    Rejected,
    Slip,
    Tell,
    Trouble,
    Wait,
)
from core.text import N_, NN_, Text

EXAMPLE_ADDRESS = "camille.martin@ac-lumiere.example"
LINK_SUBJECT = N_("Votre lien pour choisir un mot de passe")
EXAMPLE_PASSWORD = "Lavande bleue 2018"  # printed in the help pages, opens nothing
AT_THE_KEYBOARD_MINUTES = 5
"""What the way takes besides waiting for the message."""
FIRST = "MP-1"
"""Where everybody begins, and begins again once the desk has reopened an account."""


@dataclass(frozen=True, slots=True)
class AddressGiven:
    """MP-1."""

    email: Address


@dataclass(frozen=True, slots=True)
class SignIn:
    """MP-2, with the password."""

    password: str


@dataclass(frozen=True, slots=True)
class Forgotten:
    """MP-2, without it."""


@dataclass(frozen=True, slots=True)
class MessageWanted:
    """MP-3."""


@dataclass(frozen=True, slots=True)
class MessageWantedAgain:
    """MP-4, after the cool-down."""


@dataclass(frozen=True, slots=True)
class PasswordChosen:
    """MP-6."""

    new_password: str


@dataclass(frozen=True, slots=True)
class SignInNow:
    """MP-7: back to signing in, with the address known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordFlow:
    """The flow and its steps by what happens there, so that rules name them without a code."""

    flow: Flow
    identify: Ask
    choose_way: Choose
    confirm: Ask
    message_asked: Wait
    mail: Wait
    choose_password: Ask
    done: Tell
    notice: Message
    """What follows a new password, with the way to stop it."""
    refusal_mail: Message
    """What a frozen voter gets instead of the link: no link, call the desk."""
    signed_in_as_another: Text
    """Above `choose_password`, when this browser is signed in as someone else (CASE 18)."""


def criteria(policy: Policy) -> tuple[Criterion, ...]:
    """The rules of a new password that can tick while one types."""
    counted = {"unicode_letters": policy.password_unicode_letters}
    if policy.password_unicode_letters:
        lower, upper = N_("au moins une minuscule"), N_("au moins une majuscule")
    else:
        lower, upper = N_("au moins une minuscule sans accent"), N_("au moins une majuscule sans accent")
    return (
        Criterion(
            name="length",
            sentence=N_(
                "de {minimum} à {maximum} caractères",
                minimum=policy.password_minimum_length,
                maximum=policy.password_maximum_length,
            ),
            counts=CharacterClass.ANY,
            minimum=policy.password_minimum_length,
            maximum=policy.password_maximum_length,
        ),
        Criterion(name="lower", sentence=lower, counts=CharacterClass.LOWER, minimum=1, **counted),
        Criterion(name="upper", sentence=upper, counts=CharacterClass.UPPER, minimum=1, **counted),
        Criterion(name="digit", sentence=N_("au moins un chiffre"), counts=CharacterClass.DIGIT, minimum=1),
    )


def link_validity(policy: Policy) -> Text:
    """How long a link is valid, in whole hours where it is a number of them."""
    hours, minutes = divmod(policy.link_valid_minutes, 60)
    if minutes:
        return NN_("{count} minute", "{count} minutes", count=policy.link_valid_minutes)
    return NN_("{count} heure", "{count} heures", count=hours)


def password_flow(policy: Policy) -> PasswordFlow:
    """The flow under that policy: every number in its sentences comes from there."""
    validity = link_validity(policy)
    identify = _identify()
    choose_way = _choose_way()
    confirm = _confirm()
    mail = _mail(validity)
    message_asked = _message_asked(policy, validity, mail.message)
    choose_password = _choose_password(policy)
    notice = _notice()
    done = _done(notice)
    return PasswordFlow(
        flow=Flow(
            slug="mot-de-passe",
            title=N_("J'ai perdu mon mot de passe"),
            steps=(identify, choose_way, confirm, message_asked, mail, choose_password, done),
            brief=_brief(policy, validity),
            reached={
                Happened.ASKED: message_asked,
                Happened.ASK_DROPPED: message_asked,
                Happened.LINK_DECIDED: message_asked,
                Happened.LINK_REFUSED: message_asked,
                Happened.MAIL_POSTPONED: message_asked,
                Happened.MAIL_ACCEPTED: mail,
                Happened.LINK_OPENED: choose_password,
                Happened.PASSWORD_REFUSED: choose_password,
                Happened.PASSWORD_CHOSEN: done,
            },
        ),
        identify=identify,
        choose_way=choose_way,
        confirm=confirm,
        message_asked=message_asked,
        mail=mail,
        choose_password=choose_password,
        done=done,
        notice=notice,
        refusal_mail=_refusal_mail(),
        signed_in_as_another=N_(
            "Attention : ce lien concerne l'adresse {masked_address}, mais la session ouverte ici est celle de {other_address}. Elle se fermera quand le mot de passe sera enregistré."
        ),
    )


def _brief(policy: Policy, validity: Text) -> Brief:
    minutes = AT_THE_KEYBOARD_MINUTES + policy.normal_mail_delay_minutes
    return Brief(
        lets_you=N_(
            "Vous choisissez vous-même un nouveau mot de passe. Vous faites de même si vous n'en avez jamais eu."
        ),
        minutes=NN_(
            "Environ {count} minute, le temps que le message arrive compris.",
            "Environ {count} minutes, le temps que le message arrive compris.",
            count=minutes,
        ),
        needs=(
            N_("votre adresse professionnelle"),
            N_("l'accès à la messagerie de cette adresse"),
        ),
        begins=(N_("Recopiez en entier l'adresse du site dans votre navigateur."),),
        tries=NN_(
            "Vous pouvez recevoir {count} message en {validity}. Un mot de passe refusé ne coûte rien : essayez-en un autre.",
            "Vous pouvez recevoir {count} messages en {validity}. Un mot de passe refusé ne coûte rien : essayez-en un autre.",
            count=policy.links_alive,
            validity=validity,
        ),
        sought=N_(
            "mdp, mot de passe, perdu, oublié, égaré, changer, réinitialiser, nouveau, premier, connexion, se connecter, accès, message, mail, courriel, lien, pas reçu, n'arrive pas"
        ),
    )


def _identify() -> Ask:
    return Ask(
        code=FIRST,
        slug="identification",
        copy=Copy(
            title=N_("Identification"),
            voter=(N_("Vérifiez que l'adresse du site, en haut de votre navigateur, commence bien par {site}."),),
            agent=(
                N_("Demandez l'adresse du site affichée en haut du navigateur : elle commence par {site}."),
                N_("Faites saisir l'adresse professionnelle, puis « Continuer »."),
            ),
            troubles=(
                Trouble(
                    sign=N_("L'adresse est refusée"),
                    voter=N_("Saisissez l'adresse entière, avec le @ et ce qui le suit, sans espace."),
                    agent=N_("Faites épeler l'adresse : il manque souvent la fin, après le @."),
                ),
                Trouble(
                    sign=N_("Vous ne connaissez pas votre adresse professionnelle"),
                    voter=N_(
                        "Elle figure sur les lettres de votre employeur. Le secrétariat de votre établissement la connaît aussi."
                    ),
                    agent=N_("Ne la donnez pas au téléphone : le secrétariat de l'établissement la connaît."),
                ),
            ),
            refusals=(errors.NotYetOpen.id, errors.VoteClosed.id),
        ),
        act=Act(
            name="continue",
            label=N_("Continuer"),
            answers=AddressGiven,
            fields=(
                Field(
                    name="email",
                    label=N_("Adresse professionnelle"),
                    hint=N_("Par exemple : {example}", example=EXAMPLE_ADDRESS),
                    example={"email": EXAMPLE_ADDRESS},
                    parse=address_field(EXAMPLE_ADDRESS),
                    kind=FieldKind.ADDRESS,
                    autocomplete="username",
                    slips=_address_slips(),
                ),
            ),
        ),
    )


def _address_slips() -> tuple[Slip, ...]:
    typed: dict[type[Rejected], str] = {
        errors.AddressMissing: "",
        errors.AddressUnreadable: "camille.martin",
        errors.AddressNotOne: f"{EXAMPLE_ADDRESS} {EXAMPLE_ADDRESS}",
        errors.AddressOddCharacter: "camille.martiñ@ac-lumiere.example",
        errors.AddressTooLong: f"{'camille.' * 30}martin@ac-lumiere.example",
    }
    return tuple(Slip(typed={"email": address}, told=told) for told, address in typed.items())


def _choose_way() -> Choose:
    return Choose(
        code="MP-2",
        slug="connexion",
        copy=Copy(
            title=N_("Connexion"),
            voter=(
                N_("Vous avez indiqué l'adresse {address}."),
                N_(
                    "Si vous n'avez jamais eu de mot de passe, ou si vous l'avez perdu, choisissez « Mot de passe oublié »."
                ),
            ),
            agent=(
                N_("Si la personne connaît son mot de passe, elle le saisit puis choisit « Se connecter »."),
                N_("Sinon, faites choisir « Mot de passe oublié »."),
            ),
            troubles=(
                Trouble(
                    sign=N_("Le mot de passe est refusé"),
                    voter=N_("Vérifiez les majuscules. Après plusieurs essais, choisissez « Mot de passe oublié »."),
                    agent=N_("Ne demandez jamais le mot de passe. Faites choisir « Mot de passe oublié »."),
                ),
            ),
            refusals=(errors.TooManySignIns.id, errors.AccountFrozen.id),
        ),
        acts=(
            Act(
                name="sign-in",
                label=N_("Se connecter"),
                answers=SignIn,
                when=N_("Vous connaissez votre mot de passe"),
                fields=(
                    Field(
                        name="password",
                        label=N_("Mot de passe"),
                        hint=N_("Celui que vous avez choisi pour cette élection."),
                        example={"password": EXAMPLE_PASSWORD},
                        parse=parse_password,
                        kind=FieldKind.SECRET,
                        autocomplete="current-password",
                        slips=(
                            Slip(typed={"password": ""}, told=errors.PasswordMissing),
                            Slip(typed={"password": "Lavande rouge 2018"}, told=errors.WrongPassword),
                        ),
                    ),
                ),
            ),
            Act(
                name="forgotten",
                label=N_("Mot de passe oublié"),
                answers=Forgotten,
                when=N_("Vous l'avez perdu, ou vous n'en avez jamais eu"),
            ),
        ),
    )


def _confirm() -> Ask:
    return Ask(
        code="MP-3",
        slug="confirmation",
        copy=Copy(
            title=N_("Recevoir un message"),
            voter=(
                N_("Un message va être envoyé à l'adresse {address}."),
                N_("Il contient un lien pour choisir un nouveau mot de passe."),
                N_("Vérifiez l'adresse avant de continuer."),
            ),
            agent=(
                N_("Faites relire l'adresse affichée, lettre par lettre."),
                N_("Faites choisir « Envoyer le message »."),
            ),
            troubles=(
                Trouble(
                    sign=N_("L'adresse affichée n'est pas la bonne"),
                    voter=N_("Choisissez « Modifier l'adresse » et saisissez-la de nouveau."),
                    agent=N_("Faites choisir « Modifier l'adresse »."),
                ),
            ),
        ),
        act=Act(name="send", label=N_("Envoyer le message"), answers=MessageWanted),
    )


def _message_asked(policy: Policy, validity: Text, message: Message) -> Wait:
    return Wait(
        code="MP-4",
        slug="message",
        copy=Copy(
            title=N_("Consultez votre messagerie"),
            voter=(
                N_("Si l'adresse {address} figure sur la liste électorale, un message lui a été envoyé ou va l'être."),
                N_(
                    "Le lien qu'il contient est valable jusqu'à {until} (heure de Paris), soit {validity} après la demande.",
                    validity=validity,
                ),
                N_("Vous pouvez fermer cette page et ouvrir le lien sur un autre appareil."),
            ),
            agent=(
                N_("Demandez le numéro de dossier affiché : il donne l'historique exact."),
                N_("Faites ouvrir la messagerie professionnelle et chercher « {subject} ».", subject=message.subject),
            ),
            troubles=(
                Trouble(
                    sign=N_("Le message n'arrive pas"),
                    voter=N_("Regardez dans les courriers indésirables et dans les autres dossiers."),
                    agent=N_("Faites regarder les courriers indésirables, puis lisez l'historique du dossier."),
                ),
                Trouble(
                    sign=N_("Votre boîte est pleine"),
                    voter=N_(
                        "Supprimez quelques gros messages et videz la corbeille, avant de demander un nouveau message."
                    ),
                    agent=N_(
                        "L'historique dit que la boîte est pleine : faites supprimer des messages, puis choisir « Renvoyer le message »."
                    ),
                ),
                Trouble(
                    sign=N_("Toujours rien"),
                    voter=NN_(
                        "Pour votre sécurité, au plus {count} message part en {validity}. Il est peut-être déjà arrivé.",
                        "Pour votre sécurité, au plus {count} messages partent en {validity}. L'un d'eux est peut-être déjà arrivé.",
                        count=policy.links_alive,
                        validity=validity,
                    ),
                    agent=N_("Vérifiez que l'adresse saisie est bien celle de la liste électorale."),
                ),
            ),
        ),
        message=message,
        acts=(
            Act(
                name=AGAIN,
                label=N_("Renvoyer le message"),
                answers=MessageWantedAgain,
                when=N_("Le message n'est toujours pas là"),
            ),
        ),
    )


def _mail(validity: Text) -> Wait:
    return Wait(
        code="MP-5",
        slug="courriel",
        copy=Copy(
            title=N_("Le message et son lien"),
            voter=(
                N_("Ouvrez le message « {subject} ».", subject=LINK_SUBJECT),
                N_("Choisissez le lien qu'il contient."),
            ),
            agent=(
                N_("Faites ouvrir le message « {subject} », puis son lien.", subject=LINK_SUBJECT),
                N_("Ne demandez jamais de lire ou de transférer le lien."),
            ),
            troubles=(
                Trouble(
                    sign=N_("Le lien a expiré"),
                    voter=N_("Demandez un nouveau message : un lien est valable {validity}.", validity=validity),
                    agent=N_("Faites demander un nouveau message : un lien est valable {validity}.", validity=validity),
                ),
                Trouble(
                    sign=N_("Le lien est coupé"),
                    voter=N_("Copiez le lien en entier dans la barre d'adresse du navigateur."),
                    agent=N_("Faites copier le lien en entier dans la barre d'adresse."),
                ),
            ),
            refusals=(
                errors.LinkExpired.id,
                errors.LinkDamaged.id,
                errors.LinkUnknown.id,
                errors.LinkUsed.id,
                errors.LinkReplaced.id,
            ),
        ),
        elsewhere=True,
        message=Message(
            code="MP-5",
            subject=LINK_SUBJECT,
            body=(
                N_("Bonjour {first_name} {last_name},"),
                N_(
                    "Une demande de nouveau mot de passe a été faite le {asked_at} (heure de Paris) avec votre adresse."
                ),
                N_("Pour choisir un mot de passe, ouvrez ce lien avant le {until} (heure de Paris) :"),
            ),
            action=N_("Choisir un nouveau mot de passe"),
            after=(
                N_("Le lien ne sert qu'une fois. Ne le transmettez à personne, pas même à l'assistance."),
                N_("Si vous n'avez rien demandé, ne faites rien : votre mot de passe reste le même."),
                N_("Numéro de dossier : {case}. Assistance : {desk_phone} ({desk_hours})."),
            ),
        ),
    )


def _choose_password(policy: Policy) -> Ask:
    rules = criteria(policy)
    return Ask(
        code="MP-6",
        slug="nouveau-mot-de-passe",
        copy=Copy(
            title=N_("Nouveau mot de passe"),
            voter=(
                N_("Choisissez le mot de passe de l'adresse {masked_address}."),
                N_("Il ne doit contenir ni votre nom ni votre adresse."),
                N_("N'utilisez pas celui de votre messagerie."),
            ),
            agent=(
                N_("Laissez la personne choisir seule ; ne le faites jamais dire à voix haute."),
                N_("Lisez les règles affichées à la personne : elles se cochent pendant la saisie."),
            ),
            troubles=(
                Trouble(
                    sign=N_("Le mot de passe est refusé"),
                    voter=N_("Lisez la règle indiquée et essayez-en un autre : le lien fonctionne encore."),
                    agent=N_("L'historique dit quelle règle a manqué. Le lien fonctionne encore."),
                ),
            ),
        ),
        act=Act(
            name="save",
            label=N_("Enregistrer le mot de passe"),
            answers=PasswordChosen,
            fields=(
                Field(
                    name="new_password",
                    label=N_("Nouveau mot de passe"),
                    hint=N_("Les espaces et les signes sont permis."),
                    example={"new_password": EXAMPLE_PASSWORD, "new_password_again": EXAMPLE_PASSWORD},
                    parse=new_password_field(rules),
                    kind=FieldKind.NEW_SECRET,
                    autocomplete="new-password",
                    criteria=rules,
                    again=N_("Le même mot de passe, encore une fois"),
                    slips=_new_password_slips(policy),
                ),
            ),
        ),
    )


def _new_password_slips(policy: Policy) -> tuple[Slip, ...]:
    """A password that is weak is refused only where the policy asks for a strength."""
    longer = (f"{EXAMPLE_PASSWORD} " * policy.password_maximum_length)[: policy.password_maximum_length + 1]
    typed: dict[type[Rejected], tuple[str, str]] = {
        errors.NewPasswordMissing: ("", ""),
        errors.NewPasswordTooShort: _twice("Lav 18"),
        errors.NewPasswordTooLong: _twice(longer),
        errors.NewPasswordWithoutLower: _twice(EXAMPLE_PASSWORD.upper()),
        errors.NewPasswordWithoutUpper: _twice(EXAMPLE_PASSWORD.lower()),
        errors.NewPasswordWithoutDigit: _twice("Lavande bleue"),
        errors.NewPasswordControlCharacter: _twice("Lavande\x07bleue 2018"),
        errors.NewPasswordDiffers: (EXAMPLE_PASSWORD, "Lavande rouge 2018"),
        errors.NewPasswordPersonal: _twice("Martin lavande 2018"),
        errors.NewPasswordCommon: _twice("Qwerty123456"),
    }
    if policy.password_strength:
        typed[errors.NewPasswordWeak] = _twice("Bonjour20182018")
    names = ("new_password", "new_password_again")
    return tuple(Slip(typed=dict(zip(names, both, strict=True)), told=told) for told, both in typed.items())


def _twice(password: str) -> tuple[str, str]:
    return password, password


def _done(notice: Message) -> Tell:
    return Tell(
        code="MP-7",
        slug="termine",
        copy=Copy(
            title=N_("Votre mot de passe est enregistré"),
            voter=(
                N_("Le mot de passe de l'adresse {masked_address} est valable dès maintenant."),
                N_("Les anciens liens et les sessions ouvertes ne fonctionnent plus."),
                N_("Un message de confirmation part vers votre messagerie."),
            ),
            agent=(
                N_("Le nouveau mot de passe est en place."),
                N_("Faites choisir « Se connecter » pour vérifier."),
            ),
        ),
        message=notice,
        acts=(Act(name="sign-in", label=N_("Se connecter"), answers=SignInNow),),
    )


def _notice() -> Message:
    return Message(
        code="MP-7",
        subject=N_("Votre mot de passe a été changé"),
        body=(
            N_("Bonjour {first_name} {last_name},"),
            N_("Le mot de passe de votre compte pour « {election} » a été changé le {changed_at} (heure de Paris)."),
            N_("Si c'était vous, vous n'avez rien à faire."),
            N_("Si ce n'était pas vous, bloquez tout de suite votre compte :"),
        ),
        action=N_("Ce n'était pas moi"),
        after=(
            N_("Vous pouvez aussi appeler l'assistance au {desk_phone} ({desk_hours})."),
            N_("Numéro de dossier : {case}."),
        ),
    )


def _refusal_mail() -> Message:
    return Message(
        code="MP-5",
        subject=N_("Votre demande de mot de passe : appelez l'assistance"),
        body=(
            N_("Bonjour {first_name} {last_name},"),
            N_("Une demande de nouveau mot de passe a été faite le {asked_at} (heure de Paris) avec votre adresse."),
            N_("Votre compte est bloqué par précaution : ce message ne contient donc pas de lien."),
            N_("Appelez l'assistance au {desk_phone} ({desk_hours}) et donnez le numéro de dossier {case}."),
        ),
    )
