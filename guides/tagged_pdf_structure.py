"""Completes the tags that WeasyPrint writes in a PDF (ISO 14289-1, PDF/UA)."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pydyf

HEADER = pydyf.Dictionary({"Type": "/Pagination"})


class TaggedPdfFinisher:
    """Completes the tags of a PDF. `terms` says how many values each term in the list has."""

    def __init__(self, pdf: pydyf.PDF, names: Mapping[str, str], terms: Sequence[int]) -> None:
        self._pdf = pdf
        self._names = names
        self._terms = terms
        self._parents: pydyf.Array = self._object(self._root["ParentTree"])["Nums"]

    def finish(self) -> None:
        self._mark_artifacts()
        self._merge_links()
        self._pair_terms()

    @property
    def _root(self) -> Any:  # noqa: ANN401  # pydyf ships no types
        return self._object(self._pdf.catalog["StructTreeRoot"])

    def _object(self, reference: bytes) -> Any:  # noqa: ANN401
        return self._pdf.objects[int(reference.split()[0])]

    def _kids(self, element: Any) -> list[Any]:  # noqa: ANN401
        return [self._object(kid) for kid in element.get("K", ()) if isinstance(kid, bytes)]

    def _elements(self, element: Any) -> Iterator[Any]:  # noqa: ANN401
        yield element
        for kid in self._kids(element):
            yield from self._elements(kid)

    # ── Headers and footers ──────────────────────────────────────────────────────────────────────────────

    def _mark_artifacts(self) -> None:
        """Mark headers and footers as artifacts, so that screen readers skip them."""
        tagged = {each.reference for each in self._elements(self._root)}
        for number, page in enumerate(self._pdf.page_references):
            elements = self._parents[2 * number + 1]
            untagged = {mcid for mcid, reference in enumerate(elements) if reference not in tagged}
            elements[:] = ["null" if mcid in untagged else each for mcid, each in enumerate(elements)]
            content = self._object(self._object(page)["Contents"]).stream
            for place, each in enumerate(content):
                if isinstance(each, dict) and each.get("MCID") in untagged:
                    content[place - 1 : place + 1] = "/Artifact", HEADER

    # ── Links ────────────────────────────────────────────────────────────────────────────────────────────

    def _merge_links(self) -> None:
        """Merge overlapping links, and name each link for screen readers."""
        removed: set[bytes] = set()
        for link in self._outer_links(self._root):
            found = [each for each in self._elements(link) if each.get("Type") == "/OBJR"]
            if not found:  # a broken link, which WeasyPrint has logged
                continue
            first, *others = found
            removed |= {each["Obj"] for each in others}
            doubles = {each.reference for each in others}
            for each in self._elements(link):
                if "K" in each:
                    each["K"][:] = [kid for kid in each["K"] if kid not in doubles]
                if each is not link and each.get("S") == "/Link":
                    each["S"] = "/Span"
            annotation = self._object(first["Obj"])
            target = annotation["Dest"] if "Dest" in annotation else annotation["A"]["URI"]
            annotation["Contents"] = pydyf.String(self._names.get(target.string, target.string))
        self._remove_annotations(removed)

    def _outer_links(self, element: Any) -> Iterator[Any]:  # noqa: ANN401
        for kid in self._kids(element):
            if kid.get("S") == "/Link":
                yield kid
            else:
                yield from self._outer_links(kid)

    def _remove_annotations(self, removed: set[bytes]) -> None:
        gone = {self._object(each)["StructParent"] for each in removed}
        pairs = zip(self._parents[::2], self._parents[1::2], strict=True)
        self._parents[:] = [each for number, element in pairs if number not in gone for each in (number, element)]
        for reference in self._pdf.page_references:
            page = self._object(reference)
            if "Annots" in page:
                page["Annots"][:] = [each for each in page["Annots"] if each not in removed]

    # ── Definition lists ─────────────────────────────────────────────────────────────────────────────────

    def _pair_terms(self) -> None:
        """Put each term and its values into one list item."""
        if not self._terms:
            return
        facts = next(each for each in self._elements(self._root) if each.get("S") == "/L")
        items = iter(self._kids(facts))
        kept = []
        for count in self._terms:
            item = next(items)
            kept.append(item.reference)
            self._kids(item)[0]["S"] = "/Lbl"
            for value in (next(items) for _ in range(count)):
                for body in self._kids(value):
                    body["P"] = item.reference
                    item["K"].append(body.reference)
        facts["K"][:] = kept
        facts["A"] = pydyf.Dictionary({"O": "/List", "ListNumbering": "/None"})
