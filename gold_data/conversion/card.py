"""The dataset card: README.md beside the manifest, for whoever is handed the folder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from importlib.resources import files

from jinja2 import Environment, StrictUndefined

from gold_data.conversion.plan import Plan
from gold_data.conversion.rows import UnitRow
from gold_data.settings import ConvertSettings
from gold_data.shards import Manifest

EGOS = {
    "sdc": "the record's own car",
    "moving": "the record's own car and others that move",
    "all": "all vehicles",
}


def card(manifest: Manifest, digest: str, settings: ConvertSettings, plan: Plan, rows: Sequence[UnitRow]) -> str:
    """Markdown; a function of the dataset alone. It quotes the manifest's digest, and so is not listed in it."""
    template = Environment(undefined=StrictUndefined, trim_blocks=True, keep_trailing_newline=True).from_string(
        files("gold_data.conversion").joinpath("card.md.j2").read_text()
    )
    rejected = [*plan.rejected, *(row for unit in rows for row in unit.rejected)]
    rejections = Counter(row.rule for row in rejected if not row.demonstration)
    return template.render(
        manifest=manifest,
        digest=digest,
        settings=settings,
        sources=sorted({source.name.rsplit("/", 1)[0] for source in plan.sources}),
        source_files=len(plan.sources),
        source_bytes=sum(source.size for source in plan.sources),
        rejections=rejections.most_common(),
        egos=EGOS[settings.ego],
    )
