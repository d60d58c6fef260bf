"""The incidents that agents can announce, and the texts of their notices."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from core.policy.calendar import Calendar
from core.ports import Incident, IncidentScope
from core.text.faces.incident_page_texts import WHERE
from core.text.text import N_, Moment, Text, TimeOfDay

EVERYBODY, ACADEMIE, MAIL_DOMAIN, SMS = IncidentScope
LONGEST = timedelta(days=7)
"""Maximum time between now and the expected end of an incident."""
VISIBLE_AFTER_END = timedelta(hours=6)
MOST_MINUTES = 240


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentSentence:
    name: str
    """Name in the database and the journal. It must never change."""
    title: Text
    voter: Text
    agent: tuple[Text, ...]
    scopes: tuple[IncidentScope, ...]
    counts_minutes: bool = False


SENTENCES: tuple[IncidentSentence, ...] = (
    IncidentSentence(
        name="mail-late",
        title=N_("Messages en retard"),
        voter=N_("Les messages arrivent en retard. Vous recevrez le vôtre : n'en demandez pas d'autre."),
        agent=(
            N_("Dites que les messages ont du retard : celui de la personne viendra de lui-même."),
            N_("Ne faites pas redemander : chaque demande allonge l'attente."),
        ),
        scopes=(EVERYBODY, ACADEMIE, MAIL_DOMAIN),
    ),
    IncidentSentence(
        name="mail-returned",
        title=N_("Messages refusés par la messagerie"),
        voter=N_(
            "La messagerie refuse nos messages pour le moment. Attendez la fin de l'incident avant d'en demander."
        ),
        agent=(
            N_("Dites que la messagerie refuse nos messages, et que les deux services techniques s'en occupent."),
            N_("Ne renvoyez rien avant la fin de l'incident : le message reviendrait de même."),
        ),
        scopes=(ACADEMIE, MAIL_DOMAIN),
    ),
    IncidentSentence(
        name="mailbox-away",
        title=N_("Messagerie en panne"),
        voter=N_("La messagerie professionnelle ne s'ouvre pas. Votre message vous y attendra."),
        agent=(N_("Dites que la messagerie professionnelle est en panne, et que le message y attendra la personne."),),
        scopes=(ACADEMIE, MAIL_DOMAIN),
    ),
    IncidentSentence(
        name="sms-late",
        title=N_("SMS en retard"),
        voter=N_("Les SMS arrivent en retard. Vous recevrez le vôtre : n'en demandez pas d'autre."),
        agent=(
            N_("Dites que les SMS ont du retard : celui de la personne viendra de lui-même."),
            N_("Ne faites pas redemander : les demandes sont comptées."),
        ),
        scopes=(SMS,),
    ),
    IncidentSentence(
        name="sms-away",
        title=N_("SMS en panne"),
        voter=N_("Les SMS n'arrivent pas pour le moment. Attendez la fin de l'incident avant d'en demander."),
        agent=(
            N_("Dites que les SMS sont en panne chez l'opérateur. Proposez de rappeler après la fin de l'incident."),
            N_("Ne faites pas redemander : les demandes sont comptées."),
        ),
        scopes=(SMS,),
    ),
    IncidentSentence(
        name="vote-away",
        title=N_("Site de vote en panne"),
        voter=N_("Le site de vote ne répond pas. Votre identifiant et votre mot de passe restent valables."),
        agent=(
            N_("Dites que le site de vote est en panne, et que rien n'est à refaire : les accès restent valables."),
            N_("Ne faites demander ni mot de passe ni identifiant."),
        ),
        scopes=(EVERYBODY,),
    ),
    IncidentSentence(
        name="site-slow",
        title=N_("Service lent"),
        voter=N_("Ce service répond lentement. Attendez la page sans la recharger."),
        agent=(N_("Dites que le site est lent, et d'attendre chaque page sans la recharger."),),
        scopes=(EVERYBODY, ACADEMIE),
    ),
    IncidentSentence(
        name="network-away",
        title=N_("Réseau en panne"),
        voter=N_("Le réseau des établissements est en panne. Un téléphone personnel permet de continuer."),
        agent=(N_("Dites que le réseau des établissements est en panne. Proposez de continuer sur un téléphone."),),
        scopes=(ACADEMIE,),
    ),
    IncidentSentence(
        name="desk-busy",
        title=N_("Attente au téléphone"),
        voter=N_("L'assistance répond après {minutes} min d'attente environ. Ces pages suffisent le plus souvent."),
        agent=(N_("Remerciez la personne d'avoir attendu : l'attente est de {minutes} min environ."),),
        scopes=(EVERYBODY,),
        counts_minutes=True,
    ),
    IncidentSentence(
        name="desk-away",
        title=N_("Assistance injoignable"),
        voter=N_("L'assistance est injoignable par téléphone pour le moment. Ces pages suffisent le plus souvent."),
        agent=(N_("Les appels n'arrivent pas. Rappelez les personnes dont le numéro est connu."),),
        scopes=(EVERYBODY,),
    ),
)
BY_NAME: Mapping[str, IncidentSentence] = {each.name: each for each in SENTENCES}

HEADING = N_("Incident connu depuis {since} : {title} ({where})")
HEADING_OVER = N_("C'est rétabli depuis {ended} : {title} ({where})")
EXPECTED_END = N_("Fin prévue : {until} (heure de Paris).")
BANNER = N_("Incident connu : {title}")
BANNER_OVER = N_("C'est rétabli : {title}")
CONCERNS = N_("Concerne : {where}. Depuis {since}, fin prévue : {until} (heure de Paris).")
CONCERNED = N_("Concernait : {where}. Commencé : {since}. Rétabli depuis : {ended} (heure de Paris).")


@dataclass(frozen=True, slots=True)
class IncidentInLocalTime:
    """An incident with times in the election's time zone. It must stay hashable."""

    incident: Incident
    since: TimeOfDay | Moment
    until: TimeOfDay | Moment
    ended: TimeOfDay | Moment | None

    @property
    def is_over(self) -> bool:
        return self.ended is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentWords:
    heading: Text
    banner: Text
    voter: tuple[Text, ...]
    agent: tuple[Text, ...] = field(default=())


