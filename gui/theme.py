"""Colors by role: the dark theme's tokens. Blue is selected or adjustable, amber flagged, red "look", gray calm."""

COLORS: dict[str, str] = {
    "room": "#0c0d0f",
    "picture": "#000000",
    "panel": "#131519",
    "raised": "#1b1e24",
    "line": "#262a31",
    "text": "#d5d9e0",
    "dim": "#868d9a",
    "faint": "#7d8593",
    "accent": "#6db3e8",
    "flag": "#e7a84a",
    "stop": "#d9735f",
}
