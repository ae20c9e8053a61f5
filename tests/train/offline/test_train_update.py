"""One update: AdamW as the reference has it, bounded, in either precision, compiled or not."""

from __future__ import annotations

import pytest
import torch
from training_material import MadeUp, bc_run, dt_run, new_policy

from gold_data.errors import SettingsError
from gold_train.offline.update import Updates
from gold_train.settings import OfflineRun

torch.set_num_threads(1)
CPU = torch.device("cpu")


def updates(settings: OfflineRun) -> Updates:
    return Updates(new_policy(settings).network, settings, CPU)


def test_it_is_one_step_of_adamw_on_the_clipped_gradient() -> None:
    settings = bc_run(optimiser__learning_rate="0.01", optimiser__weight_decay="0.1", optimiser__clip="0.05")
    done, by_hand = updates(settings), new_policy(settings).network
    batch = MadeUp(settings).batch(0)
    loss, norm = done.update(batch, 0)
    expected = (by_hand(batch.observations) - batch.targets).square().mean(-1)[batch.mask].mean()
    expected.backward()
    assert float(loss) == pytest.approx(float(expected.detach()), rel=1e-6)
    gradients = [parameter.grad for parameter in by_hand.parameters() if parameter.grad is not None]
    total = torch.sqrt(sum((gradient.square().sum() for gradient in gradients), torch.zeros(())))
    assert float(norm) == pytest.approx(float(total), rel=1e-5)
    assert float(total) > 0.05
    moved = dict(done.network.named_parameters())
    for name, parameter in by_hand.named_parameters():
        if parameter.grad is None:
            assert torch.equal(moved[name], parameter)
            continue
        gradient = parameter.grad * 0.05 / total
        first = gradient / (gradient.abs() + 1e-8)  # both moments corrected: m = g, v = g^2
        due = parameter * (1 - 0.01 * 0.1) - 0.01 * first
        assert torch.allclose(moved[name], due, atol=2e-5)


def test_without_a_bound_the_gradient_is_whole() -> None:
    free, wide = updates(bc_run(optimiser__clip="none")), updates(bc_run(optimiser__clip="1e9"))
    batch = MadeUp(bc_run()).batch(0)
    assert [float(one) for one in free.update(batch, 0)] == [float(one) for one in wide.update(batch, 0)]
    assert all(torch.equal(*pair) for pair in zip(free.network.parameters(), wide.network.parameters(), strict=True))


def test_dropout_is_the_same_for_the_same_update() -> None:
    settings = dt_run()
    batch = MadeUp(settings).batch(0)
    losses = [float(updates(settings).update(batch, step)[0]) for step in (0, 0, 1)]
    assert losses[0] == losses[1] != losses[2]


def test_padding_does_not_count() -> None:
    settings = dt_run(model__dropout="0")
    batch = MadeUp(settings).batch(0)
    assert not batch.mask.all()
    targets = batch.targets.masked_fill(~batch.mask[..., None], 1e3)
    plain, padded = updates(settings), updates(settings)
    assert float(plain.update(batch, 0)[0]) == float(padded.update(batch._replace(targets=targets), 0)[0])


@pytest.mark.parametrize("settings", [dt_run, bc_run])
def test_bfloat16_is_near(settings: type) -> None:
    whole, half = settings(), settings(training__precision="bfloat16")
    batch = MadeUp(whole).batch(0)
    exact, rough = float(updates(whole).update(batch, 0)[0]), float(updates(half).update(batch, 0)[0])
    assert rough == pytest.approx(exact, rel=0.05)
    assert rough != exact


def test_what_cannot_be_compiled_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(network: torch.nn.Module) -> torch.nn.Module:
        class Failing(torch.nn.Module):
            def forward(self, *batch: torch.Tensor) -> torch.Tensor:
                raise RuntimeError("no compiler\nat all")

        return Failing()

    monkeypatch.setattr(torch, "compile", broken)
    settings = bc_run(training__compile="true")
    with pytest.raises(SettingsError, match=r"training.compile: .* \(RuntimeError\)"):
        updates(settings).update(MadeUp(settings).batch(0), 0)
