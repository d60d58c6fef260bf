"""MkDocs's hook: it supplies the generated pages, the search index, the pictures and the handouts."""

import os
import shutil
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page as Drawn

from core.app.election_folder import open_services
from core.security.key_roles import ProgramKeyRole
from guides.built_site_files import add_fingerprints, write_site_manifest
from guides.help_pages import PICTURES
from guides.help_site_builder import SHELF, HelpSiteBuildInputs, theme_variables_of_page
from guides.help_source import help_source_of

UNASKED = ("sitemap.xml",)
"""Files that MkDocs adds by itself."""


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Configure a plain `mkdocs build`, which builds the help of the election in RETROUVE_DIR without pictures."""
    if SHELF not in config.extra:
        config.extra[SHELF] = HelpSiteBuildInputs(
            help_source_of(open_services(Path(os.environ.get("RETROUVE_DIR", ".")), ProgramKeyRole.OPERATOR))
        )
    config.theme.static_templates.clear()  # no page of errors: the voters' site has its own
    return config


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add the generated files."""
    shelf: HelpSiteBuildInputs = config.extra[SHELF]
    for name in UNASKED:
        files.remove(files.src_uris[name])
    for page in shelf.pages.values():
        files.append(File.generated(config, page.markdown_file, content=page.markdown))
    for name, script in shelf.search_scripts.items():
        files.append(File.generated(config, name, content=script))
    for handout in shelf.handouts:
        files.append(File.generated(config, handout.path, abs_src_path=str(shelf.handed_from / handout.path)))
    return files


def on_page_context(context: dict[str, Any], *, page: Drawn, config: MkDocsConfig, **_: object) -> dict[str, Any]:
    """Add what the theme prints around the page."""
    shelf: HelpSiteBuildInputs = config.extra[SHELF]
    return {**context, "frame": theme_variables_of_page(shelf.pages[page.file.src_uri], shelf.book)}


def on_post_build(*, config: MkDocsConfig) -> None:
    """Finish the site once every file is there."""
    shelf: HelpSiteBuildInputs = config.extra[SHELF]
    site, election = Path(config.site_dir), shelf.book.election
    (site / PICTURES).mkdir(exist_ok=True)
    for path in {picture.path for picture in shelf.pictures.values()}:
        _link_or_copy(shelf.folder / path, site / PICTURES / path)
    add_fingerprints(site)
    write_site_manifest(site, election=election.name, address=election.site)


def _link_or_copy(source: Path, target: Path) -> None:
    """Link a picture, which is replaced and never changed; copy it where that cannot be, as to another disk."""
    try:
        target.hardlink_to(source)
    except OSError:
        shutil.copyfile(source, target)
