"""The card of an export: its head for the Hub and ``datasets``, and what a reader must know."""

import re
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

import yaml
from datasets import DatasetInfo, Features
from datasets.info import DatasetInfosDict
from huggingface_hub import DatasetCardData

from affecthub.entries import Entry

# Licences of our corpora that the Hub has an identifier for; all others are "other" and a name.
HUB_LICENCES = frozenset({"apache-2.0", "cc-by-nc-sa-4.0", "gpl-3.0", "mit", "cc-by-4.0"})


@dataclass
class Written:
    """What a format wrote: for the card, and for whoever called.

    Attributes:
        configs: Entries of the card's ``configs``: name, and the files of each split.
        counts: ``(protocol, split, clips)``.
        usage: Markdown that says what the files are and how they are read.
        notes: What was done to clips or left out, a sentence or two each.
        features: Types of the columns, where the files do not tell them.
    """

    configs: list[dict[str, Any]]
    counts: list[tuple[str, str, int]]
    usage: str
    notes: list[str] = field(default_factory=list)
    features: Features | None = None


def card(entry: Entry, config: str, written: Written) -> str:
    """Write the card of an export.

    Args:
        entry: The corpus.
        config: Its configuration.
        written: What the format wrote.

    Returns:
        Markdown with a YAML head: the text of ``README.md``.
    """
    rows = "\n".join(f"| {protocol} | {split} | {n} |" for protocol, split, n in written.counts)
    terms = (
        "You may pass this copy on under its licence."
        if entry.may_redistribute
        else "The terms do not let you pass this copy on"
        + (f": {entry.not_passed_on}" if entry.not_passed_on else "")
        + ". Keep it private."
    )
    notes = "\n".join(f"- {note}" for note in written.notes)
    return f"""---
{_head(entry, written)}---

# {entry.title}

Exported by affecthub {version("affecthub")} from the corpus' own files, configuration `{config}`.

## Use

{written.usage}
{f"{chr(10)}## What was done{chr(10) * 2}{notes}{chr(10)}" if notes else ""}
## Licence

{entry.licence}. {terms}

Source: {entry.how_to_get}

## Splits

| protocol | split | clips |
|---|---|---|
{rows}
"""


def hub_licence(licence: str) -> dict[str, str]:
    """The card's licence fields: an identifier that the Hub knows, or "other" and a name.

    Example:
        >>> hub_licence("GPL-3.0"), hub_licence("IEMOCAP licence agreement")["license_name"]
        ({'license': 'gpl-3.0'}, 'iemocap-licence-agreement')
    """
    if licence.lower() in HUB_LICENCES:
        return {"license": licence.lower()}
    return {
        "license": "other",
        "license_name": re.sub(r"[^a-z0-9.]+", "-", licence.lower()).strip("-"),
    }


def _head(entry: Entry, written: Written) -> str:
    head = {
        "pretty_name": entry.title.partition(":")[0],
        **hub_licence(entry.licence),
        "language": list(entry.languages),
        "configs": written.configs,
    }
    if written.features is not None:
        infos = DatasetInfosDict(
            {
                config["config_name"]: DatasetInfo(
                    features=written.features, config_name=config["config_name"]
                )
                for config in written.configs
            }
        )
        data = DatasetCardData()
        infos.to_dataset_card_data(data)
        head["dataset_info"] = data.to_dict()["dataset_info"]
    return yaml.safe_dump(head, sort_keys=False, allow_unicode=True)
