"""The loop: what it writes, and that a training which was stopped anywhere comes to the same bits."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from training_material import MadeUp, bc_run, dt_run, found, go_on

from gold_data.errors import OutputError
from gold_train.checkpoint import BEST, load_policy
from gold_train.errors import StoppedError, TrainingError
from gold_train.policies.policy import Policy
from gold_train.runs.folder import LAST, METRICS, SPEED
from gold_train.runs.validation import Validation
from gold_train.settings import OfflineRun

torch.set_num_threads(1)


def rows(run: Path, kind: str = "train") -> list[dict[str, Any]]:
    lines = (run / METRICS).read_text().splitlines()
    return [row for row in map(json.loads, lines) if row["kind"] == kind]


def signal_at(step: int, number: signal.Signals) -> Callable[[int], None]:
    def at(now: int) -> None:
        if now == step:
            signal.raise_signal(number)

    return at


def outputs(run: Path) -> tuple[bytes, ...]:
    return tuple((run / name).read_bytes() for name in (METRICS, LAST, BEST))


KINDS = pytest.mark.parametrize("settings", [dt_run(), bc_run()], ids=lambda settings: settings.kind)


@KINDS
@pytest.mark.parametrize("step", [0, 3, 6, 10])
def test_stopped_and_gone_on_is_the_same_to_the_bit(settings: OfflineRun, step: int, tmp_path: Path) -> None:
    go_on(tmp_path / "whole", settings)
    with pytest.raises(StoppedError, match=rf"parts: stopped and saved after {step + 1} of 12 updates") as stopped:
        go_on(tmp_path / "parts", settings, MadeUp(settings, signal_at(step, signal.SIGTERM)))
    assert stopped.value.exit_code == 1
    go_on(tmp_path / "parts", settings)
    assert outputs(tmp_path / "parts") == outputs(tmp_path / "whole")
    assert [row["step"] for row in rows(tmp_path / "parts")] == [4, 8, 12]


@KINDS
def test_killed_it_goes_on_from_its_last_save_and_writes_no_row_twice(settings: OfflineRun, tmp_path: Path) -> None:
    def die(step: int) -> None:
        if step == 9:
            raise MemoryError

    go_on(tmp_path / "whole", settings)
    with pytest.raises(MemoryError):
        go_on(tmp_path / "parts", settings, MadeUp(settings, die))
    assert [row["step"] for row in rows(tmp_path / "parts")] == [4, 8]
    assert load_policy(tmp_path / "parts" / LAST).step == 5
    asked: list[int] = []
    go_on(tmp_path / "parts", settings, MadeUp(settings, asked.append))
    assert asked == list(range(5, 12))
    assert outputs(tmp_path / "parts") == outputs(tmp_path / "whole")


def test_ctrl_c_saves_too(tmp_path: Path) -> None:
    settings = bc_run()
    with pytest.raises(StoppedError, match="the same command goes on") as stopped:
        go_on(tmp_path / "run", settings, MadeUp(settings, signal_at(2, signal.SIGINT)))
    assert stopped.value.exit_code == 130
    assert load_policy(tmp_path / "run" / LAST).step == 3


def test_a_signal_in_the_last_update_comes_too_late(tmp_path: Path) -> None:
    settings = bc_run()
    go_on(tmp_path / "run", settings, MadeUp(settings, signal_at(11, signal.SIGTERM)))
    assert load_policy(tmp_path / "run").step == 12


@KINDS
def test_what_is_there_is_learned(settings: OfflineRun, tmp_path: Path) -> None:
    longer = type(settings).model_validate(
        settings.model_dump()
        | {"training": settings.training.model_dump() | {"steps": 300, "log_every": 50, "batch_size": 16}}
    )
    go_on(tmp_path / "run", longer)
    losses = [row["loss"] for row in rows(tmp_path / "run")]
    assert losses[-1] < 0.5 * losses[0]


def test_rows_are_means_and_say_the_rate(tmp_path: Path) -> None:
    each = bc_run(training__log_every="1", optimiser__warm_up="0.5")
    four = bc_run(training__log_every="4", optimiser__warm_up="0.5")
    go_on(tmp_path / "each", each)
    go_on(tmp_path / "four", four)
    single, means = rows(tmp_path / "each"), rows(tmp_path / "four")
    assert means[0]["loss"] == pytest.approx(sum(row["loss"] for row in single[:4]) / 4, rel=1e-6)
    assert [row["learning_rate"] for row in single[:6]] == pytest.approx([1e-3 * n / 6 for n in range(1, 7)])
    assert single[-1]["learning_rate"] == 1e-3
    spent = json.loads((tmp_path / "each" / SPEED).read_text().splitlines()[-1])
    assert spent["step"] == 12
    assert 0 < spent["data"] + spent["update"] <= spent["all"] + 0.01


def test_another_seed_is_another_training(tmp_path: Path) -> None:
    go_on(tmp_path / "0", dt_run())
    go_on(tmp_path / "1", dt_run(training__seed="1"))
    assert rows(tmp_path / "0")[0]["loss"] != rows(tmp_path / "1")[0]["loss"]


@pytest.mark.parametrize("log_every", ["1", "4", "12"])
def test_a_loss_that_is_no_number_stops_it_and_names_the_rows(log_every: str, tmp_path: Path) -> None:
    settings = dt_run(training__log_every=log_every, training__save_every="3")
    batches = MadeUp(settings)
    batches.broken = 7
    with pytest.raises(TrainingError, match=r"update 7 gave the loss nan .* windows that end in scene/7 at 3"):
        go_on(tmp_path / "run", settings, batches)
    kept = load_policy(tmp_path / "run" / LAST)
    assert kept.step == 6
    assert all(bool(tensor.isfinite().all()) for tensor in kept.network.state_dict().values())


class Scripted:
    """Gives one after the other what the drives of the validation scenes come to, by the policy's step."""

    def __init__(self, found: dict[int, Validation], at: Callable[[int], None] = lambda step: None) -> None:
        self.found, self.at, self.driven = found, at, list[int]()

    def __call__(self, policy: Policy) -> Validation:
        self.driven.append(policy.step)
        self.at(policy.step)
        return self.found[policy.step]


