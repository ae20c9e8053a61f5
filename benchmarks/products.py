"""The matrix products of a piece of work, to be made once more without what surrounds them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import torch
from torch.utils._python_dispatch import TorchDispatchMode

ATEN: Final = {
    torch.ops.aten.mm.default,
    torch.ops.aten.addmm.default,
    torch.ops.aten.bmm.default,
    torch.ops.aten.baddbmm.default,
}
ONEDNN: Final = torch.ops.mkldnn._linear_pointwise.default


class Products(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Keeps the matrix products that are made inside it, forward and backward, with their operands."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.made: list[tuple[Any, tuple[Any, ...]]] = []

    def __torch_dispatch__(
        self, operation: Any, types: Any, arguments: tuple[Any, ...] = (), named: Mapping[str, Any] | None = None
    ) -> Any:
        if operation in ATEN or operation is ONEDNN:
            self.made.append((operation, arguments))
        return operation(*arguments, **(named or {}))

    def again(self) -> None:
        """Make them once more, and nothing else."""
        for operation, arguments in self.made:
            operation(*arguments)

    @property
    def flops(self) -> int:
        """Multiplications and additions in them."""
        return sum(_flops(operation, arguments) for operation, arguments in self.made)


def _flops(operation: Any, arguments: tuple[Any, ...]) -> int:
    if operation is ONEDNN:  # (B, I) by (O, I)
        return 2 * int(arguments[0].numel()) * int(arguments[1].shape[0])
    return 2 * int(arguments[-2].numel()) * int(arguments[-1].shape[-1])
