"""Steps MP-1 to MP-7: a voter chooses a password (*mot de passe*)."""

from dataclasses import dataclass

from core.flows.password.mail_texts import CHANGE_NOTICE, FROZEN_ACCOUNT_MAIL, LINK_MAIL, LINK_SUBJECT
from core.flows.password_rules import EXAMPLE_PASSWORD, password_criteria
from core.forms import errors
from core.forms.field_parsers import (
    ParsedEmailAddress,
    email_parser,
    new_password_parser,
    parse_checkbox,
    parse_password,
)
from core.forms.flow_model import (
    AGAIN,
    Action,
    AskStep,
    AwaitMessageStep,
    ChooseStep,
    CommonProblem,
    Field,
    FieldKind,
    FieldMistakeExample,
    FieldRejected,
    FinalStep,
    Flow,
    FlowOverview,
    FlowSteps,
    VoterAndAgentWords,
)
from core.policy.policy import Policy
from core.ports import EventType as Happened
from core.text.text import N_, NN_, Text

SLUG = "mot-de-passe"
EXAMPLE_ADDRESS = "camille.martin@ac-lumiere.example"
AT_THE_KEYBOARD_MINUTES = 5
FIRST = "MP-1"
"""Code of the step at which every voter begins."""


@dataclass(frozen=True, slots=True)
class AddressAnswer:
    email: ParsedEmailAddress


@dataclass(frozen=True, slots=True)
class SignInWithPasswordAnswer:
    """The form data of step MP-2. If `shared` is True, the site must not recognise the browser later."""

    password: str
    shared: bool = False


@dataclass(frozen=True, slots=True)
class ForgotPasswordAnswer:
    pass


@dataclass(frozen=True, slots=True)
class RequestRecoveryMailAnswer:
    pass


@dataclass(frozen=True, slots=True)
class ResendRecoveryMailAnswer:
    pass


@dataclass(frozen=True, slots=True)
class NewPasswordAnswer:
    new_password: str


@dataclass(frozen=True, slots=True)
class GoToSignInAnswer:
    pass


SEARCH_FOR_MAIL = N_(
    "Cherchez d'abord dans les courriers indésirables (spam), puis dans les autres dossiers. L'expéditeur est « {sender} »."
)


def duration_sentence(minutes: int) -> Text:
    """Return a duration as text: in hours if possible, otherwise in minutes."""
    hours, rest = divmod(minutes, 60)
    if rest:
        return NN_("{count} minute", "{count} minutes", count=minutes)
    return NN_("{count} heure", "{count} heures", count=hours)


class PasswordFlow(FlowSteps):
    def __init__(self, policy: Policy) -> None:
        validity = duration_sentence(policy.link_valid_minutes)
        self.identify = IDENTIFY
        self.choose_way = CHOOSE_WAY
        self.confirm = CONFIRM
        self.message_asked = _message_asked(policy)
        self.link_validity = N_(
            "L'étape suivante est dans votre messagerie : ouvrez ce message, puis le lien qu'il contient. Ce lien est valable jusqu'au {until} (heure de Paris)."
        )
        self.too_many_requests = NN_(
            "Aucun nouveau message ne part : {count} message a déjà été demandé pour cette adresse en {window}.",
            "Aucun nouveau message ne part : {count} messages ont déjà été demandés pour cette adresse en {window}.",
            count=policy.asks_per_network,
            window=duration_sentence(policy.asks_window_minutes),
        )
        self.open_latest = N_(
            "Ouvrez le plus récent de ceux que vous avez reçus : un lien est valable {validity}.", validity=validity
        )
        self.mail = _mail(validity)
        self.choose_password = _choose_password(policy)
        self.done = DONE
        self.notice = CHANGE_NOTICE
        self.refusal_mail = FROZEN_ACCOUNT_MAIL
        self.signed_in_as_another = N_(
            "Attention : ce lien concerne l'adresse {masked_address}, mais la session ouverte ici est celle de {other_address}. Elle se fermera quand le mot de passe sera enregistré."
        )
        asked_or_dropped = (
            Happened.ASKED,
            Happened.ASK_DROPPED,
            Happened.LINK_DECIDED,
            Happened.LINK_REFUSED,
            Happened.MAIL_POSTPONED,
        )
        self.flow = Flow(
            slug=SLUG,
            title=N_("J'ai perdu mon mot de passe"),
            steps=(
                self.identify,
                self.choose_way,
                self.confirm,
                self.message_asked,
                self.mail,
                self.choose_password,
                self.done,
            ),
            overview=_brief(policy),
            reached={
                **dict.fromkeys(asked_or_dropped, self.message_asked),
                Happened.MAIL_ACCEPTED: self.mail,
                Happened.LINK_OPENED: self.choose_password,
                Happened.PASSWORD_REFUSED: self.choose_password,
                Happened.PASSWORD_CHOSEN: self.done,
            },
            happens_at={Happened.DEAD_LINK_OPENED: self.choose_password},
        )


