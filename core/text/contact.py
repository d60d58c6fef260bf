from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from core.text.text import N_, BilingualText, Moment, Text
from core.text.urls import CONTACT_PATH, MAILBOX_PATH

VOTING = N_("Le vote a lieu du {vote_opens} au {vote_closes} (heure de Paris).")
VOTE_SITE = N_("Site de vote : {vote_site}")
VOTE_SITE_TO_OPEN = N_("Le site de vote ouvrira à cette adresse : {site_to_open}")
VOTE_SITE_OF_EMPLOYER = N_("L'adresse du site de vote est celle que votre employeur a indiquée.")

BY_OUR_FORM = N_("Par notre formulaire : {web_page}")
BY_MAIL = N_("Par courriel : {mail_address}")
BY_TEXT_RELAY = N_("Par relais (texte, langue des signes) : {web_page}")
BY_OTHER_FORM = N_("Par le formulaire de l'organisateur : {web_page}")
LINK_TO_OUR_FORM = N_("par notre formulaire")
LINK_TO_MAIL = N_("par courriel")
LINK_TO_TEXT_RELAY = N_("par relais (texte, langue des signes)")
LINK_TO_OTHER_FORM = N_("par le formulaire de l'organisateur")


def asks_for_call(sentences: Iterable[Text]) -> bool:
    return any("{desk_phone}" in sentence.msgid for sentence in sentences)


@dataclass(frozen=True, slots=True, kw_only=True)
class ElectionContact:
    name: str
    site: str
    desk_phone: str
    desk_hours: BilingualText
    vote_opens: datetime
    vote_closes: datetime
    vote_site: str | None = None
    has_vote_begun: bool = True
    """False if the voting site is not open yet, so that no page leads to it."""
    mail_sender: str = ""
    """Sender's name in voters' mailboxes. If it is empty, the election's name is used."""

    desk_mail: str | None = None
    desk_text_relay: str | None = None
    desk_form: str | None = None
    """URL of the organiser's contact form."""
    lists_mailboxes: bool = False
    """True if the site lists the académies' webmail addresses."""

    def at(self, now: datetime) -> Self:
        return replace(self, has_vote_begun=now >= self.vote_opens)

    @property
    def academy_mailboxes_page_url(self) -> str | None:
        return f"{self.site}{MAILBOX_PATH}" if self.lists_mailboxes else None

    @property
    def contact_ways_without_telephone(self) -> tuple[Text, ...]:
        ways = [BY_OUR_FORM.fill({"web_page": f"{self.site}{CONTACT_PATH}"})]
        if self.desk_mail is not None:
            ways.append(BY_MAIL.fill({"mail_address": self.desk_mail}))
        if self.desk_text_relay is not None:
            ways.append(BY_TEXT_RELAY.fill({"web_page": self.desk_text_relay}))
        if self.desk_form is not None:
            ways.append(BY_OTHER_FORM.fill({"web_page": self.desk_form}))
        return tuple(ways)

    @property
    def contact_links(self) -> tuple[tuple[Text, str], ...]:
        """Ways to reach the helpdesk without a telephone, as (text, URL) pairs."""
        links = (
            (LINK_TO_OUR_FORM, f"{self.site}{CONTACT_PATH}"),
            (LINK_TO_MAIL, self.desk_mail and f"mailto:{self.desk_mail}"),
            (LINK_TO_TEXT_RELAY, self.desk_text_relay),
            (LINK_TO_OTHER_FORM, self.desk_form),
        )
        return tuple((words, address) for words, address in links if address is not None)

    @property
    def facts(self) -> dict[str, object]:
        return {
            "voting": VOTING.fill({"vote_opens": Moment(self.vote_opens), "vote_closes": Moment(self.vote_closes)}),
            "where_to_vote": self._where_to_vote,
            "site": self.site,
            "desk_phone": self.desk_phone,
            "desk_hours": self.desk_hours,
            "election": self.name,
            "sender": self.mail_sender or self.name,
        }

    @property
    def _where_to_vote(self) -> Text:
        if not self.vote_site:
            return VOTE_SITE_OF_EMPLOYER
        if self.has_vote_begun:
            return VOTE_SITE.fill({"vote_site": self.vote_site})
        return VOTE_SITE_TO_OPEN.fill({"site_to_open": self.vote_site})
