"""The message classes of schemas/scenario.proto, by the protobuf library: to write records, and to check reading.

They are made from schemas/scenario.binpb, the compiled form of the two .proto files (`make schemas` writes it), and not
from generated Python: that refuses every other major version of the library than the one it was generated for.
"""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

_pool = descriptor_pool.DescriptorPool()
for _file in descriptor_pb2.FileDescriptorSet.FromString(
    files("gold_data.schemas").joinpath("scenario.binpb").read_bytes()
).file:
    _pool.Add(_file)


def _message(name: str) -> Any:
    return message_factory.GetMessageClass(_pool.FindMessageTypeByName(f"gold_data.womd.{name}"))


ScenarioMessage = _message("Scenario")
"""The whole record; its parts are made by `message.tracks.add()` and the like."""
