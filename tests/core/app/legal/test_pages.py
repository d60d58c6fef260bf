"""Tests that the legal pages agree with the settings, the erasure rules and the accessibility audit."""

import re
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

from cli.checks import DoctorCheckSeverity
from cli.checks.election_folder import check_legal_settings
from core.app.legal.accessibility import (
    CONFORM,
    KNOWN_GAPS,
    NOT_CONFORM,
    PARTLY,
    accessibility_declaration,
    legal_conformity_state,
)
from core.app.legal.notice import legal_pages
from core.app.legal.pages import TextPage
from core.app.legal.privacy import DATA, privacy_notice
from core.app.services import Services
from core.app.settings import Settings
from core.app.settings.sections import AcademySection, LegalSection
from core.flows.contact_desk.written_answer_catalogue import written_answers
from core.policy.policy import Policy
from core.ports import ErasableDataKind
from core.roll.personal_data_purge import erasure_due_from
from core.text.text import Language, Text
from core.text.translation import translate
from tests.gallery import around
from tests.support.election import CALENDAR, ELECTION
from tests.support.stores import until_exit
from tests.support.worlds import sample_settings, world
from webhook.legal_pages import draw_legal_page

GRID = Path(__file__).parents[4] / "docs/accessibility.md"
CRITERION = re.compile(
    r"^\| (\d+\.\d+) [^|]*\| (compliant|not compliant|not applicable|needs a person) \|", re.MULTILINE
)
CRITERIA = (9, 2, 3, 13, 8, 2, 5, 10, 4, 14, 13, 11, 12)
"""The number of criteria in each theme of RGAA 4.1.2."""
FILLED = LegalSection(
    publisher="Académie de Lumière",
    publisher_address="1 rue de l'Exemple, 75000 Paris",
    director="Camille Exemple",
    hosting="Hébergeur Exemple",
    data_officer="dpd@exemple.fr",
    legal_text="décret n° 2011-595",
    declared_on=date(2018, 10, 20),
)


def settings_with(legal: LegalSection, *, demo: bool = False) -> Settings:
    return sample_settings().model_copy(update={"legal": legal, "demo": demo})


def printed(page: TextPage) -> str:
    texts = [page.title, *(text for part in page.sections for text in (part.title, *part.sentences, *part.items))]
    return "\n".join(_said(text) for text in texts)


def _said(text: Text) -> str:
    return translate(text.fill(ELECTION.facts), Language.FRENCH)


def test_the_declaration_is_not_conform_until_an_audit_is_recorded() -> None:
    """The degree of conformity follows from the audit's percentage. It appears on the page and in the link to it."""
    for percent, state in ((None, NOT_CONFORM), (49, NOT_CONFORM), (50, PARTLY), (99, PARTLY), (100, CONFORM)):
        audit = FILLED.model_copy(
            update={"audit_on": date(2018, 10, 15), "audit_by": "Cabinet", "audit_percent": percent}
        )
        page = accessibility_declaration(settings_with(audit))

        assert legal_conformity_state(audit) == state
        assert _said(page.link) == f"Accessibilité : {state.msgid}"
        assert f"est {state.msgid} avec" in printed(page)
        assert ("15 octobre 2018" in printed(page)) == (percent is not None)


def test_the_grid_has_every_criterion_once_and_the_declaration_its_gaps() -> None:
    """The declaration lists every criterion that the audit marks as not met."""
    grid = CRITERION.findall(GRID.read_text("utf-8"))
    expected = {f"{theme}.{number}" for theme, count in enumerate(CRITERIA, 1) for number in range(1, count + 1)}

    assert Counter(name for name, _ in grid) == Counter(expected)
    gaps = {name for name, state in grid if state == "not compliant"}
    assert gaps == set(re.findall(r"Critère (\d+\.\d+)", "\n".join(each.msgid for each in KNOWN_GAPS)))


def test_the_privacy_notice_prints_the_days_of_the_purge() -> None:
    """The notice lists every kind of data that is erased, with its date. Another rule gives another date."""
    assert {kind for datum in DATA for kind in datum.kinds} == set(ErasableDataKind)
    for policy in (Policy(), replace(Policy(), contest_days=30)):
        items = printed(privacy_notice(settings_with(FILLED), policy, CALENDAR)).split("\n")
        for datum in (each for each in DATA if each.kinds):
            end = CALENDAR.to_local(max(erasure_due_from(kind, policy, CALENDAR) for kind in datum.kinds))
            (line,) = [each for each in items if each.startswith(datum.said.msgid)]
            assert f"{end.day} " in line
            assert str(end.year) in line


def test_what_is_missing_is_said_on_the_page_and_named_by_doctor() -> None:
    """Missing settings cause a warning in a real election, but not in a demo."""
    empty, full = settings_with(LegalSection()), settings_with(FILLED)

    (warned,) = check_legal_settings(empty)
    assert warned.verdict is DoctorCheckSeverity.ATTENTION
    assert "hosting, data_officer" in translate(warned.sentence(), Language.FRENCH)
    assert [each.verdict for each in check_legal_settings(full)] == [DoctorCheckSeverity.OK]
    assert list(check_legal_settings(settings_with(LegalSection(), demo=True))) == []
    for settings, missing in ((empty, True), (full, False)):
        said = "\n".join(printed(page) for page in legal_pages(settings, Policy(), CALENDAR))
        assert ("(à indiquer par l'organisateur" in said) is missing
        assert ("dpd@exemple.fr" in said) is not missing


LUMIERE = AcademySection(
    name="Académie de Lumière", webmail="https://webmail.example/lumiere", support="01 99 00 90 00"
)


def services_with(*academies: AcademySection) -> Services:
    services = world(until_exit()).services
    settings = services.settings.model_copy(update={"academies": academies})
    election = replace(services.dependencies.election, lists_mailboxes=settings.election_words().lists_mailboxes)
    return replace(services, settings=settings, dependencies=replace(services.dependencies, election=election))


def mailbox_steps(services: Services) -> tuple[Text, ...]:
    """Return the first page's text about a mailbox that cannot be opened, and the helpdesk's answer about it."""
    answers = written_answers(services.dependencies.policy, services.dependencies.election)
    (said,) = (each.steps for each in services.start_page_below_form.lost if each.id == "mailbox")
    (written,) = (each.sentences for each in answers if each.id == "mailbox")
    assert said == written
    return said


def test_the_mailbox_situation_leads_to_the_table_of_academies() -> None:
    """The table lists each académie with its support and its mailbox. Without a table, nothing links to it."""
    with_table, without = services_with(LUMIERE), services_with()
    page = with_table.academy_mailboxes_page

    assert page is not None
    drawn = draw_legal_page(page, around())
    assert LUMIERE.name in drawn
    assert f'href="{LUMIERE.webmail}"' in drawn
    assert LUMIERE.support.replace(" ", "\u00a0") in drawn or LUMIERE.support in drawn
    assert with_table.dependencies.election.academy_mailboxes_page_url in [
        each.params.get("web_page") for each in mailbox_steps(with_table)
    ]
    assert without.academy_mailboxes_page is None
    assert not any("web_page" in each.params for each in mailbox_steps(without))
