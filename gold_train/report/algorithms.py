"""The algorithms of the paper's driving row, and what it says of them (arXiv 2309.09408, Table I, MetaDrive-Waymo)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

AWR, PATHWISE = "awr", "pathwise"
ACTORS: Final = (AWR, PATHWISE)
BC, DT, IQL, CVPO = "bc", "dt", "iql", "cvpo"


@dataclass(frozen=True)
class Printed:
    """A column of the paper's row; what is behind its +- is not said (algorithms 1)."""

    returned: float
    returned_sd: float
    cost: float
    cost_sd: float
    success: float  # share


@dataclass(frozen=True)
class Algorithm:
    """What trained a policy, who guided it, and how an IQL student climbs its critics."""

    kind: str  # bc, dt, iql, cvpo
    guide: str | None = None  # dt, bc; None: nobody, from scratch
    actor: str | None = None  # awr, pathwise, of IQL alone

    @property
    def column(self) -> str:
        """The paper's column, where it has one: IQL's two actors share it."""
        own = self.kind.upper()
        return own if self.guide is None else f"GOLD ({self.guide.upper()}-{own})"

    @property
    def name(self) -> str:
        """The column, and IQL's actor."""
        return self.column if self.actor is None else f"{self.column} {self.actor}"

    @property
    def paper(self) -> Printed | None:
        """What the paper has of it."""
        return PAPER.get(self.column)


PAPER: Final[Mapping[str, Printed]] = {
    "BC": Printed(115.78, 132.89, 1.14, 1.96, 0.53),
    "DT": Printed(133.48, 190.50, 1.25, 1.92, 0.54),
    "IQL": Printed(26.29, 68.82, 2.57, 2.36, 0.40),
    "CVPO": Printed(113.48, 163.84, 1.05, 1.84, 0.58),
    "GOLD (BC-IQL)": Printed(141.93, 189.54, 1.03, 1.85, 0.63),
    "GOLD (DT-CVPO)": Printed(115.66, 163.18, 1.25, 2.07, 0.62),
    "GOLD (DT-IQL)": Printed(143.69, 175.98, 1.15, 2.05, 0.73),
}


def _with_actors(kind: str, guide: str | None) -> list[Algorithm]:
    return [Algorithm(kind, guide, actor) for actor in ACTORS] if kind == IQL else [Algorithm(kind, guide)]


ALGORITHMS: Final[tuple[Algorithm, ...]] = tuple(
    one
    for kind, guide in ((BC, None), (DT, None), (IQL, None), (CVPO, None), (IQL, BC), (CVPO, BC), (CVPO, DT), (IQL, DT))
    for one in _with_actors(kind, guide)
)
"""In the paper's order; GOLD (BC-CVPO) is not in it, and can be trained."""
