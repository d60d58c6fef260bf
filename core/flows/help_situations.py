"""Problems that voters may have, and advice for each problem."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.flows.account.stop_change_definition import STOP_CHANGE
from core.flows.contact_desk.definition import ContactFlow
from core.flows.identifier.definition import IdentifierFlow
from core.flows.password.definition import PasswordFlow
from core.forms.errors import BORROW_A_PHONE
from core.forms.flow_model import Step
from core.forms.phone_number_parser import calling_codes
from core.policy.policy import Policy
from core.text.contact import ElectionContact
from core.text.text import N_, Text
from core.text.urls import HELP_LAST_RESORTS, HELP_SITUATIONS


@dataclass(frozen=True, slots=True, kw_only=True)
class VoterSituation:
    """A problem that a voter may have, with advice. `sought` contains search words for this problem."""

    id: str
    title: Text
    sought: Text
    steps: tuple[Text, ...]
    leads_to: Sequence[Step] = ()
    in_order: bool = True
    """True if the voter must follow the advice in the given order."""
    page: str = HELP_SITUATIONS
    """The help page that contains the advice."""


CALL = N_("Rien n'y fait ? Appelez l'assistance : {desk_phone}, {desk_hours}.")


def voter_situations(policy: Policy, election: ElectionContact | None = None) -> tuple[VoterSituation, ...]:
    """Return all problems with their advice, most common first."""
    password, identifier = PasswordFlow(policy), IdentifierFlow(policy)
    ask_desk = ContactFlow(policy).ask
    ways_without_telephone = () if election is None else election.contact_ways_without_telephone
    page = None if election is None else election.academy_mailboxes_page_url
    academy_mailboxes = (
        () if page is None else (N_("Trouvez son numéro et l'adresse de votre messagerie : {web_page}", web_page=page),)
    )
    return (
        VoterSituation(
            id="mailbox",
            title=N_("Je n'arrive pas à ouvrir ma messagerie professionnelle"),
            sought=N_(
                "messagerie, webmail, boîte mail, adresse académique, première connexion, jamais ouverte, mot de passe de messagerie, mot de passe académique, boîte académique, boîte pro, adresse inconnue, mot de passe de messagerie perdu, oublié, gmail, adresse perso, adresse personnelle, boîte perso, plus accès, bloquée"
            ),
            steps=(
                N_("La messagerie a son propre mot de passe, que ce site ne connaît pas."),
                N_("Le service informatique de votre académie peut vous en donner un nouveau : appelez-le."),
                *academy_mailboxes,
                N_(
                    "Vous ne l'avez jamais ouverte ? Demandez à votre secrétariat votre adresse et comment vous connecter."
                ),
                N_("Elle est pleine ? Effacez des messages."),
                N_("Dès que la messagerie s'ouvre, demandez sur ce site le message avec le lien."),
                N_(
                    "Rien n'y fait ? Appelez l'assistance : {desk_phone}, {desk_hours}. Elle n'envoie rien à une autre adresse."
                ),
                N_(
                    "Ou, si votre numéro est sur la liste électorale, demandez-lui sur ce site de vous appeler : une réponse écrite irait dans cette messagerie."
                ),
            ),
            leads_to=(password.identify, ask_desk),
        ),
        VoterSituation(
            id="moved",
            title=N_("J'ai changé d'académie ou de nom"),
            sought=N_(
                "mutation, muté, académie, mariage, divorce, nom, ancienne adresse, nouvelle adresse, affectation, changer d'adresse mail, mariée, nom de jeune fille, mauvaise adresse sur la liste"
            ),
            steps=(
                N_("Votre nom ne compte pas ici : le site demande l'adresse, la date de naissance et le NUMEN."),
                N_("Essayez votre adresse professionnelle d'aujourd'hui, puis celle d'avant."),
                N_("Le site répond de la même façon aux deux : seul le message qui arrive vous renseigne."),
                N_("Aucun message ? La liste électorale contient sans doute une autre adresse."),
                N_("Faites-la corriger par le service qui gère votre dossier. L'assistance ne peut pas le faire."),
                N_("Après la correction, recommencez avec la nouvelle adresse. Votre NUMEN reste le même."),
            ),
            leads_to=(password.identify,),
        ),
        VoterSituation(
            id="not-on-roll",
            title=N_("Je ne sais pas si je suis sur la liste électorale"),
            sought=N_(
                "liste électorale, inscrit, inscription, pas inscrit, électeur, contractuel, radié, non titulaire, retraité, AESH, stagiaire, vacataire, congé parental, disponibilité, pas dans la liste, absent de la liste, contractuelle, arrêt maladie, congé maladie, ai-je le droit de voter, remplaçant, remplaçante, TZR, titulaire"
            ),
            steps=(
                N_("Ce site ne le dit à personne : ses pages sont les mêmes pour toutes les adresses."),
                N_("Demandez au service qui gère votre dossier, ou lisez la liste affichée dans votre établissement."),
                N_(
                    "Une erreur ? Signalez-la tout de suite à ce service : les délais pour corriger la liste sont courts."
                ),
                N_("Dès que vous êtes sur la liste, demandez un mot de passe sur ce site."),
            ),
            leads_to=(password.identify,),
        ),
        VoterSituation(
            id="no-mobile",
            title=N_("Je n'ai pas de téléphone portable"),
            sought=N_(
                "pas de portable, smartphone, sans téléphone, ligne fixe, vieux téléphone, prêter, proche, numéro utilisé, même numéro, mari, femme, conjoint, pas de réseau, capte"
            ),
            steps=(
                N_("Un téléphone simple suffit, s'il reçoit des SMS. Un smartphone n'est pas nécessaire."),
                BORROW_A_PHONE,
                N_("Un numéro ne sert qu'à une seule personne, pour toute l'élection."),
                N_("Notez l'identifiant de vote, puis effacez les SMS du téléphone prêté."),
                CALL,
            ),
            leads_to=(identifier.begin, identifier.identity, ask_desk),
        ),
        VoterSituation(
            id="foreign-number",
            title=N_("Mon numéro de portable est d'outre-mer ou étranger"),
            sought=N_(
                "étranger, international, frontalier, indicatif, outre-mer, Belgique, belge, Suisse, Allemagne, allemand, à l'étranger, expatrié, numéro accepté, La Réunion, Guadeloupe, Martinique, Guyane, Mayotte, Nouvelle-Calédonie, Polynésie, Tahiti, Wallis"
            ),
            steps=(
                N_("Numéros de mobile acceptés : {countries}.", countries=calling_codes(policy.phone_codes)),
                N_("Hors de métropole, tapez + et l'indicatif du pays, puis le numéro."),
                BORROW_A_PHONE,
                CALL,
            ),
            leads_to=(identifier.identity, ask_desk),
        ),
        VoterSituation(
            id="shared-computer",
            title=N_("J'utilise un ordinateur partagé ou public"),
            sought=N_(
                "ordinateur partagé, public, salle des profs, bibliothèque, cybercafé, navigation privée, collègue"
            ),
            steps=(
                N_("Ouvrez une fenêtre de navigation privée."),
                N_("Tapez-y {site}, et relisez cette adresse avant toute autre chose."),
                N_("Si le navigateur propose d'enregistrer votre mot de passe, refusez."),
                N_("En vous connectant, cochez la case de l'ordinateur partagé."),
                N_("À la fin, déconnectez-vous, puis fermez toutes les fenêtres."),
                N_("Fermez aussi votre messagerie : une personne qui la lit pourrait changer votre mot de passe."),
            ),
            leads_to=(password.identify, password.choose_way),
        ),
        VoterSituation(
            id="stolen-phone",
            title=N_("Mon téléphone est volé, perdu ou cassé"),
            sought=N_(
                "vol, volé, vol de portable, portable volé, perdu, cassé, nouveau téléphone, carte SIM, opérateur, bloquer"
            ),
            steps=(
                N_("Volé ou perdu ? Faites bloquer la carte SIM par votre opérateur."),
                N_("Il ouvrait votre messagerie ? Changez le mot de passe de la messagerie, puis celui de ce site."),
                N_("Demandez un nouvel identifiant de vote, avec un autre numéro ou avec votre nouvelle carte SIM."),
                N_("L'ancien identifiant cesse de fonctionner quand le nouveau est envoyé."),
            ),
            leads_to=(password.identify, identifier.begin),
        ),
        VoterSituation(
            id="unasked-message",
            in_order=False,
            title=N_("J'ai reçu un message que je n'ai pas demandé"),
            sought=N_(
                "hameçonnage, phishing, arnaque, fraude, pas demandé, suspect, bizarre, faux message, code, vrai message, on me demande mon mot de passe"
            ),
            steps=(
                N_(
                    "Un message avec un lien : quelqu'un a tapé votre adresse. Sans ce lien, rien ne change. Effacez-le."
                ),
                N_("Un code par SMS : ne le dites à personne, même à l'assistance. Elle ne le demande jamais."),
                N_("Un message dit que votre mot de passe ou votre identifiant a changé : ouvrez son lien."),
                N_("Vous pourrez y bloquer votre compte. L'assistance est prévenue aussitôt."),
                N_("On vous demande de répondre avec un mot de passe : c'est une fraude. Ne répondez pas."),
                N_("Un doute ? Appelez l'assistance : {desk_phone}, {desk_hours}."),
            ),
            leads_to=(STOP_CHANGE.confirm, ask_desk),
        ),
        VoterSituation(
            id="helping",
            in_order=False,
            title=N_("J'aide quelqu'un"),
            sought=N_("aider, aidant, collègue, parent, directeur, secrétariat, quelqu'un d'autre, à sa place"),
            steps=(
                N_("C'est la personne qui tape, et qui choisit son mot de passe. Vous lisez cette aide avec elle."),
                N_("Ne prêtez pas votre téléphone si vous votez aussi : vous ne pourriez plus utiliser son numéro."),
                N_("L'assistance parle à la personne elle-même. Vous pouvez rester à côté."),
                N_("Ne gardez ni son mot de passe, ni son identifiant de vote, ni son NUMEN."),
            ),
            leads_to=(password.identify, identifier.begin),
        ),
        VoterSituation(
            id="deaf-or-blind",
            in_order=False,
            title=N_("J'entends mal, ou je vois mal"),
            sought=N_(
                "handicap, sourd, malentendant, aveugle, malvoyant, lecteur d'écran, braille, accessibilité, loupe"
            ),
            steps=(
                N_("Tout se fait par écrit, sans téléphoner : le lien par courriel, les codes par SMS."),
                N_(
                    "Les pages se lisent avec un lecteur d'écran et au clavier seul. Elles s'agrandissent sans rien perdre."
                ),
                N_("Chaque image de cette aide a une description."),
                N_("L'assistance aussi peut vous répondre par écrit :"),
                *ways_without_telephone,
                N_("Pour parler à l'assistance, faites relayer l'appel par votre service habituel : {desk_phone}."),
            ),
            leads_to=(ask_desk,),
        ),
        VoterSituation(
            id="no-mailbox-no-mobile",
            page=HELP_LAST_RESORTS,
            title=N_("Sans messagerie ni mobile"),
            sought=N_(
                "ni messagerie ni mobile, ni mail ni téléphone, ni l'un ni l'autre, ni courriel ni portable, aucun des deux, aucun moyen, sans rien, sans ordinateur"
            ),
            steps=(
                N_("Vous n'avez perdu que votre mot de passe ? La messagerie suffit, sans mobile."),
                N_(
                    "Votre messagerie ne s'ouvre pas ? Appelez le service informatique de votre académie : lui seul peut la rouvrir."
                ),
                *academy_mailboxes,
                N_("Sans ordinateur ni smartphone, ouvrez la messagerie sur un ordinateur de votre établissement."),
                N_("Pour l'identifiant de vote, empruntez le mobile d'un proche qui ne vote pas à cette élection."),
                CALL,
                N_(
                    "L'assistance peut vous guider, mais elle ne donne aucun code et n'envoie rien à une autre adresse."
                ),
                N_("Sans messagerie ni SMS avant la fin du vote, personne ne peut vous redonner vos accès."),
                N_("Cette règle empêche quelqu'un d'autre de voter à votre place."),
            ),
            leads_to=(password.identify, identifier.begin),
            in_order=False,
        ),
        VoterSituation(
            id="last-evening",
            page=HELP_LAST_RESORTS,
            title=N_("Le dernier soir du vote"),
            sought=N_(
                "dernier soir, dernière minute, dernière heure, dernier jour, ce soir, urgent, la nuit, fermé, assistance fermée, fini"
            ),
            steps=(
                N_("Le vote se termine le {closed_at} (heure de Paris). Après, vous ne pourrez plus voter."),
                N_("Jusque-là, vous pouvez demander votre message ou votre SMS jour et nuit. Faites-le tout de suite."),
                N_(
                    "Le message n'arrive pas ? Cherchez dans les courriers indésirables (spam) avant d'en demander un autre."
                ),
                N_("Gardez votre messagerie ouverte : après la fin du vote, le lien reçu ne sert plus à rien."),
                N_("L'assistance répond au {desk_phone}, {desk_hours}. En dehors de ces heures, personne ne rappelle."),
                N_("Votre compte est bloqué ? Seule l'assistance peut le rouvrir, pendant ces heures."),
                N_(
                    "Votre messagerie ne s'ouvre pas ? Le soir, le service informatique de votre académie est souvent fermé."
                ),
                N_("Dans ces deux cas, il est peut-être trop tard pour voter."),
            ),
            leads_to=(password.identify, identifier.begin),
            in_order=False,
        ),
    )
