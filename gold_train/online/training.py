"""Algorithm 1, round by round: all environments make a step, the learner its updates, the rows go into the buffer."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from rich.console import Console

from gold_train.checkpoint import BEST, save_policy
from gold_train.errors import StoppedError, TrainingError
from gold_train.learners.learner import Learner
from gold_train.online.curriculum import Curriculum
from gold_train.online.explorer import Explorer
from gold_train.online.gate import Gate
from gold_train.online.replay_buffer import ReplayBuffer
from gold_train.online.rollouts import Rollouts
from gold_train.online.state import Progress, Saved, save_online
from gold_train.online.window import Window
from gold_train.policies.policy import Policy
from gold_train.runs.best import Best
from gold_train.runs.board import AddRow, open_board
from gold_train.runs.clock import Clock
from gold_train.runs.folder import BOARD, BUFFER, LAST, METRICS, SPEED
from gold_train.runs.judging import judge
from gold_train.runs.metrics_file import MetricsFile
from gold_train.runs.shown import Shown
from gold_train.runs.stopping import Stop, StopAskedError
from gold_train.runs.validation import Validate
from gold_train.settings import OnlineRun


@dataclass(frozen=True)
class Parts:
    """Who takes part; each keeps its own state, and gives and takes it itself."""

    learner: Learner
    explorer: Explorer
    rollouts: Rollouts
    curriculum: Curriculum
    buffer: ReplayBuffer
    gate: Gate | None  # drives the scenes that a gated curriculum goes by


class GuidedTraining:
    """The training of one student in one run's folder, up to the environment steps that its settings say.

    A round's step is made in a second thread, by the student as it was when the round began, while the learner makes
    the updates that the rows so far are worth: what is learned does not depend on which of the two is faster.
    """

    def __init__(
        self,
        run: Path,
        policy: Policy,
        settings: OnlineRun,
        parts: Parts,
        progress: Progress,
        window: Window,
        validate: Validate | None,
    ) -> None:
        """`policy` has the learner's student for its network; without `validate` the last student is the best."""
        self._run, self._policy, self._settings = run, policy, settings
        self._parts, self._progress, self._window = parts, progress, window
        self._validate = validate
        self._stop, self._clock = Stop(), Clock()

    def go_on(self, console: Console) -> Best | None:
        """Train to the end; give which checkpoint drove best.

        Raises StoppedError after a signal, saved; TrainingError for what is no number, with the last state before it
        as it was; OutputError where the disk takes no more.
        """
        training = self._settings.training
        with ExitStack() as stack:
            self._metrics = stack.enter_context(MetricsFile(self._run / METRICS, self._progress.metrics_bytes))
            self._speed = stack.enter_context(MetricsFile(self._run / SPEED))
            self._board: AddRow | None = (
                open_board(self._run / BOARD, self._progress.steps) if training.tensorboard else None
            )
            title = f"{self._settings.kind} {self._run.name}"
            done = self._progress.steps
            self._shown = stack.enter_context(Shown(title, "steps", done, training.steps, self._clock, console))
            beside = stack.enter_context(
                ThreadPoolExecutor(1, initializer=torch.set_num_threads, initargs=(training.threads or 1,))
            )
            stack.enter_context(self._stop.listening())
            while True:
                if self._validate and self._is_due(training.evaluate_every, self._progress.evaluated):
                    self._drive_validation()
                if self._progress.steps >= training.steps:
                    break
                if self._stop.asked:
                    self._save(self._metrics.written())
                    raise self._stopped()
                self._round(beside)
                if self._is_due(training.log_every, self._progress.logged):
                    self._write_means()
                if self._is_due(training.save_every, self._progress.saved):
                    self._save(self._metrics.written())
            if self._validate is None:
                save_policy(self._run / BEST, self._now())
        return self._progress.best

    def save_start(self) -> None:
        """Write the state before the first step."""
        self._save(metrics_bytes=0)

    def _now(self) -> Policy:
        return replace(self._policy, step=self._progress.steps)

    def _is_due(self, every: int, before: int) -> bool:
        """Whether a multiple of `every` steps was passed since `before`, or the end was reached since."""
        steps = self._progress.steps
        at_end = steps >= self._settings.training.steps and before < steps
        return steps // every > before // every or at_end

    def _round(self, beside: Executor) -> None:
        parts, steps = self._parts, self._progress.steps
        if parts.gate and parts.gate.due(steps):
            with self._clock.spending("gate"):
                self._add({"step": steps, "kind": "gate"} | parts.gate.drive(self._now()))
        parts.explorer.follow(parts.learner.student)
        collected = beside.submit(parts.rollouts.step, parts.explorer, steps)
        with self._clock.spending("update"):
            updates = self._make_updates()
        with self._clock.spending("waiting for rollouts"):
            rows, ended = collected.result()
        with self._clock.spending("buffer"):
            parts.buffer.add(rows)
        self._window.add_episodes(ended)
        parts.learner.told([episode.cost for episode in ended])
        self._progress = replace(self._progress, steps=steps + len(rows.rewards), updates=updates)
        for refused in parts.rollouts.refusals():
            self._shown.say(f"{refused}; the run goes on without it")

    def _make_updates(self) -> int:
        """Make the updates that are due after so many steps; how many are made by then."""
        parts, progress, settings = self._parts, self._progress, self._settings
        replay, distillation = settings.replay, settings.distillation
        due = int((progress.steps - replay.start) * replay.updates_per_step) if progress.steps >= replay.start else 0
        weight = distillation.coefficient * max(parts.curriculum.share(progress.steps), distillation.stays)
        measured: dict[int, Mapping[str, torch.Tensor]] = {}
        for number in range(progress.updates, due):
            batch = parts.buffer.batch(number)
            if number < distillation.alignment:
                measured[number] = parts.learner.align(batch, number)
            else:
                measured[number] = parts.learner.update(batch, number, weight, measure=number == due - 1)
        self._check(measured)
        self._window.add_updates(list(measured.values()))
        return max(due, progress.updates)

    def _check(self, measured: Mapping[int, Mapping[str, torch.Tensor]]) -> None:
        """Raise TrainingError for an update that gave what is no number."""
        flat = [(number, name, one) for number, each in measured.items() for name, one in each.items()]
        if not flat:
            return
        finite = torch.stack([one for *_, one in flat]).isfinite().tolist()
        broken = next((found for found, fine in zip(flat, finite, strict=True) if not fine), None)
        if broken:
            number, name, value = broken
            raise TrainingError(
                f"{self._run}: update {number}, after {self._progress.steps} steps, gave {name} {float(value)}, on "
                f"{self._parts.buffer.named(number)}; look at these, or lower the learning rates and begin another run "
                f"({LAST} is from before)"
            )

    def _write_means(self) -> None:
        progress, parts = self._progress, self._parts
        row = {"step": progress.steps, "kind": "train", "updates": progress.updates}
        row |= parts.rollouts.measured()
        row |= self._window.means() | parts.buffer.measured() | {"guide_share": parts.curriculum.share(progress.steps)}
        self._add(row)
        told = self._window.told()
        self._window = Window()
        self._progress = replace(progress, logged=progress.steps)
        spent = {work: round(seconds, 3) for work, seconds in self._clock.spent.items()}
        own = {"rollouts": round(parts.rollouts.seconds, 3)}
        self._speed.add({"step": progress.steps, "all": round(self._clock.seconds, 3)} | spent | own)
        self._shown.update(progress.steps, told)

    def _save(self, metrics_bytes: int) -> None:
        parts = self._parts
        with self._clock.spending("saving"):
            buffer = parts.buffer.save(self._run / BUFFER)
            self._progress = replace(self._progress, metrics_bytes=metrics_bytes, saved=self._progress.steps)
            plain, running = parts.rollouts.state()
            saved = Saved(
                progress=self._progress,
                curriculum=parts.curriculum.state(),
                buffer=buffer,
                rollouts=plain,
                tensors={
                    "learner": parts.learner.tensors(),
                    "rollouts": running,
                    "window": self._window.tensors(),
                },
            )
            save_online(self._run, self._now(), saved)
            parts.buffer.drop_unneeded(self._run / BUFFER)

    def _drive_validation(self) -> None:
        assert self._validate is not None
        policy = self._now()
        # Saved before, so that a signal may end the drives where it comes: going on begins with them.
        self._save(self._metrics.written())
        try:
            with self._clock.spending("validation"), self._stop.at_once():
                judged = judge(self._run, policy, self._validate, self._progress.best, "steps")
        except StopAskedError:
            raise self._stopped() from None
        self._add(judged.row)
        self._progress = replace(self._progress, best=judged.best, evaluated=policy.step)
        self._save(self._metrics.written())
        self._shown.say(judged.told)

    def _add(self, row: Mapping[str, Any]) -> None:
        self._metrics.add(row)
        if self._board:
            self._board(row)

    def _stopped(self) -> StoppedError:
        return self._stop.error(self._run, self._progress.steps, self._settings.training.steps, "steps")
