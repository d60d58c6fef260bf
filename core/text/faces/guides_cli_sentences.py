"""The sentences of `retrouve guides`."""

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
PICTURE_REFUSED = N_("L'aide n'a pas été construite. En parcourant le site : {detail}")
PICTURED = N_("Images : {pictures}, dont {taken} prises à l'instant.")
HANDED_OUT = N_("Guides à imprimer et diaporamas : {handouts}, dont {made} faits à l'instant.")
BUILT = N_("L'aide est prête : {folder}")
WORDING = N_(
    "{language} : {sentences} phrases, {average} mots en moyenne, {longest} au plus ; lisibilité {ease} sur 100 ({formula})."
)
TOO_LONG = N_("Plus de {count} mots : {sentence}")
AVOIDED = N_("Mot à éviter : {sentence}")
