"""A summary of a case that an agent hands to a colleague: no name, no contact and no secret is in it."""

from collections.abc import Sequence

from core.desk.call_guide import VoterFlowGuide
from core.desk.voter_files import TimelineLine
from core.text.text import N_, Moment, Text

WITHOUT_CASE = N_("Aucun dossier encore, étape {step}.")
AT_STEP = N_("Dossier {case}, étape {step} : {title}.")
MESSAGE = N_("Message : {where}.")
LAST = N_("Dernier événement, le {at} : {event}")


def case_summary_sentences(guide: VoterFlowGuide, lines: Sequence[TimelineLine]) -> tuple[Text, ...]:
    """Return the sentences: the case and its step, where its message is, and what happened last."""
    view = guide.steps[guide.present].view
    facts = {"case": guide.case, "step": view.code, "title": view.page.title}
    message = () if guide.message is None else (MESSAGE.fill({"where": guide.message.sentence}),)
    last = [LAST.fill({"at": Moment(line.at), "event": line.sentence}) for line in lines[-1:]]
    return ((AT_STEP if guide.case else WITHOUT_CASE).fill(facts), *message, *last)
