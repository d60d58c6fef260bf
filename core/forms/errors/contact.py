"""Errors of a request to the desk."""

from core.forms.model import FieldRejected
from core.text.text import N_


class SubjectMissing(FieldRejected):
    id = "subject-missing"
    cause = N_("Aucune ligne de la liste n'a été choisie.")
    sentence = N_("Choisissez le sujet de votre demande.")


class AnswerTimeMissing(FieldRejected):
    id = "answer-time-missing"
    cause = N_("Aucune ligne de la liste n'a été choisie.")
    sentence = N_("Choisissez si l'assistance vous écrit, ou quand elle vous appelle.")


class CaseNumberUnreadable(FieldRejected):
    id = "case-number-unreadable"
    cause = N_("Un signe manque, ou il y en a trop.")
    sentence = N_("Un numéro de dossier a huit signes, comme {example}. Sans numéro, laissez la case vide.")
