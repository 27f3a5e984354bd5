"""Accelerate configs for the kinds of runs that are tested, and where they lie.

``accelerate launch --config_file $(python -m affecthub.training.launchers zero3) ...``
"""

from pathlib import Path

from affecthub.errors import unknown_name


def launchers() -> list[str]:
    """The kinds there are a config for.

    Example:
        >>> launchers()
        ['ddp', 'fsdp2', 'zero2', 'zero3', 'zero3_offload']
    """
    return sorted(path.stem for path in Path(__file__).parent.glob("*.yaml"))


def launcher(kind: str) -> Path:
    """The file of a kind's config.

    Raises:
        ValueError: There is none of that name; close ones are listed.
    """
    if kind not in launchers():
        raise unknown_name("launcher", kind, launchers())
    return Path(__file__).parent / f"{kind}.yaml"
