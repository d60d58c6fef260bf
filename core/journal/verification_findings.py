import json
from collections.abc import Callable, Mapping
from datetime import datetime

import msgspec

from core.journal.verifier import Finding, parse_moment
from core.text.text import N_, Moment, SentenceEnum, Text

Local = Callable[[datetime], datetime]


class JournalFindingKind(SentenceEnum):
    DISAGREES = (
        "disagrees",
        N_("Place {place}, {where} : la ligne et son sceau ne s'accordent pas. L'un des deux a été changé ou déplacé."),
    )
    LINE_GONE = "line-gone", N_("Place {place} : la ligne {line} manque. {after}")
    PLACES_GONE = "places-gone", N_("Places {place} à {last} : leurs sceaux manquent. {after}")
    SLIPPED_IN = (
        "slipped-in",
        N_(
            "Hors de la chaîne, {where} : aucun sceau ne la nomme. Elle a été glissée parmi des lignes scellées, ou son sceau enlevé."
        ),
    )
    REWRITTEN = (
        "rewritten",
        N_(
            "Places {place} à {last} : la chaîne n'est pas celle qu'atteste le point de contrôle n° {checkpoint}. Elle a été refaite."
        ),
    )
    SHORTENED = (
        "shortened",
        N_(
            "Places {place} à {last} : le point de contrôle n° {checkpoint} les atteste, et elles manquent. La fin a été enlevée. {after}"
        ),
    )
    CHECKPOINT_GONE = "checkpoint-gone", N_("Points de contrôle n° {checkpoint} à {last} : ils manquent.")
    CHECKPOINT_ALTERED = (
        "checkpoint-altered",
        N_("Point de contrôle n° {checkpoint} : son texte ou sa signature a été changé."),
    )
    DECLARED_WRONGLY = (
        "declared-wrongly",
        N_(
            "Place {place}, {where} : cette déclaration de perte ne vaut rien. Elle ne se lit pas, finit avant de commencer ou répète une autre."
        ),
    )
    UNSIGNED = (
        "unsigned",
        N_(
            "Place {place}, {where} : aucun programme de cette élection n'a signé cette ligne. Elle a été écrite ou changée dans la base."
        ),
    )
    UNSIGNED_TAIL = (
        "unsigned-tail",
        N_(
            "Pas encore scellée, {where} : aucun programme de cette élection n'a signé cette ligne. Elle a été écrite ou changée dans la base."
        ),
    )
    TWICE = "twice", N_("Place {place}, {where} : c'est la copie d'une ligne d'avant, ajoutée dans la base.")
    OTHER_KEY = (
        "other-key",
        N_(
            "Point de contrôle n° {checkpoint} : il est signé par une autre clé que celle d'ici. Il vient d'une autre élection, ou master.key a été remplacé."
        ),
    )


class JournalFinding(msgspec.Struct, frozen=True, kw_only=True):
    kind: JournalFindingKind
    place: int = 0
    last: int = 0
    line: int = 0
    at: datetime | None = None
    case: str | None = None
    checkpoint: int = 0


def journal_finding(found: Finding) -> JournalFinding:
    fields = json.loads(found.text or b"{}")
    at, case = fields.get("at"), fields.get("case")
    return JournalFinding(
        kind=JournalFindingKind(found.kind),
        place=found.place,
        last=found.last,
        line=found.line,
        at=parse_moment(at),
        case=case if isinstance(case, str) else None,
        checkpoint=found.checkpoint,
    )


LINE_OF_CASE = N_("ligne {line}, {at}, dossier {case}")
LINE_ALONE = N_("ligne {line}, {at}")
LINE_UNDATED = N_("ligne {line}, sans date lisible")
AFTER = N_("La ligne d'avant est du {at}.")
AT_THE_START = N_("Rien de daté n'est scellé avant.")

OF_ONE: Mapping[JournalFindingKind, Text] = {
    JournalFindingKind.PLACES_GONE: N_("Place {place} : son sceau manque. {after}"),
    JournalFindingKind.CHECKPOINT_GONE: N_("Point de contrôle n° {checkpoint} : il manque."),
}


def finding_sentence(finding: JournalFinding, local: Local) -> Text:
    one = finding.last in (finding.place, finding.checkpoint)
    sentence = OF_ONE.get(finding.kind, finding.kind.sentence) if one else finding.kind.sentence
    at = None if finding.at is None else Moment(local(finding.at))
    dated = LINE_ALONE if finding.case is None else LINE_OF_CASE
    # Places, lines and numbers are identifiers here, so they get no thousands separator.
    names = {name: str(getattr(finding, name)) for name in ("place", "last", "line", "checkpoint")}
    where = (LINE_UNDATED if at is None else dated).fill({**names, "at": at, "case": finding.case})
    after = AT_THE_START if at is None else AFTER.fill({"at": at})
    return sentence.fill({**names, "where": where, "after": after})
