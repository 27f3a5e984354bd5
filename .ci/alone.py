"""What one extra promises, tried where nothing but that extra is installed.

python .ci/alone.py data|metrics|model
"""

import sys
import tempfile
from pathlib import Path

import affecthub
from affecthub.errors import extras


def data() -> None:
    """A corpus is made, loaded, verified and exported."""
    from affecthub.datasets_scripts.demo.generate import generate_demo

    with tempfile.TemporaryDirectory() as folder:
        corpus = generate_demo(Path(folder) / "corpus", n_clips=42, n_speakers=3)
        rows = affecthub.load_dataset("demo", data_dir=corpus)
        assert sum(map(len, rows.values())) == 42
        assert affecthub.verify("demo", corpus).ok
        affecthub.export("demo", Path(folder) / "out", corpus)


def metrics() -> None:
    """Every metric loads, and one scores; rewards too, which others import beside their own."""
    for name in affecthub.list_metrics():
        affecthub.load_metric(name)
    result = affecthub.load_metric("set_f").compute(predictions=["happy"], references=[["joyful"]])
    assert result["set_f"] == 1.0
    from affecthub.training.rewards import agreement, penalized_f

    assert penalized_f(["<answer>happy</answer>"], [["joyful"]]) == [1.0]
    assert agreement(["<think>She looks furious.</think><answer>angry</answer>"]) == [1.0]


def model() -> None:
    """The model's classes are there, and a small configuration makes one."""
    config = affecthub.AffectGPTConfig.tiny(vocab_size=100)
    assert affecthub.AffectGPTForConditionalGeneration(config).num_parameters()


def main(extra: str) -> None:
    """Try an extra, and say what it brought that another extra should have."""
    {"data": data, "metrics": metrics, "model": model}[extra]()
    foreign = set(extras()["train"]) - set(extras()[extra])
    print(f"{extra}: works alone, without {', '.join(sorted(foreign - set(sys.modules)))}")


if __name__ == "__main__":
    main(sys.argv[1])
