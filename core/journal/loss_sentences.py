from collections.abc import Iterator

from core.journal.declared_losses import FailoverOrRestoreCause, JournalLossKind
from core.journal.verification_findings import Local
from core.journal.verifier import LossDeclaration
from core.text.text import N_, Moment, Text

DECLARED = N_("Perte déclarée pour le {happened} : {what}. Motif : {cause}.")
FROM_CHECKPOINT = N_(
    "La base et le bureau de vote s'accordent jusqu'au point de contrôle n° {agreed}, place {last}. Ce qui a été écrit après, et avant la perte, peut manquer."
)
FROM_THE_START = N_("La base et le bureau de vote ne s'accordent sur aucun point de contrôle : tout peut manquer.")
NOTHING_VOID = N_("Aucun point de contrôle reçu par le bureau n'atteste de ce qui manque.")
VOID = N_(
    "Places {first} à {end} : les points de contrôle n° {number} à {lost} les attestent, et leur perte est déclarée. Que le bureau les garde ; les suivants commencent au n° {next}."
)
NOT_KNOWN = (
    N_(
        "Les mots de passe choisis dans cet intervalle ne peuvent pas être connus : la confirmation qui a été lue ne vaut plus, et l'ancien mot de passe sert de nouveau. Ces personnes peuvent en choisir un autre à tout moment."
    ),
    N_("Les liens envoyés et les sessions ouvertes dans cet intervalle ne fonctionnent plus."),
    N_(
        "Les identifiants envoyés dans cet intervalle sont recherchés auprès du service de vote, et l'assistance rappelle les personnes concernées."
    ),
)

DECLARE_HELP = N_(
    "Déclare, avec le bureau de vote, que la fin du journal est perdue après une bascule (failover) ou une restauration (restore). Le bureau en reçoit aussitôt le message."
)
CAUSE_HELP = N_("Pourquoi : {causes}.")
WHEN_HELP = N_("Quand la base a été perdue : 2026-12-03T14:32, à l'heure de l'élection, ou avec un décalage.")
BOARD_CHECKPOINT_HELP = N_(
    "Un point de contrôle que le bureau de vote a reçu, dans un fichier ; au moins le dernier. Peut être répété."
)
WHEN_UNREADABLE = N_("ce n'est pas un moment ; écrivez par exemple 2026-12-03T14:32.")
DONE = N_(
    "C'est déclaré. Le programme d'envoi le scelle et l'envoie au bureau dans les secondes qui viennent ; ensuite : retrouve platform reconcile --apply"
)

IN_THE_FUTURE = N_("Rien n'a été déclaré : ce moment n'est pas encore passé.")
NOT_GENUINE = N_(
    "Rien n'a été déclaré : un des points de contrôle donnés n'est pas signé par la clé de cette élection, ou a été changé."
)
NOT_SOUND = N_(
    "Rien n'a été déclaré : le journal contredit ses propres points de contrôle, ce qu'aucune perte n'explique. Voyez : retrouve journal verify"
)
BACKWARDS = N_("Rien n'a été déclaré : le point de contrôle n° {checkpoint} du bureau a été fait après ce moment.")
BEFORE_AGREED = N_(
    "Rien n'a été déclaré : le journal contredit le point de contrôle n° {checkpoint}, mais confirme le n° {agreed}, plus récent. Une perte n'explique pas cela. Voyez : retrouve journal verify"
)
DECLARED_BEFORE = N_("Rien n'a été déclaré : cette perte l'est déjà.")
NOT_SEALED_YET = N_(
    "Rien n'a été déclaré : une autre déclaration attend son sceau. Démarrez « retrouve courier », puis recommencez."
)
RESTORE_NOT_DECLARED = N_(
    "La restauration n'est pas encore déclarée au bureau de vote. Faites, avec le dernier message que le bureau a reçu : retrouve journal declare restore --cause {cause} --when {happened} --checkpoint MESSAGE.eml --dir {folder}"
)
RESTORE_DECLARED = N_(
    "La restauration est inscrite au journal ; le bureau de vote l'apprend dès le départ du programme d'envoi. S'il a reçu des points de contrôle plus récents que la sauvegarde, déclarez aussi leur perte : retrouve journal declare restore --cause {cause} --when {happened} --checkpoint MESSAGE.eml --dir {folder}"
)


def sentences_of_declared_loss(declaration: LossDeclaration, local: Local, after: int = 0) -> Iterator[Text]:
    """Yield sentences about a declared loss, omitting checkpoints up to number `after`."""
    happened = Moment(local(declaration.happened))
    kind, cause = JournalLossKind(declaration.kind), FailoverOrRestoreCause(declaration.cause)
    yield DECLARED.fill({"happened": happened, "what": kind.sentence, "cause": cause.sentence})
    agreed = {"agreed": str(declaration.agreed.number), "last": str(declaration.agreed.lines)}
    yield FROM_CHECKPOINT.fill(agreed) if declaration.agreed.number else FROM_THE_START
    yield _sentence_of_void(declaration, after) if declaration.voids_any_checkpoint else NOTHING_VOID


def _sentence_of_void(declaration: LossDeclaration, after: int) -> Text:
    numbers = {
        "first": declaration.agreed.lines + 1,
        "end": declaration.lost.lines,
        "number": max(declaration.agreed.number, after) + 1,
        "lost": declaration.lost.number,
        "next": declaration.lost.number + 1,
    }
    return VOID.fill({name: str(number) for name, number in numbers.items()})
