"""The table of académies is a page, to which the mailbox situation leads."""

from dataclasses import replace

from core.app.services import Services
from core.app.settings.sections import AcademySection
from core.flows.contact_desk.written_answer_catalogue import written_answers
from core.text.text import Text
from tests.gallery import around
from tests.support.stores import until_exit
from tests.support.worlds import world
from webhook.legal_and_incident_pages import draw_legal_page

LUMIERE = AcademySection(
    name="Académie de Lumière", webmail="https://webmail.example/lumiere", support="01 99 00 90 00"
)


def services_with(*academies: AcademySection) -> Services:
    """Return the services of an election with that table."""
    services = world(until_exit()).services
    settings = services.settings.model_copy(update={"academies": academies})
    election = replace(services.election, lists_mailboxes=settings.election_words().lists_mailboxes)
    return replace(services, settings=settings, dependencies=replace(services.dependencies, election=election))


def mailbox_steps(services: Services) -> tuple[Text, ...]:
    """Return what the first page says about a mailbox that does not open, and what the desk answers in writing."""
    answers = written_answers(services.policy, services.election)
    (said,) = (each.steps for each in services.start_page_below_form.lost if each.id == "mailbox")
    (written,) = (each.sentences for each in answers if each.id == "mailbox")
    assert said == written
    return said


def test_the_mailbox_situation_leads_to_the_table_of_academies() -> None:
    """Each académie stands there with its mailbox, as a link, and its support; without a table nothing leads there."""
    with_table, without = services_with(LUMIERE), services_with()
    page = with_table.academy_mailboxes_page

    assert page is not None
    drawn = draw_legal_page(page, around())
    assert LUMIERE.name in drawn
    assert f'href="{LUMIERE.webmail}"' in drawn
    assert LUMIERE.support.replace(" ", "\u00a0") in drawn or LUMIERE.support in drawn
    assert with_table.election.academy_mailboxes_page_url in [
        each.params.get("web_page") for each in mailbox_steps(with_table)
    ]
    assert without.academy_mailboxes_page is None
    assert not any("web_page" in each.params for each in mailbox_steps(without))
