"""MkDocs's hook: hands it the generated pages, the search's index, the pictures and the handouts; gives each page its frame."""

import os
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page as Drawn

from core.bootstrap import open_house
from guides.book import book_of
from guides.pages import PICTURES
from guides.site import SHELF, Shelf, frame_of

UNASKED = ("sitemap.xml",)
"""What MkDocs adds by itself."""


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """A plain `mkdocs build` builds the help of the election in RETROUVE_DIR, without pictures."""
    if SHELF not in config.extra:
        config.extra[SHELF] = Shelf(book_of(open_house(Path(os.environ.get("RETROUVE_DIR", ".")))))
    config.theme.static_templates.clear()  # no page of errors: the voters' site has its own
    return config


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Nothing of it was ever a file of its own."""
    shelf: Shelf = config.extra[SHELF]
    for name in UNASKED:
        files.remove(files.src_uris[name])
    for page in shelf.pages.values():
        files.append(File.generated(config, page.source, content=page.markdown))
    for name, script in shelf.scripts.items():
        files.append(File.generated(config, name, content=script))
    for path in {picture.path for picture in shelf.pictures.values()}:
        files.append(File.generated(config, f"{PICTURES}/{path}", abs_src_path=str(shelf.folder / path)))
    for handout in shelf.handouts:
        files.append(File.generated(config, handout.path, abs_src_path=str(shelf.handed_from / handout.path)))
    return files


def on_page_context(context: dict[str, Any], *, page: Drawn, config: MkDocsConfig, **_: object) -> dict[str, Any]:
    """What the theme prints around it."""
    shelf: Shelf = config.extra[SHELF]
    return {**context, "frame": frame_of(shelf.pages[page.file.src_uri], shelf.book)}
