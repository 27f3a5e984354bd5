"""SPICE, agreement of scene graphs, by its authors' Java program; SPIDEr, its mean with CIDEr-D.

The program needs CoreNLP 3.6.0, which its users fetch themselves; nothing is downloaded here.
"""

import json
import tempfile
from collections.abc import Sequence
from os import PathLike, pathsep
from pathlib import Path

import numpy as np

from affecthub.metrics.captions.java import coco_folder, find_java, run_java
from affecthub.metrics.captions.lexical import CaptionScore, mean_score

CORENLP_JARS = ("stanford-corenlp-3.6.0.jar", "stanford-corenlp-3.6.0-models.jar")

# The program looks into classes that Java 16 and later keep closed unless told otherwise.
_OPENED = (
    "java.base/java.lang",
    "java.base/java.util",
    "java.base/java.math",
    "java.base/java.net",
    "java.base/java.text",
    "java.base/java.util.concurrent",
    "java.sql/java.sql",
)
_PURPOSE = "compute SPICE"
# Seconds: the parser loads its models, then parses clip by clip.
_START_S, _CLIP_S = 600.0, 2.0


def find_corenlp(folder: str | PathLike[str] | None = None) -> list[Path]:
    """The two jars of CoreNLP 3.6.0.

    Args:
        folder: Where they are; None for the ``spice/lib`` folder of pycocoevalcap, where its own
            installer puts them.

    Raises:
        FileNotFoundError: Java or a jar is not there.
        ImportError: pycocoevalcap, which brings SPICE, is not installed.
    """
    find_java(_PURPOSE)
    library = Path(folder) if folder else coco_folder(_PURPOSE) / "spice" / "lib"
    jars = [library / name for name in CORENLP_JARS]
    missing = [jar.name for jar in jars if not jar.is_file()]
    if missing:
        raise FileNotFoundError(
            f"CoreNLP 3.6.0 not found: got no {' and no '.join(missing)} in {library}, needed to "
            "compute SPICE. Fetch stanford-corenlp-full-2015-12-09 from stanfordnlp.github.io and "
            "put both jars there, or name their folder with `corenlp`."
        )
    return jars


def spice(
    candidates: Sequence[str],
    references: Sequence[Sequence[str]],
    *,
    corenlp: str | PathLike[str] | None = None,
) -> CaptionScore:
    """SPICE: F of objects, attributes and relations found in English captions.

    Args:
        candidates: One English caption per clip; an empty one scores 0.
        references: One or more English captions per clip.
        corenlp: Folder with the CoreNLP 3.6.0 jars; see `find_corenlp`.

    Returns:
        Mean over clips in [0, 1], higher is better. No clips give NaN. Captions are parsed by an
        English parser and compared by WordNet; for other languages translate first.

    Raises:
        FileNotFoundError: Java or a CoreNLP jar is not there.
        ImportError: pycocoevalcap is not installed.
        RuntimeError: The program failed or hung.

    Source: Anderson et al., "SPICE: Semantic Propositional Image Caption Evaluation", ECCV 2016;
        called as in pycocoevalcap 1.2, with closed classes opened for Java 17.
    """
    jars = find_corenlp(corenlp)
    if not candidates:
        return mean_score(np.zeros(0))
    folder = coco_folder(_PURPOSE) / "spice"
    # An empty caption has no graph to parse: it scores 0.
    kept = [clip for clip, caption in enumerate(candidates) if caption.strip()]
    task = [
        {"image_id": clip, "test": candidates[clip], "refs": list(references[clip])}
        for clip in kept
    ]
    per_clip = np.zeros(len(candidates))
    if not kept:
        return mean_score(per_clip)
    with tempfile.TemporaryDirectory() as scratch:
        task_file, result_file = Path(scratch, "task.json"), Path(scratch, "result.json")
        task_file.write_text(json.dumps(task), encoding="utf-8")
        class_path = pathsep.join(["spice-1.0.jar", "lib/*", *map(str, jars)])
        run_java(
            [
                find_java(_PURPOSE),
                "-Xmx8G",
                *(f"--add-opens={package}=ALL-UNNAMED" for package in _OPENED),
                *("-cp", class_path, "edu.anu.spice.SpiceScorer", str(task_file)),
                *("-out", str(result_file), "-subset", "-silent"),
            ],
            folder=folder,
            timeout_s=_START_S + _CLIP_S * len(kept),
        )
        for result in json.loads(result_file.read_text(encoding="utf-8")):
            per_clip[result["image_id"]] = result["scores"]["All"]["f"]
    return mean_score(per_clip)


def spider(cider: CaptionScore, spice_score: CaptionScore) -> CaptionScore:
    """SPIDEr, the mean of CIDEr-D and SPICE of each clip, averaged over clips.

    Args:
        cider: CIDEr-D, in [0, 10].
        spice_score: SPICE of the same clips, in [0, 1].

    Returns:
        Score in [0, 5.5], higher is better: mostly CIDEr-D. No clips give NaN.

    Source: Liu et al., "Improved Image Captioning via Policy Gradient Optimization of SPIDEr",
        ICCV 2017.

    Example:
        >>> spider(mean_score(np.array([3.0, 0.0])), mean_score(np.array([0.5, 0.5]))).per_clip
        array([1.75, 0.25])
    """
    return mean_score((cider.per_clip + spice_score.per_clip) / 2)
