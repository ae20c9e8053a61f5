"""The settings of a run, whichever of the trainings it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError

from gold_data.errors import SettingsError
from gold_train.settings.offline import CloningRun, TransformerRun
from gold_train.settings.online import CvpoRun, IqlRun

OfflineRun = TransformerRun | CloningRun
OnlineRun = IqlRun | CvpoRun
RunSettings = OfflineRun | OnlineRun

_RUN: TypeAdapter[RunSettings] = TypeAdapter(Annotated[RunSettings, Field(discriminator="kind")])


def run_settings(tree: Mapping[str, Any]) -> RunSettings:
    """Read the settings of a run back from plain data, as `model_dump` gave them.

    Raises SettingsError for what are no settings of a run, as of another version.
    """
    try:
        return _RUN.validate_python(tree)
    except ValidationError as error:
        first = error.errors()[0]
        raise SettingsError(f"{'.'.join(map(str, first['loc'])) or 'settings'}: {first['msg']}.") from error
