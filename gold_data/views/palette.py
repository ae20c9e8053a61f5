"""Colours that are told apart by the colour-blind too (Okabe and Ito 2008), and what each stands for."""

from __future__ import annotations

ORANGE, SKY, GREEN, YELLOW = "#E69F00", "#56B4E9", "#009E73", "#F0E442"
BLUE, VERMILION, PURPLE, BLACK = "#0072B2", "#D55E00", "#CC79A7", "#000000"
GREY = "#8C8C8C"

DRIVEN = "#6E2F00"
"""Thin and dark: what was driven. The record is wide and pale, so that both are seen where they are one."""
RECORDED = "#F7BE8B"
EGO = VERMILION

ROAD_USERS = {
    "VEHICLE": ("vehicle", BLUE),
    "PEDESTRIAN": ("pedestrian", PURPLE),
    "CYCLIST": ("cyclist", GREEN),
}
OTHER_ROAD_USER = ("other", GREY)

SIGNALS = {
    "GO": ("signal: go", GREEN, "o"),
    "CAUTION": ("signal: caution", YELLOW, "^"),
    "STOP": ("signal: stop", "#C00000", "s"),
    "UNKNOWN": ("signal: unknown", "#DDDDDD", "D"),
}
"""By the last word of the state's name; states have a shape each besides their colour."""

LANE, WHITE_LINE, YELLOW_LINE, EDGE = "#E3E3E3", "#9A9A9A", "#D9A400", "#3A3A3A"
CROSSWALK, CROSSWALK_LINE = "#F1F1F1", "#C4C4C4"
