"""Colours that are told apart by the colour-blind too (Okabe and Ito 2008), and what each stands for."""

from __future__ import annotations

ORANGE, SKY, GREEN, YELLOW = "#E69F00", "#56B4E9", "#009E73", "#F0E442"
BLUE, VERMILION, PURPLE, BLACK = "#0072B2", "#D55E00", "#CC79A7", "#000000"
GREY, NAVY, RED = "#8C8C8C", "#003B5C", "#C00000"

DRIVEN = "#6E2F00"
"""Thin and dark: what was driven. The record is wide and pale, so that both are seen where they are one."""
RECORDED = "#F7BE8B"
RECORDED_POSE = "#B0641E"
EGO = VERMILION
INCIDENT = "#B0005C"
"""Where what is spoken of happened."""

ROAD_USERS = {
    "VEHICLE": ("vehicle", BLUE),
    "LONG_VEHICLE": ("vehicle over 7 m", NAVY),
    "SDC": ("the record's own car", SKY),
    "PEDESTRIAN": ("pedestrian", PURPLE),
    "CYCLIST": ("cyclist", GREEN),
}
"""By `RoadUser.kind`; a pedestrian is round besides, and a cyclist as slim as he is."""
OTHER_ROAD_USER = ("other", GREY)

SIGNALS = {
    "GO": ("signal: go", GREEN, "o"),
    "CAUTION": ("signal: caution", YELLOW, "^"),
    "STOP": ("signal: stop", RED, "s"),
    "UNKNOWN": ("signal: unknown", "#DDDDDD", "D"),
}
"""By the last word of the state's name; states have a shape each besides their colour."""

LANE, WHITE_LINE, YELLOW_LINE, EDGE = "#E3E3E3", "#9A9A9A", "#D9A400", "#3A3A3A"
BIKE_LANE = "#9AD4C1"

AREAS = {
    "DRIVEWAY": ("driveway", "#F6EFE4", "#DCCDB4", ""),
    "CROSSWALK": ("crosswalk", "#F1F1F1", "#C4C4C4", "////"),
    "SPEED_BUMP": ("speed bump", "#FFF3C4", "#B58900", "||||"),
}
"""By the feature's type, the lowest first: word, face, edge, hatch."""
