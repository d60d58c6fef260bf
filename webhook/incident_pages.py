from collections.abc import Sequence
from dataclasses import replace
from email.utils import format_datetime
from urllib.parse import urlencode
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from flask import Blueprint, Response, g, request
from flask.typing import ResponseReturnValue

from core.app.services import Services
from core.flows.incident_catalogue import IncidentInLocalTime, incident_words
from core.text.contact import ElectionContact
from core.text.faces import incident_page_texts as words
from core.text.language_facts import LANGUAGES
from core.text.text import Language, Moment
from core.text.translation import translate
from core.text.urls import STATUS_FEED_PATH, STATUS_PATH
from webhook.page_context import PageContext, page_context, signed_in_voter
from webhook.page_frame_rendering import render_page, text_sheet
from webhook.sentence_markup import sentence_markup

FEED = "status.feed"
register_namespace("atom", "http://www.w3.org/2005/Atom")
ATOM_LINK = "{http://www.w3.org/2005/Atom}link"
READ_AGAIN_MINUTES = 1
FEED_TYPE = "application/rss+xml; charset=utf-8"


def incident_status_blueprint(services: Services) -> Blueprint:
    """Serve the page and the RSS feed of incidents.

    Voters see only incidents that concern everybody or their own education authority.
    """
    blueprint = Blueprint("status", __name__)

    @blueprint.get(STATUS_PATH)
    def page() -> ResponseReturnValue:
        listed = services.known_incidents_cache.listed_on_public_page(signed_in_voter(services, g.visit))
        context = replace(page_context(services, g.visit), incidents=())
        return draw_incident_status_page(listed, context, feed_path(context.language))

    @blueprint.get(STATUS_FEED_PATH)
    def feed() -> ResponseReturnValue:
        asked = request.args.get("lang")
        language = Language(asked) if asked in set(Language) else Language.FRENCH
        return Response(
            incident_feed(
                services.known_incidents_cache.listed_on_public_page(), services.dependencies.election, language
            ),
            content_type=FEED_TYPE,
        )

    return blueprint


def feed_path(language: Language) -> str:
    return (
        STATUS_FEED_PATH if language is Language.FRENCH else f"{STATUS_FEED_PATH}?{urlencode({'lang': language.value})}"
    )


def incident_feed(notices: Sequence[IncidentInLocalTime], election: ElectionContact, language: Language) -> bytes:
    """Return an RSS 2.0 feed with entries for the start and end of each incident."""
    here = election.site + STATUS_PATH
    rss = Element("rss", version="2.0")
    channel = SubElement(rss, "channel")
    for tag, value in (
        ("title", translate(words.FEED_TITLE.fill({"election": election.name}), language)),
        ("link", here),
        ("description", translate(words.FEED_ABOUT, language)),
        ("language", LANGUAGES[language].tag),
        ("ttl", str(READ_AGAIN_MINUTES)),
    ):
        SubElement(channel, tag).text = value
    own = election.site + feed_path(language)
    SubElement(channel, ATOM_LINK, {"rel": "self", "type": "application/rss+xml", "href": own})
    for notice in map(_with_days, notices):
        if notice.is_over:
            _add_entry(channel, notice, here, language)
        _add_entry(channel, replace(notice, ended=None), here, language)
    written: bytes = tostring(rss, encoding="utf-8", xml_declaration=True)
    return written


def _with_days(notice: IncidentInLocalTime) -> IncidentInLocalTime:
    """Add the date to each time of the incident."""
    ended = None if notice.ended is None else Moment(notice.ended.at)
    return replace(notice, since=Moment(notice.since.at), until=Moment(notice.until.at), ended=ended)


def _add_entry(channel: Element, notice: IncidentInLocalTime, here: str, language: Language) -> None:
    said, name = incident_words(notice), f"incident-{notice.incident.id}"
    at = notice.since if notice.ended is None else notice.ended
    entry = SubElement(channel, "item")
    for tag, value in (
        ("title", translate(said.heading, language)),
        ("link", f"{here}#{name}"),
        ("description", " ".join(translate(each, language) for each in said.voter)),
        ("pubDate", format_datetime(at.at)),
    ):
        SubElement(entry, tag).text = value
    over = "-over" if notice.is_over else ""
    SubElement(entry, "guid", isPermaLink="false").text = f"{here}#{name}{over}"


def draw_incident_status_page(notices: Sequence[IncidentInLocalTime], context: PageContext, feed: str) -> str:
    markup = sentence_markup(context.election, context.language, {})
    sheet = text_sheet(words.TITLE, markup, {"page": "status"})
    return render_page(
        "status.html",
        context,
        markup,
        sheet,
        listed=sorted(notices, key=lambda each: each.is_over),
        feed=feed,
        nothing=markup.html(words.NOTHING),
        follow=markup.html(words.FOLLOW),
        about=markup.html(words.ABOUT),
    )
