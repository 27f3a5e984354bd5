"""What EMER says of its own annotations and a program can count: recomputed from released files."""

from collections.abc import Iterable, Mapping
from typing import Any

from affecthub.metrics.answers.extraction import LexiconExtractor
from affecthub.metrics.set_overlap.scores import set_overlap
from affecthub.training.annotating.result import label_figures

# Section 3.2 and Table 3 of the paper, EMER(Multi). Fractions are per cent.
PAPER = {"candidates": 301, "labels_per_clip": 3, "en": 80.05, "zh": 85.20, "cross_language": -18.0}


def emer_figures(rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Count labels, and compare those of the two languages.

    Labels of descriptions are found by the lexicon, those in Chinese named in English.

    Args:
        rows: Of the corpus ``emer``, version 2, with `description` (Chinese), `description_en` and
            `open_vocabulary_en`, the checked labels; rows that lack one of them are left out.

    Returns:
        `n` clips; `checked`, `en`, `zh`: `label_figures` of the checked labels and of those found
        in each language; `en_checked`, `zh_checked`, `en_zh`: `set_overlap` of labels found in one
        language with the checked ones, and of both languages' with each other. Of no rows `n` is 0
        and the rest is left out.

    Source: EMER paper, sections 3.2 and 5.
    Differs: the paper's labels and groups are GPT-3.5's, ours the lexicon's and the wheels'. What
        it counts of visual clues and valence takes a language model, too.
    """
    needed = ("description", "description_en", "open_vocabulary_en")
    kept = [row for row in rows if all(row.get(name) for name in needed)]
    if not kept:
        return {"n": 0}
    checked = [list(row["open_vocabulary_en"]) for row in kept]
    en = LexiconExtractor().batch(row["description_en"] for row in kept)
    zh = LexiconExtractor(labels="en").batch(row["description"] for row in kept)
    counted = label_figures({"checked": checked, "en": en, "zh": zh})
    overlaps = {"en_checked": (en, checked), "zh_checked": (zh, checked), "en_zh": (en, zh)}
    names = ("set_overlap", "accuracy_s", "recall_s", "overlap_s")
    compared = {}
    for name, (one, other) in overlaps.items():
        scores = set_overlap(one, other)
        compared[name] = {key: scores[key] for key in names}
    return {"n": len(kept), **counted, **compared}
