"""Gemma 3 270M out of package wheels, asked about MELD's transcripts, beside the majority.

    python benchmarks/completion.py MELD_FOLDER JOURNAL [N_CLIPS]

Clips are drawn from the test split with seed 0. The prompt is `few_shot_said`. Three ways to get a
label out of one model: the line that it writes; the label whose first token is the likeliest next
one; and the same after each label's share is divided by its mean over all clips (batch calibration,
Zhou et al., ICLR 2024), for which no reference is looked at.
"""

import sys
import time
from pathlib import Path

import numpy as np

from affecthub.datasets_scripts import load_dataset
from affecthub.metrics.replies.reading import read_reply
from affecthub.training.asking.ask import ask_rows
from affecthub.training.asking.backends.completion import CompletionBackend
from affecthub.training.asking.prompts.registry import load_prompt
from affecthub.training.pretrained.intervals import score_with_intervals


def main(folder: str, journal: str, n_clips: int = 300) -> None:
    """Ask, score and print a table."""
    corpus = load_dataset("meld", data_dir=folder)
    names = corpus["test"].features["emotion"].names
    drawn = np.random.default_rng(0).permutation(len(corpus["test"]))[:n_clips]
    rows = corpus["test"].select(sorted(drawn.tolist()))
    labels = [names[number] for number in rows["emotion"]]
    train = [names[number] for number in corpus["train"]["emotion"]]
    majority = max(names, key=train.count)
    prompt, backend = load_prompt("few_shot_said"), CompletionBackend("gemma3-270m")

    started = time.perf_counter()
    answers = ask_rows(backend, rows, prompt, media="t", journal=journal, progress=True)
    seconds = {"written": time.perf_counter() - started}
    readings = [read_reply(answers[i], "one_of", names) for i in rows["id"]]
    written = [reading.value.label if reading.value else None for reading in readings]

    started = time.perf_counter()
    kept = Path(journal).with_suffix(".npy")
    if not kept.is_file():
        questions = [prompt.fill(subtitle=text or "") for text in rows["text"]]
        np.save(kept, [backend.first_token_logs(question, names) for question in questions])
    logs = np.load(kept)
    shares = np.exp(logs) / np.exp(logs).sum(axis=1, keepdims=True)
    seconds["likeliest"] = time.perf_counter() - started
    answered = {
        f"majority: {majority}": [majority] * len(labels),
        "the line it writes": written,
        "likeliest label": [names[i] for i in logs.argmax(axis=1)],
        "likeliest, calibrated": [names[i] for i in (shares / shares.mean(axis=0)).argmax(axis=1)],
    }
    print(f"{len(labels)} clips, seconds {seconds}, {backend.name}, {prompt.key}")
    for how, predicted in answered.items():
        scores = score_with_intervals(
            predicted, labels, names, majority=majority, groups=rows["dialogue_id"]
        )
        print(f"| {how} |", scores, "unread", sum(label is None for label in predicted))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:]))
