"""What is said under the list of a search, and beside a name that several people have."""

from core.text import N_

TYPE_SOMETHING = N_("Tapez un nom, une adresse ou un numéro de dossier.")
NOBODY = N_("Personne. Essayez le nom seul, ou demandez comment il s'écrit.")
MORE = N_("D'autres personnes répondent à ces lettres : précisez le nom, le prénom ou l'adresse.")
TOO_WIDE = N_("Trop de personnes répondent à ces lettres : précisez.")
CASE_ONLY = N_("Dossier sans personne connue : ouvrez-le pour lire son historique.")
ADDRESS_ENDING = N_("avant le @, l'adresse finit par « {ending} »")
PHONE_ENDING = N_("le téléphone finit par {ending}")
