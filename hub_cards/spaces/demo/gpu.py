"""ZeroGPU: a function that asks the Hub for a GPU while it runs; elsewhere it is as it was."""

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import TypeVar

Function = TypeVar("Function", bound=Callable[..., object])


def on_gpu(function: Function, seconds: int = 90) -> Function:
    """Have a function or generator run on a GPU of the Hub's, where the package `spaces` is.

    Args:
        function: Called from an event of a page.
        seconds: Longest time that it is lent a GPU for.
    """
    found = find_spec("spaces")
    if found is None or found.origin is None:  # none, or somebody's folder of that name
        return function
    wrapped: Function = import_module("spaces").GPU(duration=seconds)(function)
    return wrapped
