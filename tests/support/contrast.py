from collections.abc import Iterable


def contrast(one: Iterable[int], other: Iterable[int]) -> float:
    """Return the contrast ratio of two RGB colours, as WCAG 2.2 (1.4.3) defines it."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: Iterable[int]) -> float:
    parts = (part / 255 for part in colour)
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
