"""Record the product's functions that are on the stack when a given function is called."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).parents[2]
OURS = tuple(f"{ROOT / name}{'/'}" for name in ("core", "webhook"))


@contextmanager
def functions_leading_to(called: Callable[[object], bool], *, since: str) -> Iterator[list[str]]:
    """Collect the functions from `since` on that lead to such calls of C functions, in the order of their first call."""
    found: list[str] = []

    def profile(frame: FrameType, event: str, function: object) -> None:
        if event == "c_call" and called(function):
            stack = list(_names(frame))[::-1]
            if since in stack:
                found.extend(name for name in stack[stack.index(since) :] if name not in found)

    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        yield found
    finally:
        sys.setprofile(before)


def _names(frame: FrameType | None) -> Iterator[str]:
    while frame is not None:
        code = frame.f_code
        if code.co_filename.startswith(OURS):
            module = Path(code.co_filename).relative_to(ROOT).with_suffix("")
            yield f"{'.'.join(module.parts)}.{code.co_qualname}"
        frame = frame.f_back


def written(title: str) -> list[str]:
    """Return the functions listed under that title in docs/call-paths.md."""
    text = (ROOT / "docs" / "call-paths.md").read_text(encoding="utf-8")
    section = text.partition(f"## {title}\n")[2].partition("\n## ")[0]
    return [line.split("`")[1] for line in section.splitlines() if line[:1].isdigit()]
