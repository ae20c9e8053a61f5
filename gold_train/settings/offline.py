"""Every knob of an offline training: of a Decision Transformer, and of behaviour cloning."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from gold_data.errors import SettingsError
from gold_data.settings import Settings
from gold_train.settings.shared import Absent, DataSettings, StudentSettings


class TransformerSettings(Settings):
    """Size and form of a Decision Transformer (algorithms 2.2; the paper's is `paper`)."""

    context: int = Field(20, ge=1, description="K, steps that it sees")
    width: int = Field(128, ge=1, description="d, width of a token")
    layers: int = Field(3, ge=1, description="blocks")
    heads: int = Field(1, ge=1, description="attention heads; they divide the width")
    timesteps: int = Field(400, ge=1, description="T_max, rows of the table of timesteps; later steps share the last")
    activation: Literal["relu", "gelu"] = Field("relu", description="between the two layers of a block's MLP")
    dropout: float = Field(0.1, ge=0, lt=1, description="on embeddings, attention weights and both residual branches")
    tanh: bool = Field(True, description="squash the actions into [-1, 1]")

    @model_validator(mode="after")
    def _heads_divide_width(self) -> Self:
        if self.width % self.heads:
            raise ValueError(f"{self.heads} heads do not divide the width {self.width}")
        return self


PRESETS: Mapping[str, TransformerSettings] = {
    "toy": TransformerSettings(context=8, width=32, layers=1, heads=1, timesteps=61),
    "paper": TransformerSettings(),
    "x10": TransformerSettings(layers=6, heads=4),
    "large": TransformerSettings(width=256, layers=4, heads=4),
    "gpt2": TransformerSettings(width=768, layers=12, heads=12, activation="gelu"),
}


class TargetSettings(Settings):
    """The return that a Decision Transformer is asked for, scene by scene (algorithms 2.0)."""

    mode: Literal["route", "quantile", "fixed"] = Field(
        "route", description="(0.95 m of route + 5) x gain; a quantile of the training returns; one number for all"
    )
    gain: float = Field(1.0, gt=0, description="factor on the target of `route`")
    quantile: float = Field(0.9, ge=0, le=1, description="of the training episodes' returns")
    fixed: float = Field(400.0, description="the return asked for in every scene")
    scale: float = Field(50.0, gt=0, description="returns-to-go are divided by it")


class OfflineDataSettings(DataSettings):
    """What an offline training reads."""

    online: Annotated[int | None, Absent] = Field(
        None, ge=1, description="drives of the batched tracker kept fresh, in place of the dataset's rows; none: these"
    )


class OptimiserSettings(Settings):
    """AdamW with warm-up, by default as kzl's reference has it."""

    learning_rate: float = Field(1e-4, gt=0)
    weight_decay: float = Field(1e-4, ge=0)
    warm_up: float = Field(0.1, ge=0, le=1, description="share of the steps over which the rate grows to its value")
    most_warm_up: int = Field(10_000, ge=0, description="steps that the warm-up takes at the most")
    decay: Literal["constant", "cosine"] = Field(
        "constant", description="after the warm-up: the rate stays, or falls to zero at the last step along a cosine"
    )
    clip: Annotated[float | None, Absent] = Field(
        0.25, gt=0, description="largest norm of all gradients together; none: no bound"
    )


class TrainingSettings(Settings):
    """How long, on what, and when to look."""

    steps: int = Field(100_000, ge=1, description="updates")
    batch_size: int = Field(64, ge=1, description="windows an update")
    seed: int = Field(0, ge=0, description="of weights, dropout, order of the data")
    log_every: int = Field(100, ge=1, description="updates between two rows of metrics.jsonl, each the mean over them")
    save_every: int = Field(1_000, ge=1, description="updates between two checkpoints to resume from")
    evaluate_every: int = Field(
        5_000, ge=0, description="updates between two drives of the validation scenes; 0: never, the best is the last"
    )
    environments: int = Field(64, ge=1, description="validation scenes that are driven at once")
    device: str = Field("auto", description="cpu, cuda, or auto: cuda where there is one")
    precision: Literal["float32", "bfloat16"] = Field("float32", description="of the forward and backward pass")
    compile: bool = Field(False, description="torch.compile: a slower start, faster steps")
    threads: Annotated[int | None, Absent] = Field(None, ge=1, description="of torch on the CPU; none: torch's choice")
    tensorboard: bool = Field(False, description="write the metrics for TensorBoard too, if that is installed")


class TransformerRun(Settings):
    """`gold-train dt`."""

    kind: Literal["dt"] = "dt"
    model: TransformerSettings = TransformerSettings()
    targets: TargetSettings = TargetSettings()
    data: OfflineDataSettings = OfflineDataSettings()
    optimiser: OptimiserSettings = OptimiserSettings()
    training: TrainingSettings = TrainingSettings()


def transformer_run(preset: str) -> TransformerRun:
    """The run of a preset's size; the toy's has the other settings of algorithms 3.2 too, and thrice the updates.

    Raises SettingsError for a preset that there is not.
    """
    if preset not in PRESETS:
        raise SettingsError(f"there is no preset {preset!r}; choose {', '.join(PRESETS)}.")
    if preset != "toy":
        return TransformerRun(model=PRESETS[preset])
    return TransformerRun(
        model=PRESETS[preset],
        targets=TargetSettings(mode="quantile", quantile=0.9, scale=10.0),
        optimiser=OptimiserSettings(learning_rate=1e-3, most_warm_up=100),
        training=TrainingSettings(steps=1_200, save_every=400, evaluate_every=400, threads=1),
    )


class CloningRun(Settings):
    """`gold-train bc`: behaviour cloning (algorithms 2.1)."""

    kind: Literal["bc"] = "bc"
    model: StudentSettings = StudentSettings()
    data: OfflineDataSettings = OfflineDataSettings()
    optimiser: OptimiserSettings = OptimiserSettings(learning_rate=1e-3, weight_decay=0.0, warm_up=0.0, clip=None)
    training: TrainingSettings = TrainingSettings(batch_size=256, threads=1)  # an update is too small to be shared out