def _brief(policy: Policy) -> FlowOverview:
    minutes = AT_THE_KEYBOARD_MINUTES + policy.normal_mail_delay_minutes
    return FlowOverview(
        lets_you=N_("Vous choisissez vous-même un nouveau mot de passe, même si vous n'en avez jamais eu."),
        minutes=NN_(
            "Environ {count} minute, en comptant l'arrivée du message.",
            "Environ {count} minutes, en comptant l'arrivée du message.",
            count=minutes,
        ),
        needs=(N_("votre adresse professionnelle"), N_("l'accès à la messagerie de cette adresse")),
        begins=(N_("Ouvrez le site, donnez votre adresse, puis choisissez « Mot de passe oublié »."),),
        tries=NN_(
            "Vous pouvez demander {count} message en {window}. Si un mot de passe est refusé, essayez-en un autre : le lien fonctionne encore.",
            "Vous pouvez demander {count} messages en {window}. Si un mot de passe est refusé, essayez-en un autre : le lien fonctionne encore.",
            count=policy.asks_per_network,
            window=duration_sentence(policy.asks_window_minutes),
        ),
        sought=N_(
            "mdp, mot de passe, perdu, oublié, égaré, changer, réinitialiser, nouveau, premier, connexion, se connecter, n'arrive pas à me connecter, accès, lien, trompé, le lien ne s'ouvre pas, lien valable, combien de temps, numéro de dossier, provisoire, ne marche pas, ne fonctionne pas, caractères, caractères spéciaux"
        ),
    )


ADDRESS_FIELD: Field[object] = Field(
    name="email",
    label=N_("Adresse professionnelle"),
    hint=N_("Celle de votre travail, par exemple : {example}", example=EXAMPLE_ADDRESS),
    example={"email": EXAMPLE_ADDRESS},
    parse=email_parser(EXAMPLE_ADDRESS),
    kind=FieldKind.ADDRESS,
    autocomplete="username",
    mistakes=(
        FieldMistakeExample(typed={"email": ""}, error=errors.AddressMissing),
        FieldMistakeExample(typed={"email": "camille.martin"}, error=errors.AddressUnreadable),
        FieldMistakeExample(typed={"email": f"{EXAMPLE_ADDRESS} {EXAMPLE_ADDRESS}"}, error=errors.SeveralAddresses),
        FieldMistakeExample(typed={"email": "camillé.martin@ac-lumiere.example"}, error=errors.AddressOddCharacter),
        FieldMistakeExample(
            typed={"email": f"{'camille.' * 30}martin@ac-lumiere.example"}, error=errors.AddressTooLong
        ),
    ),
)
IDENTIFY = AskStep(
    code=FIRST,
    slug="identification",
    copy=VoterAndAgentWords(
        title=N_("Adresse électronique"),
        voter=(N_("Vérifiez que l'adresse du site, en haut de votre navigateur, commence bien par {site}."),),
        agent=(
            N_("Demandez l'adresse du site affichée en haut du navigateur : elle commence par {site}."),
            N_("Faites saisir l'adresse professionnelle, puis « Continuer »."),
        ),
        common_problems=(
            CommonProblem(
                symptom=N_("L'adresse est refusée"),
                voter=N_("Saisissez l'adresse entière, avec le @ et ce qui suit, sans espace."),
                agent=N_("Faites épeler l'adresse : il manque souvent la fin, après le @."),
            ),
            CommonProblem(
                symptom=N_("Vous ne connaissez pas votre adresse professionnelle"),
                voter=N_(
                    "Elle figure sur les courriers de votre employeur. Le secrétariat de votre établissement la connaît aussi."
                ),
                agent=N_("Ne la donnez pas au téléphone : le secrétariat de l'établissement la connaît."),
            ),
        ),
        refusals=(errors.NotYetOpen.id, errors.VoteClosed.id),
    ),
    actions=(Action(name="continue", label=N_("Continuer"), answers=AddressAnswer, fields=(ADDRESS_FIELD,)),),
)


