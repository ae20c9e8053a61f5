"""Every knob of guided online distillation (algorithms 2.3 to 2.6): of IQL, of CVPO, and of what they share."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gold_data.errors import SettingsError
from gold_data.settings import Settings
from gold_train.settings.shared import Absent, DataSettings, StudentSettings
from gold_train.settings.variation import VariationSettings


class GuidanceSettings(Settings):
    """When the guide acts and when the student does (algorithms 2.5). Without a guide the student always acts."""

    schedule: Literal["fixed", "gated", "random", "mix"] = Field(
        "fixed",
        description="fixed: the guide's first steps shrink to none in equal stages; gated: a stage on while the two "
        "together drive well, and back where they do not; random: any share of an episode; mix: a coin a step",
    )
    first: float = Field(1.0, ge=0, le=1, description="share of the record that the guide drives in the first stage")
    stages: int = Field(10, ge=2, description="m, equal stages from `first` to none")
    share: float = Field(0.6, gt=0, le=1, description="of the steps, behind which the student drives alone")
    gate_every: int = Field(5_000, ge=1, description="environment steps between two drives of the gate's scenes")
    gate_window: int = Field(2, ge=1, description="n, drives of the gate's scenes that are averaged")
    gate_forward: float = Field(0.05, ge=0, description="share of the best score that may be lacking to go on")
    gate_back: float = Field(0.15, ge=0, description="share that must be lacking to go back")
    gate_patience: int = Field(2, ge=1, description="windows in a row that must lack it")
    mix_first: float = Field(0.9, ge=0, le=1, description="chance of the guide at the first step of all")
    mix_decay: float = Field(5.0, ge=0, description="it falls as exp(-this x share of the steps done)")


class RolloutSettings(Settings):
    """How experience is made, how much of it, and when to look."""

    steps: int = Field(1_000_000, ge=1, description="environment steps, of 0.1 s each")
    environments: int = Field(64, ge=1, description="driven at once")
    engine: Literal["batched", "metadrive"] = Field("batched", description="MetaDrive drives one environment")
    seed: int = Field(0, ge=0, description="of weights, noise, order of scenes and batches")
    log_every: int = Field(1_000, ge=1, description="environment steps between two rows of metrics.jsonl")
    save_every: int = Field(20_000, ge=1, description="environment steps between two checkpoints to go on from")
    evaluate_every: int = Field(
        50_000, ge=0, description="environment steps between two drives of the validation scenes; 0: never"
    )
    device: str = Field("auto", description="of networks: cpu, cuda, or auto: cuda where there is one")
    threads: Annotated[int | None, Absent] = Field(1, ge=1, description="of torch on the CPU; none: torch's choice")
    tensorboard: bool = Field(False, description="write the metrics for TensorBoard too, if that is installed")


class ReplaySettings(Settings):
    """What is learned from."""

    capacity: int = Field(1_000_000, ge=1, description="rows, the oldest make room")
    start: int = Field(1_000, ge=1, description="rows before the first update")
    updates_per_step: float = Field(1.0, gt=0, description="updates for each environment step, from `start` on")
    batch_size: int = Field(256, ge=1, description="rows an update")
    offline_share: float = Field(0.0, ge=0, lt=1, description="of each batch, rows of the dataset (algorithms 2.6-a)")
    rows: Literal["all", "student"] = Field("all", description="whose rows train the policy; critics learn from all")


class DistillationSettings(Settings):
    """Beyond the paper's text, off by default (algorithms 2.6)."""

    coefficient: float = Field(
        0.0, ge=0, description="of |student - guide|^2 beside the policy's loss; falls with the guide's share"
    )
    stays: float = Field(
        0.0,
        ge=0,
        le=1,
        description="share of it that is left when the guide is gone: critics that have seen the guide's drives alone "
        "think too well of what it never did",
    )
    expert: float = Field(
        0.0,
        ge=0,
        description="of |student - tracker|^2 beside the policy's loss, throughout: what the tracker that follows the "
        "record would do, in the states that guide and student lead to (Ross and others 2011, DAgger)",
    )
    safety: float = Field(0.0, ge=0, description="of max(0, Q_c - limit) beside it (the page's objective; CVPO alone)")
    alignment: int = Field(
        0, ge=0, description="updates of the critics on the guide's drives before the student learns"
    )


class CostWeightSettings(Settings):
    """How the weight of cost follows the costs of episodes (algorithms 2.6-d; CLIVERCHEN/Marvel-O2O_Safe_RL).

    It is told of each episode that ends. Gains are in weight, for a step of cost above the limit.
    """

    proportional: float = Field(5e-6, ge=0, description="first gain of the excess")
    integral: float = Field(5e-6, gt=0, description="first gain of its sum")
    derivative: float = Field(5e-6, ge=0, description="first gain of its growth")
    smoothing: float = Field(0.9, ge=0, lt=1, description="share of the costs before in the smoothed cost")
    delay: int = Field(10, ge=1, description="episodes over which growth is measured")
    window: int = Field(10, ge=1, description="episodes whose smoothed costs adapt the gains")
    adaptation: float = Field(0.05, ge=0, description="how far an episode changes the gains, of themselves; 0: not")
    gain_range: float = Field(10.0, ge=1, description="gains stay between the first ones over this and times this")


