from collections.abc import Mapping

from core.text.text import N_, NN_, Text

HELP = N_(
    "Écrit dans un nouveau DOSSIER, pour le bureau de vote, le journal lisible, des comptes par jour sans aucun nom, et de quoi tout vérifier sans ce logiciel."
)
EXPORTING = N_("Export")
FOLDER_THERE = N_("Rien n'a été fait : {folder} existe déjà. Choisissez un autre nom.")
IMPOSSIBLE = N_("Rien n'a été fait : {detail}.")
DONE = N_("L'export est dans {folder}. Commencez par LISEZMOI.txt.")
NOT_IN_IT = N_("Les lignes qui attendent leur sceau n'y sont pas.")

# ── The tables ───────────────────────────────────────────────────────────────────────────────────────────

WHO: Mapping[str, Text] = {
    "voter": N_("électeur"),
    "courier": N_("programme d'envoi"),
    "operator": N_("exploitant"),
    "network": N_("opérateur de téléphonie"),
    "service": N_("service"),
    "agent": N_("assistance"),
}
CHANNELS: Mapping[str, Text] = {
    "mail": N_("courriel"),
    "sms": N_("SMS"),
    "voter": N_("site"),
    "courier": N_("programme d'envoi"),
    "operator": N_("commande"),
    "network": N_("opérateur de téléphonie"),
    "service": N_("service"),
    "agent": N_("assistance"),
}
"""Labels for the channel of an event. The channel is email, SMS, or whoever caused the event."""

# ── LISEZMOI.txt ─────────────────────────────────────────────────────────────────────────────────────────

README = (
    N_("Journal de « {election} » ({site})"),
    N_("Exporté le {made_at} (heure de Paris) : {lines} lignes scellées, {checkpoints} points de contrôle."),
    N_(
        "journal.csv se lit dans un tableur : une ligne par acte accompli ou refusé, avec sa date, qui a agi, une phrase et le motif. La phrase dit en clair l'acte et le motif, dont les colonnes font foi. Un électeur n'y a qu'un numéro, jamais de nom, d'adresse ni de téléphone."
    ),
    N_("comptes.csv compte les actes par jour, par voie et par motif, sans aucun électeur."),
    N_(
        "journal.jsonl contient les mêmes lignes telles qu'elles ont été scellées, et empreintes.txt l'empreinte de chacune, dans le même ordre. L'empreinte d'une ligne est le SHA-256 de l'empreinte de la ligne d'avant en 64 chiffres hexadécimaux (64 zéros pour la première), d'un saut de ligne, et de la ligne de journal.jsonl sans son saut de ligne. Changer, enlever, ajouter ou déplacer une ligne change toutes les empreintes suivantes."
    ),
    N_(
        "points-de-controle.txt contient les points de contrôle, comme le bureau de vote les a reçus par courriel. Chacun dit combien de lignes le journal avait, et l'empreinte de la dernière. Sa signature Ed25519 porte sur les sept lignes de « retrouve-checkpoint 1 » à « key », chacune avec son saut de ligne. cle-publique.pem est la clé qui la vérifie."
    ),
    N_(
        "Chaque programme signe les lignes qu'il écrit, et cles-des-programmes.txt contient leurs clés publiques. Une ligne sans signature valable a été écrite dans la base par quelqu'un d'autre. verifier.py montre l'empreinte SHA-256 de ce fichier : comparez-la à celle qui a été remise au bureau de vote."
    ),
    N_(
        "Pour tout vérifier sans ce logiciel : python3 verifier.py. Il faut Python 3.9 ou plus récent et le module cryptography ; sans lui, la commande openssl (version 3) vérifie les points de contrôle seulement. Le programme est court et peut être relu ; un autre peut être écrit d'après ce qui précède."
    ),
    N_(
        "Pour prouver que rien n'a été refait avant cet export, donnez-lui les messages que le bureau a gardés : python3 verifier.py MESSAGE.eml. Comparez aussi la clé publique à celle qui a été remise au bureau : {key}"
    ),
)
LINES_EXPORTED = NN_("{count} ligne exportée.", "{count} lignes exportées.")
