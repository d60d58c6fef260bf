from collections.abc import Mapping

from core.text.text import N_, NN_, Text

HELP = N_(
    "Efface ce que la loi ne laisse plus garder une fois le vote clos, puis les délais de recours passés (RGPD, article 5, 1, e). Sans --apply, dit seulement ce qui serait effacé."
)
APPLY_HELP = N_("Effacer vraiment. Ce qui est effacé ne revient pas.")

DUE = N_("{what} : {count}, à effacer.")
LATER = N_("{what} : {count}, à garder jusqu'au {due}.")
ERASED = N_("{what} : {count}, effacé.")

WHAT: Mapping[str, Text] = {
    "sessions": N_("Sessions"),
    "links": N_("Empreintes des liens envoyés"),
    "awaited-codes": N_("Numéros dont un code était attendu par SMS"),
    "bodies": N_("Messages scellés qui ne partiront plus"),
    "addresses": N_("Dossiers, avec les adresses et les téléphones saisis"),
    "calls": N_("Appels à l'assistance, rappels et réponses promis, fiches confiées"),
    "phones": N_("Traces de numéros de téléphone"),
    "passwords": N_("Mots de passe et vérificateurs d'identifiants"),
    "counters": N_("Compteurs d'essais"),
}

NOTHING_DUE = N_("Rien n'est à effacer à présent.")
NOT_APPLIED = N_(
    "Rien n'a été effacé. S'il n'y a ni recours ni plainte en cours, effacez avec --apply, sous le contrôle du bureau de vote."
)
JOURNAL_STAYS = N_("Le journal reste entier : retrouve journal verify le confirme.")
STILL_THERE = N_(
    "Restent la liste électorale et le journal, jusqu'à leur destruction. Pensez aux sauvegardes : ce qui est effacé ici y est encore."
)
NOT_COMPACTED = N_(
    "Attention : ce qui est effacé peut se lire encore dans les fichiers de la base, qui est occupée ({detail}). Arrêtez les autres programmes et recommencez."
)
ENTRIES_ERASED = NN_("{count} élément effacé.", "{count} éléments effacés.")
