"""Three colour themes that match the web site (`templates/static/retrouve.css`)."""

from textual.theme import Theme


def cursor_colours(background: str, foreground: str, blurred_background: str) -> dict[str, str]:
    return {
        "block-cursor-background": background,
        "block-cursor-foreground": foreground,
        "block-cursor-text-style": "bold",
        "block-cursor-blurred-background": blurred_background,
        "block-cursor-blurred-foreground": foreground,
        "input-selection-background": background,
        "input-selection-foreground": foreground,
        "screen-selection-background": background,
        "screen-selection-foreground": foreground,
    }


DARK = Theme(
    name="retrouve-dark",
    dark=True,
    primary="#8ad3c6",
    secondary="#93d9cd",
    accent="#f2a878",
    warning="#f2c078",
    error="#ff9f98",
    success="#8fd6a4",
    foreground="#ece6d8",
    background="#0e1918",
    surface="#172524",
    panel="#20312f",
    variables={
        "soft": "#b3beb8",
        "line": "#647f7a",
        "mast": "#0b3435",
        "mast-ink": "#f3ecdc",
        "on-primary": "#08211f",
        **cursor_colours("#8ad3c6", "#08211f", "#b3beb8"),
    },
)
LIGHT = Theme(
    name="retrouve-light",
    dark=False,
    primary="#0e4a4b",
    secondary="#0d5a5a",
    accent="#9c3f16",
    warning="#7a4a00",
    error="#a3152a",
    success="#17623a",
    foreground="#182a2a",
    background="#f3eee2",
    surface="#fffdf8",
    panel="#e9e1cf",
    variables={
        "soft": "#4c5b58",
        "line": "#72807a",
        "mast": "#0e4a4b",
        "mast-ink": "#f8f2e4",
        "on-primary": "#fffdf8",
        **cursor_colours("#0e4a4b", "#fffdf8", "#4c5b58"),
    },
)
CONTRAST = Theme(
    name="retrouve-contrast",
    dark=True,
    primary="#ffff00",
    secondary="#00ffff",
    accent="#ffff00",
    warning="#ffd75f",
    error="#ff9d9d",
    success="#5fff87",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#1c1c1c",
    variables={
        "soft": "#e4e4e4",
        "line": "#ffffff",
        "mast": "#ffffff",
        "mast-ink": "#000000",
        "on-primary": "#000000",
        **cursor_colours("#ffff00", "#000000", "#e4e4e4"),
    },
)
THEMES = (DARK, LIGHT, CONTRAST)
