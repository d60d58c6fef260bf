"""MkDocs hooks that add our pages, pictures and handouts to the help site."""

import os
import shutil
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from core.app.election_folder import open_services
from core.security.key_roles import ProgramKeyRole
from guides.built_site_files import add_fingerprints, write_site_manifest
from guides.help_pages import PICTURES
from guides.help_site_builder import BUILD_INPUTS, HelpSiteBuildInputs, theme_variables_of_page
from guides.help_source import help_source_of

UNWANTED_FILES = ("sitemap.xml",)
"""Files that MkDocs adds to the site and that we remove."""


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Configure the build. A plain `mkdocs build` uses the election in RETROUVE_DIR."""
    if BUILD_INPUTS not in config.extra:
        config.extra[BUILD_INPUTS] = HelpSiteBuildInputs(
            help_source_of(open_services(Path(os.environ.get("RETROUVE_DIR", ".")), ProgramKeyRole.OPERATOR))
        )
    config.theme.static_templates.clear()  # no 404 page: the voters' site has its own
    return config


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    inputs: HelpSiteBuildInputs = config.extra[BUILD_INPUTS]
    for name in UNWANTED_FILES:
        files.remove(files.src_uris[name])
    for page in inputs.pages.values():
        files.append(File.generated(config, page.markdown_file, content=page.markdown))
    for name, script in inputs.search_scripts.items():
        files.append(File.generated(config, name, content=script))
    for handout in inputs.handouts:
        files.append(File.generated(config, handout.path, abs_src_path=str(inputs.handouts_folder / handout.path)))
    return files


def on_page_context(context: dict[str, Any], *, page: Page, config: MkDocsConfig, **_: object) -> dict[str, Any]:
    inputs: HelpSiteBuildInputs = config.extra[BUILD_INPUTS]
    return {**context, "frame": theme_variables_of_page(inputs.pages[page.file.src_uri], inputs.book)}


def on_post_build(*, config: MkDocsConfig) -> None:
    inputs: HelpSiteBuildInputs = config.extra[BUILD_INPUTS]
    site, election = Path(config.site_dir), inputs.book.election
    (site / PICTURES).mkdir(exist_ok=True)
    for path in {picture.path for picture in inputs.pictures.values()}:
        _link_or_copy(inputs.pictures_folder / path, site / PICTURES / path)
    add_fingerprints(site)
    write_site_manifest(site, election=election.name, address=election.site)


def _link_or_copy(source: Path, target: Path) -> None:
    try:
        target.hardlink_to(source)
    except OSError:
        shutil.copyfile(source, target)
