"""Numbers that were worked out apart from this code: K22 to K24 of ../shared/known_answers."""

from __future__ import annotations

GUIDE_OF_10, STUDENT_OF_10, STUDENT_SHARE = [5, 10, 10], [0, 2, 20], 0.4680851064
"""Of episodes of 5, 12 and 30 steps."""
FIXED: dict[tuple[int, float, int], list[int]] = {
    (10, 1.0, 90): [90, 80, 70, 60, 50, 40, 30, 20, 10, 0],
    (7, 0.5, 60): [30, 25, 20, 15, 10, 5, 0],
}
"""h by number of stages, first share and frames."""
RELATIVE = {1.0: 91, 0.9: 82, 0.5: 46, 0.1: 9, 0.0: 0}
STAGE_AT = {0: 0, 857: 0, 858: 1, 5142: 5, 5143: 6, 9999: 6}
MIX, MIX_LAST, MIX_MEAN = {0.0: 0.9, 0.1: 0.5458775937, 0.5: 0.07387649876}, 0.006064152299, 0.1787871695

GATE_FIRST, GATE_BEST = 0.85, 0.9
GATE_SCORES = [0.80, 0.86, 0.84, 0.60, 0.62, 0.58, 0.60, 0.84, 0.88, 0.90, 0.90, 0.90]
GATE_STAGES = [0, 1, 1, 1, 0, 0, 0, 0, 0, 1, 1, 2]

SLOTS, OLDEST_FIRST, POINTER = [5, 6, 2, 3, 4], [2, 3, 4, 5, 6], 2
"""Of a ring of five after rows 0 to 6."""
OFFLINE_ROWS = {(256, 0.5): 128, (256, 0.25): 64, (255, 0.5): 127}
