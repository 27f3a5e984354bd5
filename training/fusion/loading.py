"""Feature caches and a corpus' labels as one table of tensors."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import datasets
import torch

from affecthub.datasets_scripts import load_dataset
from affecthub.entries import entry_of
from affecthub.errors import unknown_name
from affecthub.training.features.found import MODALITIES, find_caches, modality_of
from affecthub.training.features.store import FeatureCache
from affecthub.training.fusion.blocks import Block, Steps
from affecthub.training.fusion.framing import aligned, compressed
from affecthub.training.fusion.holding_out import held_out
from affecthub.training.fusion.labels import MULTIMODAL, read_labels
from affecthub.training.fusion.reading import read_block
from affecthub.training.fusion.table import (
    FeatureTable,
    Missing,
    named,
    require_finite,
    require_missing,
    usable,
)

Align = Literal["none", "text", "official"]
ALIGNS: tuple[Align, ...] = ("none", "text", "official")


def load_table(
    corpus: str,
    data_dir: str | Path,
    features: Mapping[str, FeatureCache] | str | Path,
    *,
    label: str = MULTIMODAL,
    classes: str | int | Sequence[str] | None = None,
    protocol: str | None = None,
    config: str | None = None,
    modalities: Sequence[str] = (),
    level: Literal["utterance", "frame"] | None = None,
    compress: int = 1,
    align: Align = "none",
    missing: Missing = "mask",
    normalize: Literal["train"] | None = None,
    device: torch.device | str | None = None,
) -> FeatureTable:
    """Read features and labels of a corpus.

    Args:
        corpus: Its name.
        data_dir: Its folder.
        features: Caches of it by any name, or the folder that holds them; one for each modality.
        label: See `read_labels`: ``multimodal``, ``own``, ``audio``, ``text``, ``vision``,
            ``sentiment`` or a column.
        classes: ``seven`` (or None), ``four``, or names.
        protocol: Names the splits; None takes the corpus' first. Without a validation split a tenth
            of the training clips is held out, whole groups where groups are known.
        config: Of the corpus; None takes its first.
        modalities: Those to use; empty for all that there are caches of.
        level: ``utterance`` averages steps to one vector; ``frame`` wants steps of one modality at
            least; None takes what the caches hold.
        compress: Steps that are averaged to one, of frames alone; MERBench's is 6.
        align: ``text`` gives sound and faces as many steps as the text has; ``official`` does so
            with the released code's zeros; ``none`` leaves them.
        missing: A clip without a modality is masked (``mask``), masked and trained for by taking
            modalities from others too (``drop``), or refused (``refuse``).
        normalize: ``train`` takes each modality less the mean and over the deviation of the
            training clips; by default features stay as they are, as published.
        device: Where the tensors go; None leaves them in the processor's memory.

    Returns:
        The table; its ``notes`` count and name clips that have features and no labels, and the
        reverse.

    Raises:
        FileNotFoundError: A folder is not there.
        ValueError: Unknown names, features of another corpus, two caches of one modality, features
            that are not finite, no clip in common, or a clip that `missing` refuses.
    """
    require_missing(missing)
    if align not in ALIGNS:
        raise unknown_name("`align`", align, ALIGNS)
    caches = _by_modality(features, corpus, modalities)
    config, protocol = entry_of(corpus).choose(config, protocol)
    parts = load_dataset(corpus, config, data_dir=data_dir, protocol=protocol)
    rows = datasets.concatenate_datasets(list(parts.values()))
    ids = tuple(rows["id"])
    blocks: dict[str, Block] = {
        name: read_block(cache, cache.columns[0], ids) for name, cache in caches.items()
    }
    require_finite(blocks, ids)
    blocks = _at_level(blocks, level, compress, align)
    labels = read_labels(rows, label, classes, list(blocks))
    notes = _compared(caches, blocks, ids, labels.known, corpus, missing)
    table = FeatureTable(corpus, ids, blocks, labels, {}, missing, tuple(notes))
    splits, how = _splits(parts, rows)
    facts: dict[str, Any] = {
        "corpus": corpus,
        "config": config,
        "protocol": protocol,
        "label": label,
        "classes": list(labels.names),
        "column": labels.column or "sentiment",
        "features": {name: _source(cache) for name, cache in caches.items()},
        "level": table.level,
        "compress": compress,
        "align": align,
        "missing": missing,
        "normalize": normalize,
    }
    table = replace(table, splits=usable(table, splits), facts=facts)
    if how:
        table = replace(table, notes=(*table.notes, how))
    if normalize == "train":
        table = table.normalised()
    elif normalize is not None:
        raise unknown_name("`normalize`", str(normalize), ("train",))
    return table if device is None else table.to(device)


def _by_modality(
    features: Mapping[str, FeatureCache] | str | Path, corpus: str, modalities: Sequence[str]
) -> dict[str, FeatureCache]:
    """One cache for each modality that is used, in the order audio, text, vision."""
    for name in modalities:
        if name not in MODALITIES:
            raise unknown_name("modality", name, MODALITIES)
    given = find_caches(features) if isinstance(features, str | Path) else dict(features)
    found: dict[str, tuple[str, FeatureCache]] = {}
    for name, cache in given.items():
        modality = modality_of(cache)
        if modalities and modality not in modalities:
            continue
        if cache.corpus != corpus:
            raise ValueError(
                f"{cache.folder} holds features of another corpus: got {cache.corpus!r}, expected "
                f"{corpus!r}."
            )
        if modality in found:
            raise ValueError(
                f"there are two caches of {modality}: got {found[modality][0]} and {name}, "
                "expected one. Name the caches that you want, one for each modality."
            )
        found[modality] = (name, cache)
    lacking = [name for name in modalities if name not in found]
    if lacking or not found:
        raise ValueError(
            f"there are no features of {', '.join(lacking) or 'any modality'}: got caches of "
            f"{', '.join(found) or 'none'}. Fill one: affecthub features {corpus} --encoder NAME"
        )
    return {name: found[name][1] for name in MODALITIES if name in found}


def _at_level(
    blocks: dict[str, Block], level: str | None, compress: int, align: str
) -> dict[str, Block]:
    """Features at the level, and of the steps, that are wanted."""
    if level not in (None, "utterance", "frame"):
        raise unknown_name("`level`", str(level), ("utterance", "frame"))
    if level == "utterance":
        return {
            name: block.means() if isinstance(block, Steps) else block
            for name, block in blocks.items()
        }
    steps = {name: block for name, block in blocks.items() if isinstance(block, Steps)}
    if level == "frame" and not steps:
        raise ValueError(
            "`level` is frame: got features of one vector per clip, expected steps of one modality "
            "at least. Fill caches with --level frame."
        )
    steps = {name: compressed(block, compress) for name, block in steps.items()}
    if align != "none":
        if "text" not in steps:
            raise ValueError(
                f"`align` is {align}: got steps of {', '.join(steps) or 'nothing'}, expected steps "
                "of text to lay the others along."
            )
        to = steps["text"].lengths
        official = align == "official"
        for name, block in steps.items():
            if name != "text":
                steps[name] = aligned(block, to, official=official)
    return {**blocks, **steps}


def _compared(
    caches: Mapping[str, FeatureCache],
    blocks: Mapping[str, Block],
    ids: Sequence[str],
    known: torch.Tensor,
    corpus: str,
    missing: str,
) -> list[str]:
    """What features and labels do not have in common, in words."""
    there = torch.stack([block.there for block in blocks.values()])
    if not there.any():
        one = next(iter(caches.values()))
        raise ValueError(
            f"features and labels have no clip in common: got {len(ids)} clips of {corpus} as "
            f"{named(ids[:2])} and {len(one)} features of others in {one.folder}. Are they of this "
            "corpus, and under the same ids?"
        )
    notes = []
    inside = set(ids)
    for name, cache in caches.items():
        more = [i for i in cache.dataset()["id"] if i not in inside]
        if more:
            notes.append(
                f"{len(more)} clips with {name} features are not among the labels and are left "
                f"out: {named(more)}"
            )
    without = [ids[i] for i in torch.nonzero(known & ~there.any(0)).flatten().tolist()]
    if without:
        notes.append(f"{len(without)} labelled clips have no features: {named(without)}")
    for name, block in blocks.items():
        lacking = torch.nonzero(known & there.any(0) & ~block.there).flatten().tolist()
        if lacking:
            notes.append(f"{len(lacking)} clips have no {name}: {named([ids[i] for i in lacking])}")
    unlabelled = int((~known).sum())
    if unlabelled:
        notes.append(f"{unlabelled} of {len(ids)} clips have no label of the set and are left out")
    if missing == "refuse" and (known & ~there.all(0)).any():
        absent = [note for note in notes if "have no" in note and "label of the set" not in note]
        raise ValueError(
            f"{'; '.join(absent)}. `missing` is refuse: expected every modality of every labelled "
            "clip. Fill the features, or choose `mask` or `drop`."
        )
    return notes


def _splits(
    parts: datasets.DatasetDict, rows: datasets.Dataset
) -> tuple[dict[str, list[int]], str | None]:
    """Numbers of the clips of train, validation and test; and a note where some are held out."""
    found, start = {}, 0
    for name, part in parts.items():
        found[name] = list(range(start, start + len(part)))
        start += len(part)
    if "train" not in found:
        raise ValueError(
            f"the protocol has nothing to train on: got splits {', '.join(found)}, expected "
            "`train`. Choose another protocol."
        )
    if found.get("validation"):
        return found, None
    train, held = held_out(found["train"], rows["group_id"])
    how = f"{len(held)} training clips are held out to validate on: there is no such split"
    return {**found, "train": train, "validation": held}, how


def _source(cache: FeatureCache) -> str:
    """What made a cache, in a word or two."""
    encoder = cache.about.get("encoder")
    if isinstance(encoder, Mapping):
        encoder = encoder.get("name") or encoder.get("hub_id")
    return str(encoder or cache.about.get("maker") or cache.folder.name)
