"""Layer shapes of a torch module, observed on the meta device: no weights and no data are touched."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from mulsmith.energy.workload import Layer, Workload, convolution_layer, unique_name
from mulsmith.errors import ConfigError

if TYPE_CHECKING:
    from torch import nn

_ATTENTION = (
    "_scaled_dot_product_flash_attention",
    "_scaled_dot_product_efficient_attention",
    "_scaled_dot_product_flash_attention_for_cpu",
    "_scaled_dot_product_attention_math",
)


def workload_from_torch(model: nn.Module, input_shape: Sequence[int], *, name: str | None = None) -> Workload:
    """Return the layers of a module that multiply, in the order in which it calls them.

    Args:
        model: the module; it is copied without data and not changed.
        input_shape: shape of one input batch, e.g. (1, 3, 32, 32).
        name: the network's name; the class name when left out.

    Convolutions (1-D and 2-D), linear layers and matrix products count, also inside functions; layers carry
    their module's qualified name.

    Raises:
        ConfigError: the module cannot run on the given shape, or holds a product that is not supported.
    """
    import copy

    import torch
    from torch.utils._python_dispatch import TorchDispatchMode

    stack: list[str] = [""]
    layers: list[Layer] = []
    seen: dict[str, int] = {}

    def note(make: Callable[[str], Layer]) -> None:
        layers.append(make(unique_name(stack[-1], seen)))

    class Observer(TorchDispatchMode):
        def __torch_dispatch__(
            self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
        ) -> Any:
            result = func(*args, **(kwargs or {}))
            _observe(str(func.overloadpacket.__name__), args, result, note)
            return result

    twin = copy.deepcopy(model).to("meta").eval()
    for path, module in twin.named_modules():
        module.register_forward_pre_hook(lambda _m, _i, path=path: stack.append(path))
        module.register_forward_hook(lambda _m, _i, _o: (stack.pop(), None)[1])
    try:
        with torch.no_grad(), Observer():  # type: ignore[no-untyped-call]  # torch's own __init__
            twin(torch.empty(tuple(input_shape), device="meta"))
    except (RuntimeError, NotImplementedError, ValueError, TypeError, IndexError) as error:
        cause = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ConfigError(
            f"{type(model).__name__} does not run on an input of shape {tuple(input_shape)}: {cause}",
            remedy="check the input shape; a module that looks at values cannot be observed without data",
        ) from error
    return Workload(
        name or type(model).__name__, tuple(layers), source=f"torch module {type(model).__name__}"
    )


def _observe(operation: str, args: tuple[Any, ...], result: Any, note: Any) -> None:
    """Note the loop nest of one low-level operation if it multiplies."""
    if operation == "convolution":
        _observe_convolution(args, result, note)
    elif operation in ("addmm", "mm"):
        left, right = args[-2:] if operation == "mm" else args[1:3]
        note(lambda name: Layer(name, N=left.shape[0], C=left.shape[1], M=right.shape[1], kind="linear"))
    elif operation in ("bmm", "baddbmm"):
        left, right = args[-2:] if operation == "bmm" else args[1:3]
        note(
            lambda name: Layer(
                name, G=left.shape[0], P=left.shape[1], C=left.shape[2], M=right.shape[2], kind="matmul"
            )
        )
    elif operation in _ATTENTION:
        query, key, value = args[:3]
        heads, rows, inner = query.shape[0] * query.shape[1], query.shape[2], query.shape[3]
        note(lambda name: Layer(name, G=heads, P=rows, C=inner, M=key.shape[2], kind="matmul"))
        note(lambda name: Layer(name, G=heads, P=rows, C=key.shape[2], M=value.shape[3], kind="matmul"))


def _observe_convolution(args: tuple[Any, ...], result: Any, note: Any) -> None:
    weight, stride, dilation, transposed, groups = args[1], args[3], args[5], args[6], args[8]
    if transposed:
        raise ConfigError("a transposed convolution is not supported by the accelerator model")
    note(
        lambda name: convolution_layer(
            name,
            tuple(map(int, result.shape)),
            tuple(map(int, weight.shape)),
            stride=stride,
            dilation=dilation,
            groups=groups,
        )
    )
