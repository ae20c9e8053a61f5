"""The Decision Transformer of kzl/decision-transformer, from a checkout, unchanged.

It is written against transformers 4.5.1, which does not install beside a Python of today. Of that it uses five small
things, which stand here: a configuration, GPT-2's linear layer, the class that its models inherit from, a record of
outputs, and decorators that write documentation.
"""

from __future__ import annotations

import importlib
import logging
import sys
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, cast

import torch
from torch import nn

from gold_train.data.batch import Batch
from gold_train.settings import TransformerRun

CHECKOUT = "git clone https://github.com/kzl/decision-transformer && git -C decision-transformer checkout e2d82e6"


def reference_model(checkout: Path, run: TransformerRun, observation_size: int, action_size: int) -> nn.Module:
    """Its model, of the same size; `experiment.py` says how it is made."""
    model: nn.Module = _module(checkout, "models.decision_transformer").DecisionTransformer(
        state_dim=observation_size,
        act_dim=action_size,
        hidden_size=run.model.width,
        max_length=run.model.context,
        max_ep_len=run.model.timesteps,
        action_tanh=run.model.tanh,
        n_layer=run.model.layers,
        n_head=run.model.heads,
        n_inner=4 * run.model.width,
        activation_function=run.model.activation,
        n_positions=1024,
        resid_pdrop=run.model.dropout,
        attn_pdrop=run.model.dropout,
    )
    return model


def reference_update(checkout: Path, run: TransformerRun, batch: Batch) -> Callable[[], object]:
    """One step of its trainer on this batch, with its model and an optimiser of the same settings.

    The batch is ready in the form that its own sampler gives.
    """
    model = reference_model(checkout, run, batch.observations.shape[-1], batch.actions.shape[-1]).train()
    to_go = torch.cat((batch.returns_to_go, batch.returns_to_go[:, -1:]), dim=1).unsqueeze(-1) / run.targets.scale
    rewards, dones = torch.zeros_like(to_go), torch.zeros(batch.mask.shape, dtype=torch.long)
    ready = batch.observations, batch.actions, rewards, dones, to_go, batch.timesteps, batch.mask.double()
    trainer = _module(checkout, "training.seq_trainer").SequenceTrainer(
        model=model,
        optimizer=torch.optim.AdamW(
            model.parameters(), lr=run.optimiser.learning_rate, weight_decay=run.optimiser.weight_decay
        ),
        batch_size=len(batch.mask),
        get_batch=lambda _: ready,
        loss_fn=lambda _s, predicted, _r, _t, actions, _g: torch.mean((predicted - actions) ** 2),
    )
    return cast(Callable[[], object], trainer.train_step)


def _module(checkout: Path, name: str) -> ModuleType:
    place = str(checkout / "gym")
    if place not in sys.path:
        sys.path.insert(0, place)
        sys.modules.update(_stand_ins())
    return importlib.import_module(f"decision_transformer.{name}")


def _stand_ins() -> dict[str, ModuleType]:
    """Modules of transformers by name, each with what is imported from it."""
    contents: dict[str, dict[str, Any]] = {
        "transformers": {"GPT2Config": _configuration},
        "transformers.activations": {"ACT2FN": {"relu": nn.functional.relu, "gelu": nn.functional.gelu}},
        "transformers.file_utils": {"ModelOutput": object}
        | dict.fromkeys(
            (
                "add_code_sample_docstrings",
                "add_start_docstrings",
                "add_start_docstrings_to_model_forward",
                "replace_return_docstrings",
            ),
            _decorator,
        ),
        "transformers.modeling_outputs": {"BaseModelOutputWithPastAndCrossAttentions": _Output},
        "transformers.modeling_utils": {"Conv1D": _Conv1D, "PreTrainedModel": _Pretrained}
        | dict.fromkeys(("SequenceSummary", "find_pruneable_heads_and_indices", "prune_conv1d_layer")),
        "transformers.utils": {"logging": SimpleNamespace(get_logger=logging.getLogger)},
        "transformers.utils.model_parallel_utils": dict.fromkeys(("assert_device_map", "get_device_map")),
        "transformers.models": {},
        "transformers.models.gpt2": {},
        "transformers.models.gpt2.configuration_gpt2": {"GPT2Config": SimpleNamespace},
    }
    made = {name: ModuleType(name) for name in contents}
    for name, module in made.items():
        vars(module).update(contents[name])
    return made


def _configuration(**given: Any) -> SimpleNamespace:
    """GPT2Config: its defaults, and what is given."""
    defaults = {
        "n_ctx": 1024,
        "layer_norm_epsilon": 1e-5,
        "initializer_range": 0.02,
        "embd_pdrop": 0.1,
        "add_cross_attention": False,
        "output_attentions": False,
        "output_hidden_states": False,
        "use_cache": True,
        "use_return_dict": True,
    }
    return SimpleNamespace(**(defaults | given))


def _decorator(*_: object, **__: object) -> Callable[[Any], Any]:
    return lambda decorated: decorated


class _Conv1D(nn.Module):
    """A linear layer whose weights are stored the other way round."""

    def __init__(self, outer: int, inner: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(inner, outer))
        self.bias = nn.Parameter(torch.zeros(outer))

    def forward(self, given: torch.Tensor) -> torch.Tensor:
        flat = torch.addmm(self.bias, given.reshape(-1, given.shape[-1]), self.weight)
        return flat.view(*given.shape[:-1], -1)


class _Pretrained(nn.Module):
    def __init__(self, config: SimpleNamespace) -> None:
        super().__init__()
        self.config = config

    @property
    def dtype(self) -> torch.dtype:
        return next(self.parameters()).dtype

    def init_weights(self) -> None:
        self.apply(cast(Callable[[nn.Module], None], self._init_weights))

    def get_head_mask(self, _: None, layers: int) -> list[None]:
        return [None] * layers


@dataclass
class _Output:
    last_hidden_state: torch.Tensor
    past_key_values: Any = None
    hidden_states: Any = None
    attentions: Any = None
    cross_attentions: Any = None

    def __getitem__(self, name: str) -> Any:
        return {field.name: getattr(self, field.name) for field in fields(self)}[name]
