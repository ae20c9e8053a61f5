"""The loop that every offline training shares: update, measure, save, drive the validation scenes, stop where asked."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rich.console import Console

from gold_train.checkpoint import BEST, save_policy
from gold_train.data.batch import Batches
from gold_train.errors import StoppedError, TrainingError
from gold_train.offline.schedule import learning_rate
from gold_train.offline.state import Moments, Progress, save_state
from gold_train.offline.update import Updates
from gold_train.policies.policy import Policy
from gold_train.runs.best import Best
from gold_train.runs.board import AddRow, open_board
from gold_train.runs.clock import Clock
from gold_train.runs.folder import BOARD, LAST, METRICS, SPEED
from gold_train.runs.judging import judge
from gold_train.runs.metrics_file import MetricsFile
from gold_train.runs.shown import Shown
from gold_train.runs.stopping import Stop, StopAskedError
from gold_train.runs.validation import Validate
from gold_train.settings import OfflineRun


@dataclass(frozen=True)
class Start:
    """Where a training begins, or goes on: a policy with its step, and what the optimiser and the job know by then."""

    policy: Policy
    moments: Moments
    progress: Progress


class Training:
    """The training of one policy in one run's folder, up to the number of updates that its settings say."""

    def __init__(
        self,
        run: Path,
        start: Start,
        settings: OfflineRun,
        batches: Batches,
        validate: Validate | None,
        device: torch.device,
    ) -> None:
        """`validate` drives the validation scenes; without it the last policy is the best."""
        self._run, self._policy, self._progress = run, start.policy, start.progress
        self._optimiser, self._settings = settings.optimiser, settings.training
        self._step = start.policy.step
        self._batches, self._validate = batches, validate
        self._updates = Updates(start.policy.network, settings, device)
        self._updates.restore(start.moments)
        self._losses = list(start.progress.losses.to(device))
        self._norms = list(start.progress.norms.to(device))
        self._stop, self._clock = Stop(), Clock()

    def go_on(self, console: Console) -> Best | None:
        """Train to the end; give which checkpoint drove best.

        Raises StoppedError after a signal, saved; TrainingError for a loss that is no number, with the state before it
        saved; OutputError where the disk takes no more.
        """
        settings, steps = self._settings, self._settings.steps
        with ExitStack() as stack:
            self._metrics = stack.enter_context(MetricsFile(self._run / METRICS, self._progress.metrics_bytes))
            self._speed = stack.enter_context(MetricsFile(self._run / SPEED))
            self._board: AddRow | None = open_board(self._run / BOARD, self._step) if settings.tensorboard else None
            title = f"{self._policy.settings.kind} {self._run.name}"
            self._shown = stack.enter_context(Shown(title, "updates", self._step, steps, self._clock, console))
            stack.enter_context(self._stop.listening())
            while True:
                if self._validation_is_due():
                    self._drive_validation()
                if self._step >= steps:
                    break
                if self._stop.asked:
                    self._save()
                    raise self._stopped()
                self._make_update()
                if self._step % settings.log_every == 0 or self._step == steps:
                    self._write_means()
                if self._step % settings.save_every == 0:
                    self._save()
            if self._validate is None:
                save_policy(self._run / BEST, self._now())
            self._save()
        return self._progress.best

    def _now(self) -> Policy:
        return replace(self._policy, step=self._step)

    def _make_update(self) -> None:
        with self._clock.spending("data"):
            batch = self._batches.batch(self._step)
        with self._clock.spending("update"):
            loss, norm = self._updates.update(batch, self._step)
        self._losses.append(loss)
        self._norms.append(norm)
        self._step += 1

    def _write_means(self) -> None:
        losses, norms = self._checked()
        loss = float(losses.double().mean())
        self._add(
            {
                "step": self._step,
                "kind": "train",
                "loss": loss,
                "gradient_norm": float(norms.double().mean()),
                "learning_rate": learning_rate(self._optimiser, self._settings.steps, self._step - 1),
            }
        )
        self._losses, self._norms = [], []
        spent = {work: round(seconds, 3) for work, seconds in self._clock.spent.items()}
        self._speed.add({"step": self._step, "all": round(self._clock.seconds, 3)} | spent)
        self._shown.update(self._step, f"loss {loss:.5f}")

    def _checked(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Losses and norms since the last row, on the CPU. Raises TrainingError for one that is no number."""
        if not self._losses:
            return torch.zeros(0), torch.zeros(0)
        losses, norms = torch.stack(self._losses).cpu(), torch.stack(self._norms).cpu()
        broken = np.flatnonzero(~(losses.isfinite() & norms.isfinite()).numpy())
        if len(broken):
            number = self._step - len(losses) + int(broken[0])
            raise TrainingError(
                f"{self._run}: update {number} gave the loss {float(losses[broken[0]])} and gradients of norm "
                f"{float(norms[broken[0]])}, on windows that end in {self._batches.rows(number)}; look at these, or "
                f"lower optimiser.learning_rate and begin another run ({LAST} is from before)"
            )
        return losses, norms

    def _save(self) -> None:
        losses, norms = self._checked()
        with self._clock.spending("saving"):
            self._progress = replace(self._progress, metrics_bytes=self._metrics.written(), losses=losses, norms=norms)
            save_state(self._run / LAST, self._now(), self._updates.moments(), self._progress)

    def _validation_is_due(self) -> bool:
        if self._validate is None or self._step in (0, self._progress.evaluated):
            return False
        return self._step % self._settings.evaluate_every == 0 or self._step == self._settings.steps

    def _drive_validation(self) -> None:
        assert self._validate is not None
        policy = self._now()
        # Saved before, so that a signal may end the drives where it comes: going on begins with them.
        self._save()
        try:
            with self._clock.spending("validation"), self._stop.at_once():
                judged = judge(self._run, policy, self._validate, self._progress.best, "updates")
        except StopAskedError:
            raise self._stopped() from None
        self._add(judged.row)
        self._progress = replace(self._progress, best=judged.best, evaluated=policy.step)
        self._save()
        self._shown.say(judged.told)

    def _add(self, row: Mapping[str, Any]) -> None:
        self._metrics.add(row)
        if self._board:
            self._board(row)

    def _stopped(self) -> StoppedError:
        return self._stop.error(self._run, self._step, self._settings.steps, "updates")
