from core.text.faces.timeline_sentences import TimelineTexts, negative_line, neutral_line, positive_line
from core.text.text import N_, SentenceEnum


class ActNeedingApproval(SentenceEnum):
    UNFREEZE = "unfreeze", N_("rouvrir le compte")


class ReopeningReason(SentenceEnum):
    """Reasons to reopen an account, in the order of the terminal's list."""

    RECOGNISED = "recognised", N_("La personne reconnaît le changement")
    BY_MISTAKE = "by-mistake", N_("Bloqué par erreur")
    MAILBOX_SAFE = "mailbox-safe", N_("Elle seule a de nouveau accès à sa messagerie")
    BY_SOMEBODY_ELSE = "by-somebody-else", N_("Une autre personne l'avait fait bloquer")
    OTHER = "other", N_("Autre motif")


# ── The agent ────────────────────────────────────────────────────────────────────────────────────────────

KEY_SIGN_HERE = N_("Signer ici")
KEY_SIGN_HERE_EXPLAINED = N_("Un responsable présent signe à ce terminal, au lieu du sien.")
KEY_WITHDRAW = N_("Retirer")
KEY_WITHDRAW_EXPLAINED = N_("Retire la demande de signature. Rien n'est fait.")
WHY_TITLE = N_("Demander la signature d'un responsable")
WHY_EXPLAINED = N_("Les responsables voient l'acte, la personne, votre nom et ce motif. Aucun texte n'est saisi.")
WHY_ASKED = N_("{name} : pour quel motif rouvrir ce compte ?")
WHY_HINT = N_(
    "Un chiffre choisit, et avertit les responsables. Ctrl+S : un responsable signe ici. Échap : rien n'est demandé."
)
WAITING_TITLE = N_("Signature demandée")
WAITING_EXPLAINED = N_(
    "Tous les responsables sont avertis en même temps. Dès que l'un d'eux signe, l'acte se fait automatiquement, quel que soit votre écran."
)
WAITING = N_("Les responsables sont avertis : {act} ({name}). La demande vaut jusqu'à {until}.")
WAITING_ON = N_(
    "En attente… Restez en ligne avec la personne. Échap continue ailleurs : la réponse s'affichera sur tout écran. Ctrl+R retire la demande."
)
REOPENED = N_("Signature donnée : le compte est rouvert, sans mot de passe ({name}).")
DECLINED_BY = N_("{agent} refuse de signer. Le compte reste bloqué ({name}).")
NOT_ANSWERED = N_("Aucun responsable n'a signé à temps. Rien n'a été fait : vous pouvez le demander de nouveau.")
WITHDRAW = N_("Retirer la demande de signature")
WITHDRAWN = N_("La demande de signature est retirée. Rien n'a été fait.")

# ── The supervisor ───────────────────────────────────────────────────────────────────────────────────────

ASKED_ON_HOME = N_("{agent} demande votre signature : {act} ({reason})")
ASKED_MEANWHILE = N_("{agent} demande votre signature : elle attend à l'accueil.")
QUESTION_TITLE = N_("Signer pour un agent ?")
QUESTION_EXPLAINED = N_(
    "Votre code signe cet acte, pour cette personne et cet agent, une fois. Ctrl+R refuse ; Échap laisse la demande aux autres responsables."
)
QUESTION = N_(
    "{agent} a vérifié l'appelant et demande à {act} ({name}), sans mot de passe : la personne en choisira un nouveau."
)
OF_ACADEMIE = N_("Académie : {academie}")
FROZEN_AT = N_("Bloqué depuis le {at}")
REASON = N_("Motif : {reason}")
VALID_UNTIL = N_("La demande vaut jusqu'à {until}.")
KEY_DECLINE = N_("Refuser")
KEY_DECLINE_EXPLAINED = N_("Refuse de signer : l'agent l'apprend aussitôt, et rien n'est fait.")
SIGN = N_("Signer")
SIGNED_NOW = N_(
    "Vous avez signé. Si le terminal de {agent} attend encore, il fait l'acte de lui-même ; sinon, rien n'est fait."
)
DECLINED_NOW = N_("Vous avez refusé de signer. {agent} l'apprend à l'instant.")

# ── The timeline ─────────────────────────────────────────────────────────────────────────────────────────

SIGNATURE_TIMELINE = TimelineTexts(
    events={
        "signature-requested": neutral_line(N_("{agent} demande la signature d'un responsable.")),
        "signature-accepted": positive_line(N_("{agent} accepte de signer comme responsable.")),
        "signature-declined": negative_line(N_("{agent} refuse de signer comme responsable.")),
        "signature-withdrawn": neutral_line(N_("{agent} retire sa demande de signature.")),
    },
    reasons={
        "signature-requested": {
            each: neutral_line(N_("{agent} demande la signature d'un responsable : {reason}.", reason=each.sentence))
            for each in ReopeningReason
        }
    },
)
