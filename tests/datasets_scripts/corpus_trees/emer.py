"""EMER as a clone of its repository has it, with the clips of MER2023 beside it."""

from pathlib import Path

from corpus_trees.mer import write_csv, write_films

V1 = [f"sample_{n:08d}" for n in (5648, 5680, 7, 21)]
V2 = [f"sample_{n:08d}" for n in (0, 7, 21, 33, 39, 55, 68, 70, 73, 114)]
EMOTIONS = (("angry", "生气"), ("happy", "高兴"), ("worried", "担忧"), ("sad", "悲伤"))


def write_v1(root: Path) -> Path:
    header = ["names", "emotions", "subtitles", "reasons"]
    for i, (name, subtitle, reason) in enumerate(
        (
            ("gt-eng.csv", "Well.", 'He says "well", and sighs.\nSo he is {}.'),
            ("gt-chi.csv", "好。", "他说“好”，\n然后叹气，所以{}。"),
        )
    ):
        rows = [
            [clip, emotion[i], subtitle if clip != V1[0] else "", reason.format(emotion[i])]
            for clip, emotion in zip(V1, EMOTIONS, strict=True)
        ]
        write_csv(root / "dataset-v1" / name, header, rows)
    return root


def write_v2(root: Path) -> Path:
    rows = [[clip, f"在视频中，{clip}\n笑了。", f'In the video, "{clip}"\nsmiles.'] for clip in V2]
    path = root / "dataset-v2" / "final-EMER-reason.csv"
    write_csv(path, ["name", "chinese", "english"], rows)
    return root


def make(root: Path) -> Path:
    """Both versions and the clips of both."""
    write_films(root / "video", sorted({*V1, *V2}), "avi")
    return write_v2(write_v1(root))
