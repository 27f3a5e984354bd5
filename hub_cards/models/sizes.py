"""How large a model is, read off its files without loading it."""

import json
import math
from pathlib import Path

from affecthub.hub_cards.models.known import Known

# No header of a safetensors file is longer, by its format.
_LONGEST = 100_000_000


def n_parameters(known: Known) -> int | None:
    """How many values the weights hold: as the run counted them, or by the files' headers.

    Returns:
        Their number; None where there is neither a count nor a file.
    """
    counted = known.record.get("n_parameters")
    if isinstance(counted, int):
        return counted
    files = sorted(known.folder.glob("*.safetensors"))
    return sum(map(_values, files)) if files else None


def _values(path: Path) -> int:
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if length > _LONGEST:
            raise ValueError(f"{path.name} is broken: got no header, expected safetensors")
        try:
            header = json.loads(file.read(length))
        except ValueError:
            raise ValueError(
                f"{path.name} is broken: got no header, expected safetensors. Save the model again."
            ) from None
    return sum(math.prod(each["shape"]) for name, each in header.items() if name != "__metadata__")