CHOOSE_WAY = ChooseStep(
    code="MP-2",
    slug="connexion",
    copy=VoterAndAgentWords(
        title=N_("Connexion"),
        voter=(
            N_("Vous avez indiqué l'adresse {address}."),
            N_("Si vous avez votre mot de passe, saisissez-le. Sinon, choisissez « Mot de passe oublié », plus bas."),
        ),
        agent=(
            N_("Si la personne connaît son mot de passe, elle le saisit puis choisit « Se connecter »."),
            N_("Sinon, faites choisir « Mot de passe oublié »."),
        ),
        common_problems=(
            CommonProblem(
                symptom=N_("Le mot de passe est refusé"),
                voter=N_("Vérifiez les majuscules. Après plusieurs essais, choisissez « Mot de passe oublié »."),
                agent=N_("Ne demandez jamais le mot de passe. Faites choisir « Mot de passe oublié »."),
            ),
            CommonProblem(
                symptom=N_("Vous n'utilisez qu'une adresse privée"),
                voter=N_(
                    "Une adresse privée, comme Gmail ou Orange, ne fonctionne pas ici. Demandez votre adresse professionnelle au secrétariat de votre établissement, puis choisissez « Modifier l'adresse »."
                ),
                agent=N_("Ne donnez pas l'adresse professionnelle : le secrétariat de l'établissement la connaît."),
            ),
        ),
        refusals=(errors.TooManySignIns.id, errors.AccountFrozen.id),
    ),
    actions=(
        Action(
            name="sign-in",
            label=N_("Se connecter"),
            answers=SignInWithPasswordAnswer,
            when=N_("Vous connaissez votre mot de passe ?"),
            fields=(
                Field(
                    name="password",
                    label=N_("Mot de passe"),
                    hint=N_("Celui de ce site, pas celui de votre messagerie."),
                    example={"password": EXAMPLE_PASSWORD},
                    parse=parse_password,
                    kind=FieldKind.SECRET,
                    autocomplete="current-password",
                    mistakes=(
                        FieldMistakeExample(typed={"password": ""}, error=errors.PasswordMissing),
                        FieldMistakeExample(typed={"password": "Lavande rouge 2018"}, error=errors.WrongPassword),
                    ),
                ),
                Field(
                    name="shared",
                    label=N_("J'utilise un ordinateur partagé (facultatif)"),
                    hint=N_("À la fin, déconnectez-vous : rien n'y restera."),
                    example={"shared": "1"},
                    parse=lambda form: parse_checkbox(form, "shared"),
                    kind=FieldKind.CHECK,
                    autocomplete="",  # HTML has no value for a checkbox
                ),
            ),
        ),
        Action(
            name="forgotten",
            label=N_("Mot de passe oublié"),
            answers=ForgotPasswordAnswer,
            when=N_("Vous avez perdu votre mot de passe, ou vous n'en avez jamais eu ?"),
        ),
    ),
)


CONFIRM = AskStep(
    code="MP-3",
    slug="confirmation",
    copy=VoterAndAgentWords(
        title=N_("Recevoir un message"),
        voter=(
            N_("Un message va être envoyé à l'adresse {address}."),
            N_(
                "Il contient un lien pour choisir un nouveau mot de passe. Ce message sera en français, comme cette page."
            ),
            N_("Vérifiez l'adresse avant de continuer."),
        ),
        agent=(
            N_("Faites relire l'adresse affichée, lettre par lettre."),
            N_("Faites choisir « Envoyer le message »."),
        ),
        common_problems=(
            CommonProblem(
                symptom=N_("L'adresse affichée n'est pas la bonne"),
                voter=N_("Choisissez « Modifier l'adresse » et saisissez-la de nouveau."),
                agent=N_("Faites choisir « Modifier l'adresse »."),
            ),
        ),
    ),
    actions=(Action(name="send", label=N_("Envoyer le message"), answers=RequestRecoveryMailAnswer),),
)


