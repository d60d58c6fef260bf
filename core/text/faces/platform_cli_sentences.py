from core.text.text import N_, NN_

HELP = N_("Le service de vote, auquel chaque nouvel identifiant est annoncé.")
RECONCILE_HELP = N_("Compare ce que nous savons de chaque identifiant avec ce qu'en sait le service de vote.")
APPLY_HELP = N_(
    "Répare ce qui peut l'être sans rien de secret, et inscrit au journal les personnes que l'assistance doit rappeler."
)
NOT_APPLIED = N_("Rien n'a été changé. Pour réparer : retrouve platform reconcile --apply")
TO_CALL = N_("À rappeler : électeur {voter}, dossier {case}.")
RUN_AGAIN = N_("Dans quelques minutes, comparez de nouveau : ce qui reste doit être vu par une personne.")
VERIFY_HELP = N_("Dit si l'identifiant tapé, ou lu sur l'entrée standard, permet de voter à cette adresse.")
IDENTIFIER = N_("Identifiant (il ne s'affiche pas)")
AGREES = N_("Le service de vote et nous disons la même chose.")
AWAY = N_("Le service de vote ne répond pas ({detail}). Rien n'a été comparé : recommencez plus tard.")
OTHER_KEY = N_(
    "La liste électorale a été importée sous une autre clé du service de vote, qui ne reconnaîtrait personne. "
    "Importez-la de nouveau : retrouve roll import FICHIER.csv --apply"
)
ELSEWHERE = N_("Le registre est tenu par un autre service de vote : lui seul peut répondre.")
NO_IDENTIFIER = N_("Ce n'est pas un identifiant : un caractère est faux ou manque.")
VOTES = N_("Cet identifiant permet de voter.")
DOES_NOT_VOTE = N_("Cet identifiant ne permet pas de voter à cette adresse.")
GENERATION_DIFFERS = N_("Électeur {voter} : ici génération {ours}, là-bas génération {theirs}.")
FROZEN_HERE = N_("Électeur {voter} : compte bloqué ici, identifiant accepté là-bas.")
FROZEN_THERE = N_("Électeur {voter} : identifiant refusé là-bas, compte ouvert ici.")
UNKNOWN_HERE = N_("Électeur inconnu ici, génération {theirs} là-bas : {pseudonym}.")
VOTERS_COMPARED = NN_("{count} électeur comparé.", "{count} électeurs comparés.")
VOTERS_DIFFERING = NN_("{count} différence.", "{count} différences.")
PEOPLE_TO_CALL = NN_(
    "{count} personne à rappeler ; l'assistance la trouve sur son accueil.",
    "{count} personnes à rappeler ; l'assistance les trouve sur son accueil.",
)
