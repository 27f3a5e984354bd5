"""Adapters added to their base: one model that needs no PEFT."""

from pathlib import Path

from affecthub.errors import require
from affecthub.hub_cards.models.known import Known


def merge_into(known: Known, out: Path) -> None:
    """Write the whole model that adapters make of their base, with its processor.

    Args:
        known: The adapters' records.
        out: Folder to write.

    Raises:
        ImportError: peft is not installed.
        OSError: The base is not there.
        ValueError: The adapters do not fit it.
    """
    require("peft", "train", "merge adapters")
    from transformers import AutoModelForMultimodalLM, AutoProcessor

    from affecthub.modeling.affectgpt import load_adapter
    from affecthub.modeling.affectgpt.convert_adapters import attach_adapter

    if known.bases:
        model = load_adapter(known.folder)
    else:
        base = AutoModelForMultimodalLM.from_pretrained(known.adapter["base_model_name_or_path"])
        model = attach_adapter(base, known.folder)
    whole = model.merge_and_unload()
    whole.save_pretrained(out)
    AutoProcessor.from_pretrained(known.folder).save_pretrained(out)