def _message_asked(policy: Policy) -> AwaitMessageStep:
    return AwaitMessageStep(
        code="MP-4",
        slug="message",
        copy=VoterAndAgentWords(
            title=N_("Consultez votre messagerie"),
            voter=(
                N_("Message demandé pour l'adresse {address}."),
                Text("{asked}"),
                Text("{link_until}"),
                N_(
                    "Il vient de « {sender} ». Vous ne le voyez pas ? Regardez aussi dans les courriers indésirables (spam)."
                ),
                N_("Vous pouvez fermer cette page et ouvrir le lien sur un autre appareil."),
            ),
            agent=(N_("Faites ouvrir la messagerie professionnelle."),),
            common_problems=(
                CommonProblem(
                    symptom=N_("Le message n'arrive pas"),
                    voter=SEARCH_FOR_MAIL,
                    agent=N_(
                        "Faites regarder les courriers indésirables, puis lisez l'historique. Une fois l'appelant vérifié ({verify_key}), {mail_key} renvoie le message."
                    ),
                    sought=N_(
                        "message, mail, courriel, pas reçu, n'arrive pas, rien reçu, toujours rien, rien dans ma boîte, j'attends depuis des heures, deux heures, spam, courriers indésirables"
                    ),
                ),
                CommonProblem(
                    symptom=N_("La boîte est pleine"),
                    voter=N_(
                        "Supprimez quelques gros messages et videz la corbeille, avant de demander un nouveau message."
                    ),
                    agent=N_(
                        "L'historique dit que la boîte est pleine : faites supprimer des messages, puis {mail_key} renvoie le message."
                    ),
                ),
                CommonProblem(
                    symptom=N_("Toujours rien"),
                    voter=NN_(
                        "Pour votre sécurité, vous pouvez demander {count} message en {window} pour une même adresse. Il est peut-être déjà arrivé.",
                        "Pour votre sécurité, vous pouvez demander {count} messages en {window} pour une même adresse. L'un d'eux est peut-être déjà arrivé.",
                        count=policy.asks_per_network,
                        window=duration_sentence(policy.asks_window_minutes),
                    ),
                    agent=N_(
                        "Faites dire la première lettre de l'adresse de la boîte ouverte, et ce qui suit le @. Comparez avec la fiche, sans rien souffler : {mail_key} n'envoie qu'à l'adresse de la liste électorale."
                    ),
                ),
            ),
        ),
        message=LINK_MAIL,
        actions=(
            Action(
                name=AGAIN,
                label=N_("Renvoyer le message"),
                answers=ResendRecoveryMailAnswer,
                when=N_("Le message n'est toujours pas là ?"),
            ),
        ),
    )


