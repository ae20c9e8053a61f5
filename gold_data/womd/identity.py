"""Which scenario a record is, without decoding what is in it."""

from __future__ import annotations

from gold_data.womd.limits import MalformedRecord
from gold_data.womd.wire import LENGTH, fields, tag_of

_SCENARIO_ID = tag_of(5, LENGTH)


def scenario_id_of(data: bytes) -> str:
    """The scenario id of a record's data, as `decode` gives it: only the fields of the message itself are walked over.

    The last one counts where a message has several, and "" is that of a message without (schemas/scenario.proto,
    Scenario.scenario_id). Raises MalformedRecord where the data are no message, or the id is not UTF-8.
    """
    octets = b""
    for tag, start, end in fields(data):
        if tag == _SCENARIO_ID:
            octets = data[start:end]
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        raise MalformedRecord(f"its scenario id {octets[:40]!r} is not UTF-8") from None
