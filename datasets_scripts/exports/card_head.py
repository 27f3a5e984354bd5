"""The YAML head of an export's card, by which the Hub and ``datasets`` know it."""

import re
from typing import Any

import yaml
from datasets import DatasetInfo, Features, SplitDict, SplitInfo
from datasets.info import DatasetInfosDict
from huggingface_hub import DatasetCardData

from affecthub.datasets_scripts.exports.written import Size, Written
from affecthub.datasets_scripts.reading.layout import AUDIO_SUFFIXES, VIDEO_SUFFIXES
from affecthub.entries import Entry

# Licences of our corpora by what the Hub calls them; all others are "other" and a name.
HUB_LICENCES = {
    "apache-2.0": "apache-2.0",
    "cc-by-4.0": "cc-by-4.0",
    "cc-by-nc-4.0": "cc-by-nc-4.0",
    "cc-by-nc-sa-4.0": "cc-by-nc-sa-4.0",
    "cc-by-sa-4.0": "cc-by-sa-4.0",
    "cc0-1.0": "cc0-1.0",
    "gpl-3.0": "gpl-3.0",
    "mit": "mit",
    "odbl-1.0": "odbl",
    "unstated": "unknown",
}
# Where a licence has no address of its own, this file of the export holds the terms.
LICENCE_FILE = "LICENSE.md"
# The Hub's classes of size, by where they end.
_SIZES = (
    (10**3, "n<1K"),
    (10**4, "1K<n<10K"),
    (10**5, "10K<n<100K"),
    (10**6, "100K<n<1M"),
    (10**7, "1M<n<10M"),
)
_HERE_BEFORE = ("annotations_creators", "language_creators", "source_datasets", "task_ids")
_TASKS = {"audio": "audio-classification", "video": "video-classification"}
_CHATS = {"videos": "video-text-to-text", "audios": "audio-text-to-text"}


def head(
    entry: Entry,
    written: Written,
    told: dict[str, Any],
    *,
    answers: set[str],
    embed: bool,
    free: bool,
) -> str:
    """Write the head of a card.

    Args:
        entry: The corpus.
        written: What was written.
        told: The head of the corpus' own card.
        answers: Columns that hold labels, "emotion", "sentiment" and so on.
        embed: Whether media are in it.
        free: Whether everybody may pass it on; else people are asked, and no page shows it.

    Returns:
        YAML, in the Hub's keys.
    """
    n_clips = max((_n_clips(splits) for splits in written.sizes.values()), default=0)
    languages = list(entry.languages)
    fields: dict[str, Any] = {
        "pretty_name": told.get("pretty_name") or entry.title.partition(":")[0],
        **hub_licence(entry),
        "language": languages,
        "multilinguality": ["monolingual" if len(languages) == 1 else "multilingual"],
        **{key: told[key] for key in _HERE_BEFORE if key in told},
        "task_categories": _tasks(written.features, answers, embed),
        "size_categories": [size_class(n_clips)],
        "tags": [*dict.fromkeys([*told.get("tags", ["emotion-recognition"]), "affecthub"])],
        "configs": written.configs,
        "dataset_info": _infos(written),
    }
    if not languages:
        del fields["language"], fields["multilinguality"]
    if entry.accept and not free:
        fields |= _gate(entry)
    if not free:
        fields["viewer"] = False
    shown = {key: value for key, value in fields.items() if value not in ([], {})}
    return yaml.safe_dump(shown, sort_keys=False, allow_unicode=True)


def hub_licence(entry: Entry) -> dict[str, str]:
    """The card's licence fields: an identifier that the Hub knows, or "other", a name and a link.

    Example:
        >>> from affecthub.entries import entry_of
        >>> hub_licence(entry_of("meld")), hub_licence(entry_of("iemocap"))["license_name"]
        ({'license': 'gpl-3.0'}, 'iemocap-licence-agreement')
    """
    known = HUB_LICENCES.get(entry.licence.lower())
    if known:
        return {"license": known}
    name = re.sub(r"[^a-z0-9.]+", "-", entry.licence.lower()).strip("-")
    link = entry.licence_link or LICENCE_FILE
    return {"license": "other", "license_name": name, "license_link": link}


def size_class(n_clips: int) -> str:
    """The Hub's word for how many clips there are.

    Example:
        >>> size_class(12799)
        '10K<n<100K'
    """
    return next((name for n, name in _SIZES if n_clips < n), "10M<n<100M")


def _gate(entry: Entry) -> dict[str, Any]:
    """What somebody is asked before the Hub shows them a file."""
    return {
        "extra_gated_heading": "Accept the terms of the corpus",
        "extra_gated_prompt": f"Everybody who gets a copy must have accepted {entry.accept}.",
        "extra_gated_fields": {"I have accepted these terms and keep to them": "checkbox"},
    }


def _tasks(features: Features, answers: set[str], embed: bool) -> list[str]:
    """The Hub's tasks that the columns are for."""
    if "messages" in features:
        return [task for column, task in _CHATS.items() if column in features] or [
            "text-generation"
        ]
    if not answers & {"emotion", "sentiment", "open_vocabulary"}:
        return []
    media = [task for kind, task in _TASKS.items() if embed and _has(features, kind)]
    return [*media, "text-classification"]


def _has(features: Features, kind: str) -> bool:
    """Whether there is a column of a kind, or a tar's member of it."""
    suffixes = {"audio": AUDIO_SUFFIXES, "video": VIDEO_SUFFIXES}[kind]
    return kind in features or any(f".{name}" in suffixes for name in features)


def _n_clips(splits: dict[str, Size]) -> int:
    return sum(size.n_clips for size in splits.values())


def _infos(written: Written) -> Any:
    """``dataset_info``: columns and sizes of each configuration."""
    infos = {}
    for config in written.configs:
        name = config["config_name"]
        sizes = {split: size for split, size in written.sizes[name].items() if size.n_clips}
        total = Size.sum(sizes.values())
        infos[name] = DatasetInfo(
            features=written.features,
            config_name=name,
            splits=_split_dict(sizes),
            download_size=total.n_file_bytes,
            dataset_size=total.n_bytes,
        )
    data = DatasetCardData()
    DatasetInfosDict(infos).to_dataset_card_data(data)
    return data.to_dict().get("dataset_info", {})


def _split_dict(sizes: dict[str, Size]) -> SplitDict:
    splits = SplitDict()
    for split, size in sizes.items():
        splits.add(SplitInfo(split, size.n_bytes, size.n_clips))
    return splits
