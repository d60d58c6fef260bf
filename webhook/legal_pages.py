from functools import partial

from flask import Flask, g

from core.app.legal.pages import TextPage
from core.app.services import Services
from webhook.page_context import PageContext, page_context
from webhook.page_frame_rendering import render_page, text_sheet
from webhook.sentence_markup import sentence_markup


def route_legal_pages(app: Flask, services: Services) -> None:
    own = () if services.academy_mailboxes_page is None else (services.academy_mailboxes_page,)
    for page in (*services.legal_pages, *own):
        app.add_url_rule(page.path, page.path, partial(_show, services, page))


def _show(services: Services, page: TextPage) -> str:
    return draw_legal_page(page, page_context(services, g.visit))


def draw_legal_page(page: TextPage, context: PageContext) -> str:
    markup = sentence_markup(context.election, context.language, {})
    sheet = text_sheet(page.title, markup, {})
    return render_page("legal.html", context, markup, sheet, sections=page.sections)
