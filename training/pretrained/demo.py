"""The pretrained road in one program: features, heads and scores, an answer, and a page of them."""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from affecthub.datasets_scripts import load_dataset
from affecthub.datasets_scripts.demo.generate import generate_demo
from affecthub.training.pretrained import answer, gemma
from affecthub.training.pretrained.corpora import run_corpus
from affecthub.training.pretrained.packages import ALONE, is_installed, package_folder
from affecthub.training.pretrained.report import Report

DEMO = "demo"
GEMMA = "gemma"
# As ``affecthub demo`` splits it.
DEMO_PROTOCOL = "speaker_independent"


def run_pretrained(
    output_dir: str | Path = "demo",
    *,
    corpora: Mapping[str, str | Path] | None = None,
    language_model: str | Path | None = None,
    progress: bool = True,
    say: Callable[[str], None] = print,
) -> Report:
    """Describe corpora with frozen pretrained models, train a head on each modality, and score it.

    Args:
        output_dir: Folder for the demo corpus (made once, shared with ``affecthub demo``) and for
            ``pretrained/report.json`` and ``pretrained/report.html``.
        corpora: Corpus to its folder, run under its official split after the demo corpus. Of
            clips without media their transcripts are used.
        language_model: Folder of a causal language model, or ``"gemma"`` for the one of the extra
            `pretrained-gemma`; None takes a tiny random one.
        progress: Show progress bars.
        say: Called with a sentence before each step.

    Returns:
        The report.

    Raises:
        ImportError: A package of the extra `pretrained` is missing, or `fer`.
        ValueError: A corpus lacks a split or a label.
    """
    started = time.perf_counter()
    for package in ALONE:
        if not is_installed(package):
            package_folder(package)
    output_dir = Path(output_dir)
    say("Making the demo corpus: 12 speakers, 480 clips")
    folder = generate_demo(output_dir / "corpus")
    results = []
    for corpus, data_dir in {DEMO: folder, **(corpora or {})}.items():
        say(f"Describing {corpus} and training heads on it")
        protocol = DEMO_PROTOCOL if corpus == DEMO else "official"
        results.append(run_corpus(corpus, data_dir, protocol=protocol, progress=progress))
    say("Putting an AffectGPT together and asking it about a clip")
    clips = load_dataset(DEMO, data_dir=folder, protocol=DEMO_PROTOCOL)
    clip = clips["test"][0]
    is_gemma = language_model == GEMMA
    found = answer.ask(
        clip["video"]["path"],
        said=clip["text"],
        language_model=gemma.gemma_folder() if is_gemma else language_model,
        texts=clips["train"]["text"],
    )
    if is_gemma:
        found = replace(found, language=gemma.NAME)
    report = Report(results, found, time.perf_counter() - started)
    report.write(output_dir / "pretrained")
    return report
