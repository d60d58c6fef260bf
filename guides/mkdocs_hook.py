"""The MkDocs hook that adds the generated pages, search index, pictures and handouts."""

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
"""Files that MkDocs adds and we remove."""


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Configure the build. A plain `mkdocs build` builds the help of the election in RETROUVE_DIR without pictures."""
    if SHELF not in config.extra:
        config.extra[SHELF] = HelpSiteBuildInputs(
            help_source_of(open_services(Path(os.environ.get("RETROUVE_DIR", ".")), ProgramKeyRole.OPERATOR))
        )
    config.theme.static_templates.clear()  # no 404 page: the voters' site has its own
    return config


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
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
    shelf: HelpSiteBuildInputs = config.extra[SHELF]
    return {**context, "frame": theme_variables_of_page(shelf.pages[page.file.src_uri], shelf.book)}


def on_post_build(*, config: MkDocsConfig) -> None:
    """Add the pictures and fingerprints, and write the manifest."""
    shelf: HelpSiteBuildInputs = config.extra[SHELF]
    site, election = Path(config.site_dir), shelf.book.election
    (site / PICTURES).mkdir(exist_ok=True)
    for path in {picture.path for picture in shelf.pictures.values()}:
        _link_or_copy(shelf.folder / path, site / PICTURES / path)
    add_fingerprints(site)
    write_site_manifest(site, election=election.name, address=election.site)


def _link_or_copy(source: Path, target: Path) -> None:
    """Hard-link a picture, or copy it if linking fails, for example to another disk.

    Linking is safe because picture files are replaced and never changed.
    """
    try:
        target.hardlink_to(source)
    except OSError:
        shutil.copyfile(source, target)
