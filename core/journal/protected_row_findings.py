from collections.abc import Mapping

import msgspec

from core.text.text import N_, NN_, SentenceEnum, Text


class RowFindingKind(SentenceEnum):
    ALTERED = "altered", N_("Base, {row} : la ligne n'est pas telle que ce service l'a écrite. Elle est refusée.")
    DISAGREES = (
        "disagrees",
        N_(
            "Base, {row} : la ligne et le journal ne s'accordent pas. Une ancienne copie a été remise, ou des lignes du journal manquent."
        ),
    )
    MISSING = "missing", N_("Base, {row} : le journal en parle, et la ligne manque.")


class RowFinding(msgspec.Struct, frozen=True, kw_only=True):
    """A problem with a protected row. Findings contain no digests and no addresses."""

    kind: RowFindingKind
    table: str
    voter: int | None = None
    pseudonym: str | None = None
    case: str | None = None
    agent: str | None = None


ROLL = "roll"
"""Table name in findings about the whole electoral roll."""
ROWS: Mapping[str, Text] = {
    "voters": N_("électeur n° {voter}"),
    ROLL: N_(
        "liste électorale (adresse, date de naissance, NUMEN, téléphone, premier identifiant ou départ d'une personne)"
    ),
    "agents": N_("agent {agent}"),
    "links": N_("lien du dossier {case}"),
    "sessions": N_("session de l'électeur n° {voter}"),
    "phone_claims": N_("numéro de téléphone de l'électeur n° {voter}"),
    "reissues": N_("nouvel identifiant du dossier {case}"),
    "registry": N_("identifiant de l'électeur n° {voter} sur la plateforme intégrée"),
    "signature_requests": N_("demande de signature pour l'électeur n° {voter}"),
    "properties": N_("annonce de la clé la plus récente"),
    "outbox": N_("message du dossier {case}"),
    "incidents": N_("annonce d'un incident"),
}
EXAMINING = N_("Lignes de la base")
VOTER_WITH_PSEUDONYM = N_("électeur n° {voter}, pseudonyme {pseudonym}")
NOT_AUTHENTIC = N_("Des lignes de la base ont été écrites, changées ou enlevées par quelqu'un d'autre que ce service.")
AUTHENTIC_ROWS = NN_(
    "{count} ligne de la base qui décide est telle que ce service l'a écrite.",
    "{count} lignes de la base qui décident sont telles que ce service les a écrites.",
)


def row_finding_sentence(finding: RowFinding) -> Text:
    names = {
        "voter": str(finding.voter),  # an id is shown without a thousands separator
        "pseudonym": finding.pseudonym,
        "case": finding.case,
        "agent": finding.agent,
    }
    row = ROWS[finding.table] if finding.pseudonym is None else VOTER_WITH_PSEUDONYM
    return finding.kind.sentence.fill({"row": row.fill(names)})