def incident_in_local_time(incident: Incident, calendar: Calendar, now: datetime) -> IncidentInLocalTime:
    """Return the incident in local time. A time that is not today includes the date."""

    def moment(at: datetime) -> TimeOfDay | Moment:
        local = calendar.to_local(at)
        return TimeOfDay(local) if local.date() == calendar.to_local(now).date() else Moment(local)

    over = incident.over_since(now)
    return IncidentInLocalTime(
        incident, moment(incident.began), moment(incident.until), None if over is None else moment(over)
    )


def incident_words(notice: IncidentInLocalTime) -> IncidentWords:
    incident, sentence = notice.incident, BY_NAME[notice.incident.sentence]
    where = WHERE[incident.scope].fill({"subject": incident.subject})
    facts: dict[str, object] = {"since": notice.since, "until": notice.until, "title": sentence.title, "where": where}
    if notice.ended is not None:
        facts["ended"] = notice.ended
        heading, banner = HEADING_OVER.fill(facts), BANNER_OVER.fill(facts)
        return IncidentWords(heading=heading, banner=banner, voter=(CONCERNED.fill(facts),))
    blanks = {} if incident.minutes is None else {"minutes": incident.minutes}
    return IncidentWords(
        heading=HEADING.fill(facts),
        banner=BANNER.fill(facts),
        voter=(sentence.voter.fill(blanks), CONCERNS.fill(facts)),
        agent=(*(each.fill(blanks) for each in sentence.agent), EXPECTED_END.fill(facts)),
    )
