"""The exact folder of a model's repository: what loads it, its card and its scores, no more."""

import shutil
from dataclasses import replace
from os import PathLike
from pathlib import Path

from affecthub.folders import finished_folder, require_empty
from affecthub.hub_cards.cards import card_mistakes, split_card
from affecthub.hub_cards.models import cleaning
from affecthub.hub_cards.models.card import is_ours, model_card
from affecthub.hub_cards.models.families import family_of
from affecthub.hub_cards.models.files import Chosen, choose
from affecthub.hub_cards.models.known import ADAPTER, CONFIG, Known, is_hub_id, read_known
from affecthub.hub_cards.models.merging import merge_into
from affecthub.hub_cards.models.results import RESULTS_FILE, results_text
from affecthub.hub_cards.models.weights import require_sound
from affecthub.hub_cards.staged import Staged

_CARD = "README.md"
# Where a merged model lies until its files are chosen.
_WHOLE = ".whole"


def stage_model(
    folder: str | PathLike[str],
    out: str | PathLike[str],
    *,
    merge: bool = False,
    name: str | None = None,
    base: str | None = None,
    licence: str | None = None,
    bench: str | PathLike[str] | None = None,
) -> Staged:
    """Write what a push of a model sends.

    Weights as safetensors, configuration, processor and tokenizer, the code that ``auto_map`` names
    and what it imports, the records of the run without any path of this machine, the card and
    ``.eval_results``. No optimiser, no checkpoint, no pickle, no answers. A card of somebody's own
    is kept.

    Args:
        folder: A saved model, or adapters of PEFT.
        out: Folder to write; must be empty or absent.
        merge: Add adapters to their base and write the whole model.
        name: Hub id that it will have, for the card; None takes the folder's name.
        base: Hub id of the base of adapters that were trained on a folder.
        licence: Of the weights, in the Hub's identifiers, where it does not follow from what they
            were made from.
        bench: ``bench.json`` of ``affecthub bench``; None looks for it in the folder.

    Returns:
        The folder, and what whoever pushes should know.

    Raises:
        FileNotFoundError: ``folder``, or ``bench``, is not there.
        ValueError: It holds no model, weights that are pickled, lack shards or are not finite, a
            link out of it, adapters on a folder of this machine; ``out`` is not empty; or the card
            lacks what the Hub needs.
        OSError: The disk has no room.
    """
    folder, out = Path(folder), Path(out)
    _require_model(folder)
    require_empty(out, "out")
    known = read_known(folder, bench)
    if merge and not known.is_adapter:
        raise ValueError(f"`merge`: got {folder}, a whole model, expected adapters")
    if known.is_adapter and not merge:
        _require_base(known, base)
    staged = _as_staged(known, base, merge=merge)
    card = _card(staged, name=name, licence=licence)
    chosen = None if merge else choose(folder)
    with finished_folder(out) as partial:
        if chosen is None:
            merge_into(known, partial / _WHOLE)
            chosen = choose(partial / _WHOLE, records=folder)
        notes = _write(chosen, staged, card, partial, base)
    title = f"\n{split_card(card)[1]}".partition("\n# ")[2].partition("\n")[0]
    return Staged(out, "model", f"{title or folder.name}, by affecthub", notes=notes)


def _write(
    chosen: Chosen, staged: Known, card: str, partial: Path, base: str | None
) -> tuple[str, ...]:
    """Fill the folder; give the notes."""
    _require_room(chosen, partial)
    for relative, path in chosen.files.items():
        target = partial / relative
        target.parent.mkdir(parents=True, exist_ok=True)
        cleaning.copy(path, target, base=base)
    shutil.rmtree(partial / _WHOLE, ignore_errors=True)
    n_bytes = require_sound(partial)
    (partial / _CARD).write_text(card, encoding="utf-8")
    results = results_text(staged)
    if results is not None:
        (partial / RESULTS_FILE).parent.mkdir(exist_ok=True)
        (partial / RESULTS_FILE).write_text(results, encoding="utf-8")
    kind = "adapters" if staged.is_adapter else "a whole model"
    notes = [f"{kind}, {n_bytes / 1e6:,.1f} MB of weights in safetensors"]
    if chosen.left_out:
        shown = ", ".join(chosen.left_out[:8])
        more = f" and {len(chosen.left_out) - 8} more" if len(chosen.left_out) > 8 else ""
        notes.append(f"left out: {shown}{more}")
    if results is None and (missing := family_of(staged).no_results):
        notes.append(missing)
    return tuple(notes)


def _as_staged(known: Known, base: str | None, *, merge: bool) -> Known:
    """The records of the model as it will be staged: merged, or on a base that the Hub has."""
    if merge:
        made_from = (base,) if base else tuple(known.base_names)
        return replace(known, adapter={}, bases={}, made_from=made_from)
    if known.is_adapter and base is not None:
        return replace(known, made_from=(base,))
    return known


def _card(staged: Known, *, name: str | None, licence: str | None) -> str:
    """The card, or the one of somebody's own; either must be one that the Hub takes."""
    own = staged.folder / _CARD
    text = own.read_text("utf-8") if own.is_file() else ""
    if is_ours(text):
        text = model_card(staged, name=name, licence=licence)
    mistakes = card_mistakes(text, "model")
    if mistakes:
        hint = ""
        if any(each.startswith("`license`") for each in mistakes):
            hint = (
                " Say under which licence the weights may be passed on, such as --licence "
                "apache-2.0 (licence='apache-2.0'): it depends on the base and on the corpora."
            )
        raise ValueError(f"the card of {staged.folder}: {'; '.join(mistakes)}.{hint}")
    return text


def _require_model(folder: Path) -> None:
    if not folder.is_dir():
        found = "a file" if folder.is_file() else "nothing there"
        raise FileNotFoundError(f"model folder: got {folder} ({found}), expected a saved model")
    if not any((folder / each).is_file() for each in (CONFIG, ADAPTER)):
        raise ValueError(
            f"{folder} is no model: got no {CONFIG} and no {ADAPTER}, expected what "
            "`save_pretrained` writes. A run's model lies in its --output-dir."
        )


def _require_base(known: Known, base: str | None) -> None:
    """Refuse adapters that name a folder of this machine as what they are put on."""
    if base is not None and not is_hub_id(base):
        raise ValueError(f"`base`: got {base!r}, expected OWNER/NAME of a model on the Hub")
    local = [each for each in known.base_names if not is_hub_id(each)]
    if not known.base_names or (local and base is None):
        got = f"the folder {Path(local[0]).name}" if local else "no name"
        raise ValueError(
            f"the adapters in {known.folder} cannot be loaded elsewhere: got {got} as their base, "
            "expected a model of the Hub. Push the base first and name it by --base OWNER/NAME "
            "(base=...), or write the whole model with --merge (merge=True)."
        )
    if local and known.bases:
        raise ValueError(
            f"{known.folder}/bases.json names folders of this machine: got {', '.join(local)}, "
            "expected three models of the Hub. Write their names there, or the whole model with "
            "--merge (merge=True)."
        )


def _require_room(chosen: Chosen, partial: Path) -> None:
    needed, free = chosen.n_bytes, shutil.disk_usage(partial).free
    if needed > free:
        raise OSError(
            f"no room for the folder to push: got {free / 1e9:.1f} GB free at {partial.parent}, "
            f"expected {needed / 1e9:.1f} GB"
        )