@pytest.mark.parametrize(
    ("second", "third", "best"),
    [
        (found(0.9), found(0.8), 8),
        (found(0.9, contact=0.5), found(0.5), 12),
        (found(0.8), found(0.8), 4),
        (found(0.8), found(0.8, cost=0.2), 12),
        (found(0.8, returned=51.0), found(0.8), 8),
    ],
    ids=["success", "contact", "a tie stays with the first", "cost", "return"],
)
def test_the_best_is_what_drove_best(second: Validation, third: Validation, best: int, tmp_path: Path) -> None:
    settings = bc_run(training__evaluate_every="4")
    script = Scripted({4: found(0.8 if best != 12 else 0.4), 8: second, 12: third})
    chosen = go_on(tmp_path / "run", settings, validate=script)
    assert chosen is not None
    assert chosen.step == best == load_policy(tmp_path / "run").step
    assert script.driven == [4, 8, 12]
    assert [row["success"] for row in rows(tmp_path / "run", "validation")][1:] == [second.success, third.success]


def test_validation_ends_the_training_whatever_the_interval(tmp_path: Path) -> None:
    script = Scripted({5: found(0.1), 10: found(0.2), 12: found(0.3)})
    go_on(tmp_path / "run", bc_run(training__evaluate_every="5"), validate=script)
    assert script.driven == [5, 10, 12]


def test_a_signal_in_the_validation_ends_it_at_once_and_it_is_driven_again(tmp_path: Path) -> None:
    settings = bc_run(training__evaluate_every="4")
    script = {4: found(0.5), 8: found(0.7), 12: found(0.6)}
    go_on(tmp_path / "whole", settings, validate=Scripted(script))

    def interrupt(step: int) -> None:
        if step == 8:
            signal.raise_signal(signal.SIGTERM)
            pytest.fail("it drove on")

    with pytest.raises(StoppedError, match="after 8 of 12"):
        go_on(tmp_path / "parts", settings, validate=Scripted(script, interrupt))
    again = Scripted(script)
    go_on(tmp_path / "parts", settings, validate=again)
    assert again.driven == [8, 12]
    assert outputs(tmp_path / "parts") == outputs(tmp_path / "whole")


def test_what_is_driven_twice_is_written_once(tmp_path: Path) -> None:
    settings = bc_run(training__evaluate_every="4")
    script = Scripted({4: found(0.5), 8: found(0.7), 12: found(0.6)})
    go_on(tmp_path / "run", settings, validate=script)
    before = outputs(tmp_path / "run")
    go_on(tmp_path / "run", settings, validate=script)
    assert script.driven == [4, 8, 12]
    assert outputs(tmp_path / "run") == before


def test_rows_that_were_lost_are_missed(tmp_path: Path) -> None:
    settings = bc_run()
    with pytest.raises(StoppedError):
        go_on(tmp_path / "run", settings, MadeUp(settings, signal_at(8, signal.SIGTERM)))
    (tmp_path / "run" / METRICS).write_text("")
    with pytest.raises(OutputError, match=r"metrics.jsonl: has 0 bytes, \d+ were written"):
        go_on(tmp_path / "run", settings)


@pytest.fixture(autouse=True)
def _handlers_are_put_back() -> Iterator[None]:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    yield
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before
