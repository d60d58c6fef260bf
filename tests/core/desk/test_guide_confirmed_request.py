"""The helpdesk shows a request that the voter must confirm in the mailbox."""

import pytest

from core.desk.guide import StepStatus, VoterFlowGuide
from core.flows.identifier.plugin import IdentifierFlowPlugin
from core.policy.policy import PRESETS
from core.text.text import Language
from core.text.translation import translate
from tests.support.desk import signed_in_agent
from tests.support.election import CAMILLE, visit
from tests.support.reissues import Reissuer, reissuer
from tests.support.stores import KeptStore
from tests.support.worlds import World, world


@pytest.fixture
def camille(sql_kept: KeptStore) -> Reissuer:
    """A voter under preset 2026 who has just received the mail that asks for a confirmation."""
    made = world(sql_kept, policy=PRESETS["2026"])
    voter = reissuer(made)
    voter.order()
    made.courier().run_once()
    return voter


def confirm(camille: Reissuer) -> None:
    confirmation = camille.steps.confirmation
    assert confirmation is not None
    token = camille.world.post.confirmations(CAMILLE)[-1]
    camille.world.at(confirmation.confirm, "confirm", visit(confirmation=token))


def guide(camille: Reissuer, agent: str = "camille") -> VoterFlowGuide:
    """Return the guide of the flow as a new agent with this name sees it."""
    desk = camille.world.services.desk
    return desk.guide.view(signed_in_agent(camille.world, agent), camille.voter.id, camille.steps.flow.slug)


def sentences(made: World, camille: Reissuer) -> list[str]:
    case = camille.shown().case
    assert case is not None
    lines = made.services.desk.files.case_timeline(signed_in_agent(made), case)
    return [translate(line.sentence, Language.FRENCH) for line in lines]


def test_the_guide_stands_at_the_confirmation_and_moves_on(camille: Reissuer) -> None:
    """Before the confirmation, the guide shows step ID-7 and its time limit.

    After the confirmation it shows step ID-4.
    """
    shown = guide(camille)
    present = shown.steps[shown.present]
    confirm(camille)
    after = guide(camille, "robin")

    assert present.view.code == "ID-7"
    assert [step.view.code for step in shown.steps if step.status is StepStatus.DONE] == ["ID-1", "ID-2", "ID-3"]
    assert "12:30" in translate(present.view.page.body[1], Language.FRENCH, short_times=True)
    assert after.steps[after.present].view.code == "ID-4"
    assert [step.view.code for step in after.steps if step.status is StepStatus.AHEAD] == ["ID-5", "ID-6", "ID-10"]


def test_a_delivered_identifier_is_the_end_of_the_guide(camille: Reissuer) -> None:
    """The guide ends at the delivered identifier, even if the flow's definition lists further side steps."""
    confirm(camille)
    camille.world.courier().run_once()
    shown = guide(camille)

    assert shown.steps[shown.present].view.code == "ID-5"
    assert shown.steps[shown.present].status is StepStatus.DONE


def test_the_timeline_tells_the_mail_to_confirm_from_the_notice(camille: Reissuer) -> None:
    """The timeline distinguishes the mail that asks for a confirmation from the notice after it.

    Only the confirmation reserves an identifier.
    """
    made = camille.world
    (route,) = made.services.flows[IdentifierFlowPlugin].message_link_routes
    route.observe(made.post.confirmations(CAMILLE)[-1])
    confirm(camille)
    made.courier().run_once()

    said = sentences(made, camille)

    assert said[said.index("L'opérateur a pris le SMS.") + 1 :] == [
        "Le code saisi sur le site est accepté : la demande reste à confirmer dans la messagerie.",
        "Le message est parti.",
        "Le lien est ouvert, peut-être par un robot de la messagerie.",
        "La demande est confirmée dans la messagerie : un identifiant est réservé.",
        "Le nouvel identifiant est en place ; l'ancien ne fonctionne plus.",
        "L'opérateur a pris le SMS.",
        "L'avis de changement est parti.",
    ]


def test_the_steps_are_found_by_their_codes_as_people_type_them(camille: Reissuer) -> None:
    """Steps are found by their codes in any spelling, such as "id10", and the mail of ID-8 has both of its links."""
    desk = camille.world.services.desk
    found = [desk.steps.find_step(typed) for typed in ("id7", "ID 8", "Id-9", "id10")]

    assert [None if view is None else view.code for view in found] == ["ID-7", "ID-8", "ID-9", "ID-10"]
    assert found[1] is not None
    mail = found[1].page.message
    assert mail is not None
    assert mail.action is not None
    assert mail.stop is not None
