"""`retrouve incident`: known incidents, announced and ended by the operator."""

from pathlib import Path

import click

from cli.open_services import IN_FOLDER, open_services_or_exit
from cli.terminal_translation import CommandRefused, option, say, translate_for_terminal
from core.desk.announce_incident_form import IncidentSentenceAndScope, incident_action, incident_sentence_choices
from core.flows.incident_catalogue import BY_NAME, incident_words
from core.forms.errors import Refusal
from core.forms.flow_model import FormErrors
from core.ports import IncidentScope
from core.security.roles_holding_keys import ProgramKeyRole
from core.text.faces import incident_cli_sentences as words


@click.group(help=translate_for_terminal(words.HELP))
def incident() -> None:
    """Announce and end known incidents."""


@incident.command(help=translate_for_terminal(words.ADD_HELP))
@click.argument("sentence")
@option("--academie", default="", help=words.ACADEMIE_HELP)
@option("--domain", default="", help=words.DOMAIN_HELP)
@option("--until", required=True, help=words.UNTIL_HELP)
@option("--minutes", default="", help=words.MINUTES_HELP)
@IN_FOLDER
def add(directory: Path, *, sentence: str, academie: str, domain: str, until: str, minutes: str) -> None:
    """Announce an incident; its blanks are read as in the terminal."""
    chosen = _choice(sentence, academie, domain)
    services = open_services_or_exit(directory, ProgramKeyRole.OPERATOR)
    now = services.calendar.to_local(services.clock.now())
    board = services.desk.incidents
    known = board.academies_of_roll() if chosen.scope is IncidentScope.ACADEMIE else ()
    form = incident_action(chosen, known, now)
    try:
        blanks = form.read({"subject": academie or domain, "until": until, "minutes": minutes})
        number = board.announce_by_operator(chosen.filled(blanks))
    except FormErrors as problems:
        labels = {each.name: each.label for each in form.fields}
        faults = (words.WRONG.fill({"label": labels[n], "reason": r.reason}) for n, r in problems.by_field.items())
        raise CommandRefused(*faults) from problems
    except Refusal as refusal:
        raise _refused_by(refusal) from refusal
    say(words.ANNOUNCED, number=str(number))


@incident.command(help=translate_for_terminal(words.END_HELP))
@click.argument("number", type=click.IntRange(min=1))
@IN_FOLDER
def end(number: int, directory: Path) -> None:
    """End an incident."""
    try:
        open_services_or_exit(directory, ProgramKeyRole.OPERATOR).desk.incidents.end_by_operator(number)
    except Refusal as refusal:
        raise _refused_by(refusal) from refusal
    say(words.ENDED, number=str(number))


@incident.command("list", help=translate_for_terminal(words.LIST_HELP))
@IN_FOLDER
def list_(directory: Path) -> None:
    """List the incidents, the newest first."""
    notices = open_services_or_exit(directory, ProgramKeyRole.OPERATOR).desk.incidents.notices_to_operator()
    for each in notices:
        told = incident_words(each)
        said = " ".join(map(translate_for_terminal, told.voter))
        say(words.LINE, number=str(each.incident.id), heading=told.heading, said=said)
    if not notices:
        say(words.NONE_KNOWN)


@incident.command(help=translate_for_terminal(words.SENTENCES_HELP))
def sentences() -> None:
    """List the sentences with their scopes."""
    for each in incident_sentence_choices():
        say(words.SENTENCE_LINE, name=each.sentence.name, title=each.sentence.title, where=each.where)


def _choice(name: str, academie: str, domain: str) -> IncidentSentenceAndScope:
    """Return the sentence for the scope that the options mean. Raises CommandRefused."""
    sentence = BY_NAME.get(name)
    if sentence is None:
        raise CommandRefused(words.UNKNOWN_SENTENCE, name=name)
    scopes = [each for each in sentence.scopes if each in _scopes(academie, domain)]
    if not scopes:
        raise CommandRefused(words.NOT_FOR)
    return IncidentSentenceAndScope(sentence, scopes[0])


def _scopes(academie: str, domain: str) -> set[IncidentScope]:
    if academie and domain:
        return set()
    if academie:
        return {IncidentScope.ACADEMIE}
    return {IncidentScope.MAIL_DOMAIN} if domain else {IncidentScope.EVERYBODY, IncidentScope.SMS}


def _refused_by(refusal: Refusal) -> CommandRefused:
    remedy = " ".join(map(translate_for_terminal, refusal.remedy))
    return CommandRefused(words.REFUSED, title=refusal.title, remedy=remedy)