def _mail(validity: Text) -> AwaitMessageStep:
    return AwaitMessageStep(
        code="MP-5",
        slug="courriel",
        copy=VoterAndAgentWords(
            title=N_("Le message et son lien"),
            voter=(
                N_("Ouvrez le message « {subject} ».", subject=LINK_SUBJECT),
                N_("Choisissez le lien qu'il contient."),
            ),
            agent=(
                N_("Ne demandez jamais de lire ou de transférer le lien."),
                N_(
                    "Faites chercher le message « {subject} », aussi dans les courriers indésirables, puis ouvrir son lien.",
                    subject=LINK_SUBJECT,
                ),
            ),
            common_problems=(
                CommonProblem(
                    symptom=N_("Le lien a expiré"),
                    voter=N_("Demandez un nouveau message : un lien est valable {validity}.", validity=validity),
                    agent=N_(
                        "Une fois l'appelant vérifié ({verify_key}), {mail_key} envoie un nouveau message : un lien est valable {validity}.",
                        validity=validity,
                    ),
                ),
                CommonProblem(
                    symptom=N_("Le lien est coupé"),
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
        message=LINK_MAIL,
    )


def _choose_password(policy: Policy) -> AskStep:
    rules = password_criteria(policy)
    return AskStep(
        code="MP-6",
        slug="nouveau-mot-de-passe",
        copy=VoterAndAgentWords(
            title=N_("Nouveau mot de passe"),
            voter=(
                N_(
                    "Vous vous connecterez à ce site avec l'adresse {masked_address} et ce mot de passe. Celui de votre messagerie ne change pas."
                ),
            ),
            agent=(
                N_("Laissez la personne choisir seule ; ne faites jamais dire le mot de passe à voix haute."),
                N_(
                    "Lisez-lui les règles, qui se cochent pendant la saisie : {length}, {lower}, {upper}, {digit}. Ni son nom ni son adresse n'y ont leur place.",
                    **{rule.name: rule.sentence for rule in rules},
                ),
            ),
            common_problems=(
                CommonProblem(
                    symptom=N_("Le mot de passe est refusé"),
                    voter=N_("Lisez la règle indiquée et essayez-en un autre : le lien fonctionne encore."),
                    agent=N_("L'historique dit quelle règle a manqué. Le lien fonctionne encore."),
                ),
            ),
        ),
        actions=(
            Action(
                name="save",
                label=N_("Enregistrer le mot de passe"),
                answers=NewPasswordAnswer,
                fields=(
                    Field(
                        name="new_password",
                        label=N_("Nouveau mot de passe"),
                        hint=N_(
                            "Ni votre nom, ni votre adresse, ni le mot de passe de votre messagerie. Les espaces et les signes sont permis."
                        ),
                        example={"new_password": EXAMPLE_PASSWORD, "new_password_again": EXAMPLE_PASSWORD},
                        parse=new_password_parser(rules),
                        kind=FieldKind.NEW_SECRET,
                        autocomplete="new-password",
                        criteria=rules,
                        again=N_("Le même mot de passe, encore une fois"),
                        mistakes=_new_password_mistakes(policy),
                    ),
                ),
            ),
        ),
    )


def _new_password_mistakes(policy: Policy) -> tuple[FieldMistakeExample, ...]:
    longer = (f"{EXAMPLE_PASSWORD} " * policy.password_maximum_length)[: policy.password_maximum_length + 1]
    typed: dict[type[FieldRejected], tuple[str, str]] = {
        errors.NewPasswordMissing: ("", ""),
        errors.NewPasswordTooShort: _twice("Lav 18"),
        errors.NewPasswordTooLong: _twice(longer),
        errors.NewPasswordWithoutLower: _twice(EXAMPLE_PASSWORD.upper()),
        errors.NewPasswordWithoutUpper: _twice(EXAMPLE_PASSWORD.lower()),
        errors.NewPasswordWithoutDigit: _twice("Lavande bleue"),
        errors.NewPasswordControlCharacter: _twice("Lavande\x07bleue 2018"),
        errors.NewPasswordsDiffer: (EXAMPLE_PASSWORD, "Lavande rouge 2018"),
        errors.NewPasswordPersonal: _twice("Martin lavande 2018"),
        errors.NewPasswordCommon: _twice("Qwerty123456"),
    }
    if policy.password_guesses > 1:
        typed[errors.NewPasswordWeak] = _twice("Motdepasse2018")
    names = ("new_password", "new_password_again")
    return tuple(
        FieldMistakeExample(typed=dict(zip(names, both, strict=True)), error=error) for error, both in typed.items()
    )


def _twice(password: str) -> tuple[str, str]:
    return password, password


DONE = FinalStep(
    code="MP-7",
    slug="termine",
    copy=VoterAndAgentWords(
        title=N_("Votre mot de passe est enregistré"),
        voter=(
            N_(
                "C'est fait : vous pouvez vous connecter à ce site avec l'adresse {masked_address} et ce mot de passe. Celui de votre messagerie n'a pas changé."
            ),
            N_(
                "Par sécurité, vos autres appareils sont déconnectés et les anciens liens ne fonctionnent plus. Un message de confirmation vous est envoyé."
            ),
            N_(
                "Pour voter, il vous faut ce mot de passe et votre identifiant de vote. Si vous avez l'identifiant, vous n'avez plus rien à faire ici."
            ),
            Text("{voting} {where_to_vote}"),  # sentences of ElectionContact
        ),
        agent=(
            N_("Le nouveau mot de passe est en place."),
            N_("Faites choisir « Se connecter » pour vérifier."),
            N_("Si la personne ne l'a pas choisi elle-même, bloquez le compte."),
        ),
    ),
    message=CHANGE_NOTICE,
    actions=(
        Action(
            name="sign-in",
            label=N_("Se connecter"),
            answers=GoToSignInAnswer,
            when=N_("Vous n'avez pas votre identifiant de vote ? Connectez-vous pour en demander un nouveau."),
        ),
    ),
)
