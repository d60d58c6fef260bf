from core.text.text import N_, NN_

HELP = N_(
    "Copie les données de l'élection dans la base DATABASE_URL, qui doit être vide, et vérifie la copie."
    " Arrêtez d'abord serve et courier, sur chaque machine."
)
COPYING = N_("Copie et vérification")

# ── Refused ──────────────────────────────────────────────────────────────────────────────────────────────

NOT_A_DATABASE = N_(
    "Rien n'a été fait : « {url} » n'est pas l'adresse d'une base SQLite ou PostgreSQL, comme postgresql+psycopg://utilisateur@machine/base."
)
SAME = N_("Rien n'a été fait : cette base est déjà celle de l'élection.")
SOURCE_MISSING = N_("Rien n'a été fait : la base {path} n'existe pas.")
SOURCE_OLD = N_("Rien n'a été fait : la base vient d'une autre version. Faites d'abord : retrouve init --upgrade")
IN_USE = N_(
    "Rien n'a été fait : un programme tient encore la base ouverte. Arrêtez serve, courier et deskd, puis recommencez."
)
NOT_EMPTY = N_("Rien n'a été fait : la base d'arrivée n'est pas vide ({table}).")
CHANGED = N_(
    "Rien n'est resté dans la base d'arrivée : la base de départ a changé pendant la copie ({table})."
    " Arrêtez serve et courier, puis recommencez."
)
DIFFERENT = N_("Rien n'est resté dans la base d'arrivée : la copie de {table} n'est pas égale à son original.")
FAILED = N_("Rien n'est resté dans la base d'arrivée ({detail}). La base de départ est intacte.")
UNANSWERED = N_(
    "La base d'arrivée n'a pas répondu à la fin ({detail}) : nul ne sait si la copie y est. La base de départ est intacte."
    " Recommencez : si la base d'arrivée n'est plus vide, la copie y est, entière et vérifiée."
)

# ── Done ─────────────────────────────────────────────────────────────────────────────────────────────────

CHECKED = N_("  {table} : {rows}, empreinte {digest}")
NEXT = (
    N_('1. Dans election.toml : database_url = "{url}" ; avec un mot de passe, plutôt RETROUVE_DATABASE_URL.'),
    N_("2. Copiez le dossier, avec les fichiers de keys, sur chaque machine qui servira."),
    N_("3. Vérifiez : retrouve doctor --dir {folder}"),
    N_("4. Démarrez serve et courier, puis mettez l'ancienne base de côté : elle ne doit plus servir."),
)
ROWS_COPIED = NN_(
    "{count} ligne est copiée, et la copie est égale à l'original :",
    "{count} lignes sont copiées, et la copie est égale à l'original :",
)
ROWS_IN_TABLE = NN_("{count} ligne", "{count} lignes")
