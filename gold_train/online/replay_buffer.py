"""What is learned from: the newest rows, in a ring, and batches drawn from it (algorithms 2.5)."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray

from gold_data import Dataset
from gold_train.chance import Stream, generator
from gold_train.data.named_rows import named_rows
from gold_train.errors import CheckpointError
from gold_train.learners.learner import Transitions
from gold_train.online.offline_rows import OfflineRows
from gold_train.online.rows import Rows
from gold_train.online.segments import drop_segments, read_segment, write_segment
from gold_train.settings.online import ReplaySettings

NAMED: Final = 10_000
"""Batches, the last ones, whose rows can be named."""

COLUMNS: Final = tuple(field.name for field in fields(Rows))
DRAWN: Final = tuple(field.name for field in fields(Transitions))


class ReplayBuffer:
    """A ring of rows, row number n of all in slot n modulo its capacity; its memory is touched only as it fills.

    Batch number b is a function of the seed, of b and of the rows that there are when it is drawn.
    """

    def __init__(
        self,
        settings: ReplaySettings,
        seed: int,
        dataset: Dataset | None,
        columns: NDArray[np.int64],
        device: str | torch.device = "cpu",
        scenes: Sequence[str] = (),
    ) -> None:
        """`columns` of the dataset's observations are read where its rows are mixed in; `scenes` are the tasks' names.
        Without a dataset nothing is mixed in.

        Raises DatasetError and OutputError as OfflineRows does.
        """
        self._capacity, self._seed, self._device = settings.capacity, seed, torch.device(device)
        self._scenes = scenes
        offline = int(settings.offline_share * settings.batch_size) if dataset else 0
        self._offline = OfflineRows(dataset, columns) if dataset and offline else None
        self._drawn = (offline, settings.batch_size - offline)
        self._ring: dict[str, NDArray[Any]] = {}
        self.added = 0
        """Rows that ever came."""
        self._segments: list[dict[str, Any]] = []
        self._batches: deque[tuple[int, int]] = deque(maxlen=NAMED)  # number, rows added when it was drawn

    def __len__(self) -> int:
        return min(self.added, self._capacity)

    def add(self, rows: Rows) -> None:
        """Put rows into the ring, in their order; the oldest make room. All have the columns that the first have."""
        self._put({name: values for name in COLUMNS if (values := getattr(rows, name)) is not None})

    def batch(self, number: int) -> Transitions:
        """Batch number `number`: rows of the dataset first, as many as `offline_share` says, then rows of the ring.

        Those of the dataset count as guided: the student did not make them. Raises IndexError for an empty ring.
        """
        offline, _ = self._drawn
        self._batches.append((number, self.added))
        slots, places = self._slots(number, len(self))
        drawn = [name for name in DRAWN if name in self._ring]
        tensors = {name: torch.from_numpy(np.take(self._ring[name], slots, axis=0)) for name in drawn}
        if self._offline is not None and offline:
            demonstrated = self._offline.at(places)
            tensors = {name: torch.cat((demonstrated[name], tensor)) for name, tensor in tensors.items()}
        tensors = {name: tensor.to(self._device, non_blocking=True) for name, tensor in tensors.items()}
        return Transitions(**tensors | {"terminated": tensors["terminated"].float()})

    def indices(self, number: int) -> NDArray[np.int64]:
        """(n,) slots of the ring that batch `number` would take now."""
        return self._slots(number, len(self))[0]

    def named(self, number: int) -> str:
        """Scenes and steps that batch `number`, one of the last ones, was made of, to find what a loss broke on."""
        added = dict(self._batches).get(number)
        if added is None:
            return f"batch {number}, which was drawn too long ago to say of which rows"
        slots, _ = self._slots(number, min(added, self._capacity))
        # The slot may hold another row by now: the one that came a capacity later.
        newest = added - 1 - (added - 1 - slots) % self._capacity
        kept = slots[newest + self._capacity >= self.added]
        scenes = self._ring["scenes"][kept].tolist()
        names = [self._scenes[scene] if self._scenes else f"scene {scene}" for scene in scenes]
        words = [named_rows(names, self._ring["timesteps"][kept].astype(np.int64))] if names else []
        if len(kept) < len(slots):
            words.append(f"{len(slots) - len(kept)} rows that have made room since")
        if self._offline is not None:
            words.append(f"{self._drawn[0]} rows of the dataset")
        return ", and ".join(words)

    def measured(self) -> dict[str, float]:
        """How many rows there are, the share of them with cost, and the share that the guide made."""
        count = len(self)
        if not count:
            return {"buffer_rows": 0, "buffer_cost_share": 0.0, "buffer_guided_share": 0.0}
        return {
            "buffer_rows": count,
            "buffer_cost_share": float(np.count_nonzero(self._ring["costs"][:count]) / count),
            "buffer_guided_share": float(np.count_nonzero(self._ring["guided"][:count]) / count),
        }

    def save(self, folder: Path) -> dict[str, Any]:
        """Write the rows that came since the last time into a segment of their own; what `restore` is to be given.

        Segments of which nothing is left in the ring are no longer named; `drop_unneeded` deletes them, once what this
        gave is kept. Raises OutputError when the disk takes no more.
        """
        oldest = self.added - len(self)
        saved = self._segments[-1]["stop"] if self._segments else 0
        if self.added > saved:
            first = max(saved, oldest)
            slots = np.arange(first, self.added) % self._capacity
            self._segments.append(write_segment(folder, first, self._rows_at(slots)))
        self._segments = [segment for segment in self._segments if segment["stop"] > oldest]
        return {"added": self.added, "segments": [dict(segment) for segment in self._segments]}

    def drop_unneeded(self, folder: Path) -> None:
        """Delete the segments that the last `save` did not name: overwritten ones, and leftovers of a kill."""
        drop_segments(folder, keep=self._segments)

    def restore(self, folder: Path, state: Mapping[str, Any]) -> None:
        """Fill the ring as it was. Raises CheckpointError for a segment that is missing, damaged or another."""
        try:
            added, segments = int(state["added"]), [dict(segment) for segment in state["segments"]]
            for segment in segments:
                rows = read_segment(folder, segment)
                self.added = int(segment["first"])
                self._put(rows)
        except (KeyError, TypeError, ValueError) as error:
            raise CheckpointError(f"{folder}: the buffer's state cannot be read ({error}); take another run") from error
        if self.added != added:
            raise CheckpointError(f"{folder}: its segments end at row {self.added}, {added} are due; take another run")
        self._segments = segments

    def _slots(self, number: int, rows: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Slots of the ring, when it had so many rows, and places in the dataset."""
        if not rows:
            raise IndexError("there is no row to draw yet")
        offline, online = self._drawn
        chance = generator(self._seed, Stream.BATCHES, number)
        slots = chance.integers(0, rows, online)
        return slots, chance.integers(0, len(self._offline), offline) if self._offline else np.zeros(0, np.int64)

    def _rows_at(self, slots: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
        return {name: self._ring[name][slots] for name in COLUMNS if name in self._ring}

    def _put(self, rows: Mapping[str, NDArray[Any]]) -> None:
        count = len(rows["rewards"])
        kept = min(count, self._capacity)
        first = (self.added + count - kept) % self._capacity
        before_wrap = min(kept, self._capacity - first)
        for name, values in rows.items():
            if name not in self._ring:
                # The system gives memory of zeros where it is first written.
                self._ring[name] = np.zeros((self._capacity, *values.shape[1:]), values.dtype)
            newest = values[count - kept :]
            self._ring[name][first : first + before_wrap] = newest[:before_wrap]
            self._ring[name][: kept - before_wrap] = newest[before_wrap:]
        self.added += count
