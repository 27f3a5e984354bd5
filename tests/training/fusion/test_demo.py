"""Fusions of real files, and of simulated features over real labels."""

import pytest

from affecthub.datasets_scripts import make_demo
from affecthub.training.fusion import Settings, search
from affecthub.training.fusion.demo import compare, fill_demo
from affecthub.training.fusion.simulated import simulated_table


@pytest.mark.slow
def test_lmf_beats_the_best_modality_on_the_demo_corpus(tmp_path):
    corpus = make_demo(tmp_path / "corpus")
    caches = fill_demo(tmp_path, corpus)
    rows = {row["name"]: row for row in compare(caches, corpus, algorithms=["lmf"], seeds=[0])}
    best = max(rows[name]["acc"] for name in ("audio", "text", "vision"))
    assert rows["lmf"]["acc"] > best + 0.1
    assert rows["lmf"]["n"] == 120
    # No modality tells more than three of the seven emotions, and each tells something.
    for name in ("audio", "text", "vision"):
        assert 1 / 7 < rows[name]["acc"] < 3 / 7 + 0.1


@pytest.mark.parametrize(("label", "n_scores"), [("multimodal", 4), ("sentiment", 6)])
@pytest.mark.slow
def test_the_protocol_runs_on_simulated_features(reference_data, label, n_scores):
    table = simulated_table(
        "emotiontalk",
        reference_data / "emotiontalk",
        label=label,
        classes="four",
        protocol="speaker_independent",
        widths={"audio": 12, "text": 16, "vision": 8},
        most_clips=120,
        apart=1.0,
    )
    assert "simulated" in table.notes[0] and set(table.facts["features"].values()) == {"simulated"}
    found = search("attention", table, draws=2, runs=2, settings=Settings(epochs=2))
    assert len(found.scores) == n_scores and found.scores["waf"]["sd"] is not None
