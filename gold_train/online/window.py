"""What was measured since the last row of metrics.jsonl."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any

import torch

from gold_train.online.episodes import Ended


@dataclass
class Window:
    """Measurements of updates, by name, and of episodes that ended; part of a state, so that saving changes no row."""

    updates: dict[str, list[torch.Tensor]] = field(default_factory=dict)
    episodes: list[Ended] = field(default_factory=list)

    def add_updates(self, measured: Sequence[Mapping[str, torch.Tensor]]) -> None:
        """Take in what updates gave, scalars by name."""
        for each in measured:
            for name, value in each.items():
                self.updates.setdefault(name, []).append(value.detach())

    def add_episodes(self, ended: Sequence[Ended]) -> None:
        """Take in episodes that ended."""
        self.episodes.extend(ended)

    def means(self) -> dict[str, Any]:
        """Means over updates and over episodes, the latter named `episode_..`; what was not measured is not there."""
        means = {name: float(torch.stack(values).double().mean()) for name, values in sorted(self.updates.items())}
        rows = [asdict(episode) for episode in self.episodes]
        names = [each.name for each in fields(Ended) if each.name != "scene"] if rows else []
        of_episodes = {f"episode_{name}": sum(float(row[name]) for row in rows) / len(rows) for name in names}
        return {"episodes": len(rows)} | of_episodes | means

    def told(self) -> str:
        """The window in a few words, for who looks on."""
        if not self.episodes:
            return "no episode ended"
        count = len(self.episodes)
        success = sum(episode.success for episode in self.episodes) / count
        cost = sum(episode.cost for episode in self.episodes) / count
        return f"{count} episodes, success {success:.2f}, cost {cost:.2f}"

    def tensors(self) -> dict[str, torch.Tensor]:
        """All of it, by name."""
        kept = {f"updates.{name}": torch.stack(values).cpu() for name, values in self.updates.items()}
        rows = [[float(value) for value in asdict(episode).values()] for episode in self.episodes]
        return kept | {"episodes": torch.tensor(rows, dtype=torch.float64)}

    @classmethod
    def of(cls, tensors: Mapping[str, torch.Tensor]) -> Window:
        """What `tensors` gave."""
        made = cls()
        for name, values in tensors.items():
            if name.startswith("updates."):
                made.updates[name.removeprefix("updates.")] = list(values)
        names = [each.name for each in fields(Ended)]
        for row in tensors["episodes"].tolist():
            made.episodes.append(Ended(**dict(zip(names, row, strict=True))))
        return made
