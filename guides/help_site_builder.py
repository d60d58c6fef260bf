"""Builds the help site with MkDocs and our own theme."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib.resources import files
from pathlib import Path

from mkdocs.commands.build import build
from mkdocs.config import load_config

from core.text.faces import help_page_texts as words
from core.text.faces import page_frame_texts as frame_words
from core.text.text import Language, Text
from core.text.translation import translated_module_sentences
from core.text.urls import HELP_FRONT, HELP_MESSAGES, HELP_SEARCH, HELP_SITUATIONS, help_page_file, tel_link
from guides.handout_files import Handout
from guides.help_pages import HelpPage, markdown_pages
from guides.help_source import HelpSource
from guides.picture_manifest import Picture, PictureRequest
from guides.search_index import index_file_name, index_script

CONFIGURATION = "mkdocs.yml"
BUILD_INPUTS = "build_inputs"
"""Key of the HelpSiteBuildInputs in the `extra` settings of MkDocs."""


@dataclass(frozen=True)
class HelpSiteBuildInputs:
    book: HelpSource
    pictures: Mapping[PictureRequest, Picture] = field(default_factory=dict)
    pictures_folder: Path = Path()
    handouts: Sequence[Handout] = ()
    handouts_folder: Path = Path()
    notice: Text | None = None

    @cached_property
    def pages(self) -> Mapping[str, HelpPage]:
        return {
            page.markdown_file: page for page in markdown_pages(self.book, self.pictures, self.handouts, self.notice)
        }

    @cached_property
    def search_scripts(self) -> Mapping[str, str]:
        """Maps file names to scripts. Each script contains the search index of one language."""
        return {index_file_name(language): index_script(self.book, language) for language in Language}


def theme_variables_of_page(page: HelpPage, help_source: HelpSource) -> Mapping[str, object]:
    """Return the theme's variables for a page. URLs are relative to the site's root."""
    language, election = page.language, help_source.election

    def said(text: Text) -> str:
        return help_source.fill_and_translate(text, language)

    return {
        "language": language,
        "election": election,
        "title": said(frame_words.DOCUMENT_TITLE.fill({"title": page.title})),
        "home": help_page_file(HELP_FRONT, language),
        "search": help_page_file(HELP_SEARCH, language),
        "situations": help_page_file(HELP_SITUATIONS, language),
        "messages": help_page_file(HELP_MESSAGES, language),
        "index": index_file_name(language),
        "calling": tel_link(election.desk_phone),
        "hours": said(Text("{desk_hours}")),
        "contact_links": [(said(text), address) for text, address in election.contact_links],
        "other_languages": [
            {"tag": each.value, "name": name, "address": help_page_file(page.name, each)}
            for each, name in frame_words.AUTONYMS.items()
            if each is not language
        ],
        "words": translated_module_sentences(language, frame_words, words),
    }


def build_site(site_files: HelpSiteBuildInputs, to: Path) -> None:
    """Build the site. Raises mkdocs.exceptions.Abort."""
    # In an installed package, the configuration is inside the folder `guides`. In a checkout, it is beside the folder.
    inside = Path(str(files("guides"))) / CONFIGURATION
    config = load_config(
        str(inside if inside.exists() else inside.parent.parent / CONFIGURATION),
        site_name=site_files.book.election.name,
        site_dir=str(to.resolve()),
        docs_dir=str(files("templates") / "static"),
        theme={"name": None, "custom_dir": str(files("templates") / "guides")},
        hooks=[str(files("guides") / "mkdocs_hook.py")],
        extra={BUILD_INPUTS: site_files},
        strict=True,
    )
    build(config)