class IqlSettings(Settings):
    """Implicit Q-learning (algorithms 2.3; ikostrikov/implicit_q_learning)."""

    actor: Literal["awr", "pathwise"] = Field(
        "awr", description="awr: weighted regression on the rows' actions; pathwise: up the critics (algorithms 2.6-e)"
    )
    expectile: float = Field(0.8, gt=0, lt=1)
    temperature: float = Field(3.0, ge=0, description="beta, of the advantage in raw reward")
    largest_weight: float = Field(100.0, gt=0, description="of a row in the regression")
    discount: float = Field(0.99, ge=0, le=1)
    polyak: float = Field(0.005, gt=0, le=1, description="share of the critics that their targets take up an update")
    learning_rate: float = Field(3e-4, gt=0)
    reward_scale: float = Field(0.1, gt=0, description="s_r, of reward less weighted cost")
    cost_weight: float = Field(1.0, ge=0, description="w, of a step of cost in reward")
    first_alpha: float = Field(0.05, gt=0, description="pathwise: first weight of the entropy, in scaled reward")
    entropy: float = Field(-1.0, description="pathwise: what alpha is tuned to, for each number of an action, nats")
    cost_limit: Annotated[float | None, Absent] = Field(
        None,
        ge=0,
        description="an episode's cost, towards which a controller moves w (algorithms 2.6-d); none: w stays",
    )
    controller: CostWeightSettings = CostWeightSettings()
    least_log_std: float = Field(-5.0, description="floor of the student's log standard deviation")
    largest_log_std: float = Field(2.0, description="its ceiling")
    layer_norm: bool = Field(False, description="in the critics: pathwise needs it, and rows of the dataset do")


class CvpoSettings(Settings):
    """Constrained variational policy optimisation (algorithms 2.4; liuzuxin/cvpo-safe-rl)."""

    cost_limit: float = Field(1.0, ge=0, description="kappa, cost of an episode")
    actions: int = Field(32, ge=2, description="N, drawn in each state")
    dual_bound: float = Field(0.1, gt=0, description="eps of the E-step's KL divergence")
    largest_price: float = Field(
        1e5,
        gt=1e-6,
        description="ceiling of the E-step's price of cost, in scaled reward; where a batch cannot meet the limit the "
        "price is there, and at the default reward then counts for nothing (liuzuxin/FSRL: 20)",
    )
    mean_bound: float = Field(0.01, gt=0, description="eps_mu of the M-step")
    spread_bound: float = Field(1e-4, gt=0, description="eps_sigma of the M-step")
    mean_dual_step: float = Field(1.0, gt=0)
    mean_dual_most: float = Field(0.1, gt=0)
    spread_dual_step: float = Field(100.0, gt=0)
    spread_dual_most: float = Field(10.0, gt=0)
    iterations: int = Field(5, ge=1, description="of the M-step an update")
    clip: float = Field(0.01, gt=0, description="largest norm of the actor's gradients")
    actor_learning_rate: float = Field(2e-3, gt=0)
    critic_learning_rate: float = Field(1e-3, gt=0)
    discount: float = Field(0.99, ge=0, lt=1)
    polyak: float = Field(0.005, gt=0, le=1, description="of the critics' targets, and of the old policy")
    reward_scale: float = Field(0.1, gt=0, description="s_r, of the reward alone")
    reduce_cost: Literal["mean", "min"] = Field("mean", description="over the two cost critics")
    mask_cost: bool = Field(True, description="no cost after an episode's end; unmasked, leaving early looks dear")
    least_std: float = Field(0.05, gt=0, description="floor of the student's standard deviation")


class IqlRun(Settings):
    """`gold-train distill --backbone iql`."""

    kind: Literal["iql"] = "iql"
    model: StudentSettings = StudentSettings()
    learner: IqlSettings = IqlSettings()
    guidance: GuidanceSettings = GuidanceSettings()
    distillation: DistillationSettings = DistillationSettings()
    variation: VariationSettings = VariationSettings()
    replay: ReplaySettings = ReplaySettings()
    data: DataSettings = DataSettings()
    training: RolloutSettings = RolloutSettings()


class CvpoRun(Settings):
    """`gold-train distill --backbone cvpo`."""

    kind: Literal["cvpo"] = "cvpo"
    model: StudentSettings = StudentSettings()
    learner: CvpoSettings = CvpoSettings()
    guidance: GuidanceSettings = GuidanceSettings()
    distillation: DistillationSettings = DistillationSettings()
    variation: VariationSettings = VariationSettings()
    replay: ReplaySettings = ReplaySettings()
    data: DataSettings = DataSettings()
    training: RolloutSettings = RolloutSettings()


def online_run(backbone: str, preset: str = "paper") -> IqlRun | CvpoRun:
    """The run of a backbone, at the paper's size or the toy's (algorithms 3.2).

    Raises SettingsError for one that there is not.
    """
    if backbone not in ("iql", "cvpo"):
        raise SettingsError(f"there is no backbone {backbone!r}; choose iql or cvpo.")
    if preset not in ("paper", "toy"):
        raise SettingsError(f"there is no preset {preset!r} of a student; choose paper or toy.")
    if preset == "paper":
        return IqlRun() if backbone == "iql" else CvpoRun()
    model, guidance = StudentSettings(hidden=(64, 64)), GuidanceSettings(first=0.5, stages=7)
    replay = ReplaySettings(updates_per_step=0.5)
    training = RolloutSettings(steps=12_000, environments=10, save_every=4_000, evaluate_every=2_000)
    if backbone == "cvpo":
        # At the reference's ceiling of the price the toy's limit, out of reach at first, leaves nothing of reward; at
        # its pace of the old policy and of the spread the toy ends before a student has settled.
        learner = CvpoSettings(discount=0.97, largest_price=0.1, polyak=0.03, spread_bound=1e-3)
        return CvpoRun(model=model, learner=learner, guidance=guidance, replay=replay, training=training)
    return IqlRun(
        model=model,
        learner=IqlSettings(discount=0.97, polyak=0.01, learning_rate=1e-3, cost_weight=0.5, least_log_std=-2.0),
        guidance=guidance,
        replay=replay,
        training=training,
    )
