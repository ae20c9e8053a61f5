"""Every knob of training, typed, with its default, unit and reason: made once at the edge, passed down, frozen."""

from gold_train.settings.kinds import OfflineRun, OnlineRun, RunSettings, run_settings
from gold_train.settings.offline import (
    PRESETS,
    CloningRun,
    OfflineDataSettings,
    OptimiserSettings,
    TargetSettings,
    TrainingSettings,
    TransformerRun,
    TransformerSettings,
    transformer_run,
)
from gold_train.settings.online import (
    CostWeightSettings,
    CvpoRun,
    CvpoSettings,
    DistillationSettings,
    GuidanceSettings,
    IqlRun,
    IqlSettings,
    ReplaySettings,
    RolloutSettings,
    online_run,
)
from gold_train.settings.shared import DataSettings, StudentSettings
from gold_train.settings.variation import VariationSettings

__all__ = [
    "PRESETS",
    "CloningRun",
    "CostWeightSettings",
    "CvpoRun",
    "CvpoSettings",
    "DataSettings",
    "DistillationSettings",
    "GuidanceSettings",
    "IqlRun",
    "IqlSettings",
    "OfflineDataSettings",
    "OfflineRun",
    "OnlineRun",
    "OptimiserSettings",
    "ReplaySettings",
    "RolloutSettings",
    "RunSettings",
    "StudentSettings",
    "TargetSettings",
    "TrainingSettings",
    "TransformerRun",
    "TransformerSettings",
    "VariationSettings",
    "online_run",
    "run_settings",
    "transformer_run",
]
