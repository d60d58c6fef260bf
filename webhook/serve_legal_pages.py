"""The pages that the law asks for: one address each, drawn like every page."""

from functools import partial

from flask import Flask, g

from core.app.legal_pages import TextPage
from core.app.services import Services
from core.text.faces import page_frame_texts as words
from webhook.page_context import page_context
from webhook.page_frame_rendering import PageContext, SheetHeader, page_frame, render_page
from webhook.sentence_markup import sentence_markup


def route_legal_pages(app: Flask, services: Services) -> None:
    """Serve each legal page at its address, and that of the académies' mailboxes where there is one."""
    own = () if services.academy_mailboxes_page is None else (services.academy_mailboxes_page,)
    for page in (*services.legal_pages, *own):
        app.add_url_rule(page.path, page.path, partial(_show, services, page))


def _show(services: Services, page: TextPage) -> str:
    return draw_legal_page(page, page_context(services, g.visit))


def draw_legal_page(page: TextPage, context: PageContext) -> str:
    """Draw a legal page."""
    markup = sentence_markup(context.election, context.language, {})
    sheet = SheetHeader(
        document_title=markup.plain(words.DOCUMENT_TITLE.fill({"title": markup.plain(page.title)})),
        heading=markup.html(page.title),
        meta={},
    )
    return render_page("legal.html", page_frame(context, markup, sheet), sheet, sections=page.sections)
