from core.text.text import N_

HELP = N_("L'aide illustrée des électeurs, faite à partir des parcours.")
BUILD_HELP = N_("Construit le site de l'aide ; le site des électeurs le montre ensuite à {path}.")
TO_HELP = N_("Le dossier où l'écrire. Sans cette option : celui que nomme « guides_folder » dans election.toml.")
PARTS_MISSING = N_("Il manque {name}, qui construit l'aide. Installez : pip install 'retrouve[guides]'")
NOT_OURS = N_("Rien n'a été fait : {folder} contient autre chose que l'aide. Choisissez un autre dossier avec --to.")
REFUSED = N_("L'aide n'a pas été construite : les lignes ci-dessus disent pourquoi.")
CHROMIUM_MISSING = N_(
    "Il manque {path}, qui prend les images de l'aide. Installez : apt install chromium-headless-shell fonts-dejavu-core"
)
PANGO_MISSING = N_(
    "Il manque Pango, qui met en page le guide à imprimer. Installez : apt install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core"
)
NOT_BUILT = N_(
    "L'aide n'a pas été construite : {detail}. Rien n'est perdu : l'aide d'avant et les images déjà prises restent. Recommencez."
)
INTERRUPTED = N_(
    "Interrompu. Rien n'est perdu : l'aide d'avant et les images déjà prises restent. La même commande reprend là."
)
BUILT_BY_ANOTHER = N_(
    "Rien n'a été fait : l'aide de {folder} est en train d'être construite, par la même commande ou par une démonstration. Recommencez quand elle a fini."
)
CHROMIUM_KILLED = N_("Chromium a été arrêté de force, peut-être parce que la mémoire de cette machine manque")
CHROMIUM_FAILED = N_("Chromium a échoué ({detail})")
PICTURED = N_("Images : {pictures}, dont {taken} prises à l'instant.")
HANDED_OUT = N_("Guides à imprimer et diaporamas : {handouts}, dont {made} faits à l'instant.")
BUILT = N_("L'aide est prête : {folder}")
WORDING = N_(
    "{language} : {sentences} phrases, {average} mots en moyenne, {longest} au plus ; lisibilité {ease} sur 100 ({formula})."
)
TOO_LONG = N_("Plus de {count} mots : {sentence}")
AVOIDED = N_("Mot à éviter : {sentence}")
