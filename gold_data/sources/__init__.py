"""Files that hold scenarios, of whatever kind -> their records, outlined and described."""

from gold_data.sources.find import find_sources
from gold_data.sources.outline import Outline, Outlined
from gold_data.sources.read import outlines, read_description
from gold_data.sources.source import Source

__all__ = ["Outline", "Outlined", "Source", "find_sources", "outlines", "read_description"]
