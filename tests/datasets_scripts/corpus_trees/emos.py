"""The EmoS release in its true layout: workbooks by annotator, label tables, fenced JSON, media.

Texts and labels are invented; ids and speakers are real ones, so that the protocols apply. Labels
are made by the same rules as the release's.
"""

import csv
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from openpyxl import Workbook

from affecthub.annotation.aggregation import dawid_skene, soft_labels
from affecthub.annotation.agreement import union_sizes
from affecthub.annotation.votes import count_distinct, encode_sets, encode_votes
from affecthub.datasets_scripts.emos.builder import EmosBuilder
from affecthub.datasets_scripts.emos.correction import correct_by_mass, correct_by_votes, set_votes
from affecthub.labels import BASIC7, GOEMOTIONS_WITH_UNSURE
from corpus_trees.media import clip_video, put

FINAL = Path("datasets/data-final")
SIMS = FINAL / "datasets/ch-simsv2s"
MELD = FINAL / "datasets/newdataset-MELD"
STREAMING = Path("datasets/streaming-finalsplit")
N_FIRST = 6  # clips of each language's first batch
FILMS = {"Heat": "en", "Black Ice": "zh"}
PROBABILITIES = [f"goemotion_prob_{label}" for label in GOEMOTIONS_WITH_UNSURE]
# What the annotators of a clip chose, by turns; a set without a comma is one label.
SETS = (
    ("joy;love", "joy", "joy;excitement"),
    ("anger", "annoyance;disapproval", "anger"),
    ("neutral", "neutral", "realization"),
    ("sadness;grief", "disappointment", "fear"),
    ("surprise", "surprise;confusion", "amusement"),
)
VOTES = (
    ("Joy", "Joy", "Joy"),
    ("Anger", "Anger", "Disgust"),
    ("Neutral", "Neutral", "Sadness"),
    ("Sadness", "Fear", "Sadness"),
    ("Surprise", "Joy", "Surprise"),
)
ORIGINALS = ("joy", "neutral", "neutral", "sadness", "surprise")


@cache
def sides(protocol: str, pattern: str) -> dict[str, list[str]]:
    """The values of a protocol's split file that match, by split."""
    splits = EmosBuilder.rule(protocol).splits
    return {
        split: [value for value in values if re.fullmatch(pattern, value)]
        for split, values in splits.items()
    }


def chinese_clips() -> list[tuple[str, str, str]]:
    """Video, clip and CH-SIMS v2 mode: videos of train, test and train, and a pair that collides.

    ``int`` reads ``00001_0`` and ``00010`` of the last video as the same number.
    """
    videos = sides("speaker_independent", r"video_\d{4}")
    one, other = videos["train"][0], videos["test"][0]
    first = [(one, "0001"), (one, "0002"), (one, "0003"), (other, "0001"), (other, "0002")]
    last = [("aqgy4_0009", clip) for clip in ("00001_0", "00002", "00010", "00026_0")]
    clips = [*first, (other, "0004"), *last]
    modes = ("train", "train", "valid", "train", "test")
    return [(*clip, modes[i % 5]) for i, clip in enumerate(clips)]


def english_clips() -> list[dict[str, Any]]:
    """MELD's columns of ten clips, of people and episodes of several sides."""
    people = sides("speaker_independent", "Ross|Joey|Rachel|Phoebe|Chandler|Monica|Janice|Emily")
    episodes = sides("source_independent", r"s\d\de\d\d")
    clips = []
    for i in range(10):
        split = "test" if i % 5 == 3 else "train"
        episode = episodes["test" if i >= 8 else "train"][0]
        clips.append(
            {
                "Sr No.": i + 1,
                "Utterance": f"I?m sentence {i}, isn?t it" if i % 2 else f"Sentence {i}.",
                "Speaker": people[split][i % len(people[split])],
                "Emotion": ORIGINALS[i % 5],
                "Sentiment": "neutral",
                "Dialogue_ID": i // 3 if i < N_FIRST else 100 + i // 3,
                "Utterance_ID": i % 3,
                "Season": int(episode[1:3]),
                "Episode": int(episode[4:6]),
                "StartTime": f"00:16:{10 + 2 * i},000",
                "EndTime": f"00:16:{11 + 2 * i},500",
            }
        )
    return clips


def english_id(clip: dict[str, Any]) -> str:
    return f"dia{clip['Dialogue_ID']}_utt{clip['Utterance_ID']}"


def write_book(path: Path, rows: list[dict[str, Any]], sheet: str = "Sheet1") -> Path:
    """A workbook of one sheet, the keys of the first row above."""
    path.parent.mkdir(parents=True, exist_ok=True)
    book = Workbook()
    page = book.active
    page.title = sheet
    page.append(list(rows[0]))
    for row in rows:
        page.append([row[name] for name in rows[0]])
    book.save(path)
    return path


def chosen(rows: range) -> np.ndarray:
    """The annotators' sets of some rows as booleans."""
    sets = [[cell.split(";") for cell in SETS[i % 5]] for i in rows]
    return encode_sets(sets, GOEMOTIONS_WITH_UNSURE)


def probabilities(rows: range) -> list[dict[str, float]]:
    sets = chosen(rows)
    shares, sizes = soft_labels(sets), union_sizes(sets)
    return [
        {
            "goemotion_union_size": int(size),
            **dict(zip(PROBABILITIES, map(float, row), strict=True)),
        }
        for size, row in zip(sizes, shares, strict=True)
    ]


def write_chinese(root: Path) -> Path:
    """``meta.csv``, both batches' workbooks and label tables, both tables of probabilities."""
    clips = chinese_clips()
    meta = [
        {
            "video_id": video,
            "clip_id": clip,
            "text": f"第{i}句。",
            "label": round(-1 + 0.2 * i, 1),
            "label_T": 0.2,
            "label_A": -0.4,
            "label_V": 0.0,
            "annotation": "Neutral",
            "mode": mode,
        }
        for i, (video, clip, mode) in enumerate(clips)
    ]
    path = root / SIMS / "meta.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, meta[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(meta)
    n = len(clips)
    first = (range(N_FIRST), "First-2500", "analysis_outputs", "front2500", ("a1", "a2", "a3"))
    last = (range(N_FIRST, n), "Last-2500", "analysis_outputs_after2500", "after2500", None)
    for rows, folder, outputs, name, names in (first, last):
        for r, annotator in enumerate(names or ("bei", "cai", "dong")):
            suffix = "-dd" if annotator == "dong" else ""
            book = [
                {
                    **clip,
                    f"goemotion{suffix}": SETS[i % 5][r] if i in rows else None,
                    f"7-emotion{suffix}" if suffix else "basic-7-class": (
                        VOTES[i % 5][r] if i in rows else None
                    ),
                }
                for i, clip in enumerate(meta)
            ]
            write_book(root / SIMS / folder / f"{annotator}.xlsx", book)
        keys = [{k: meta[i][k] for k in ("video_id", "clip_id", "text")} for i in rows]
        for key in keys:  # as the release's tables do it
            key["clip_id"] = int(key["clip_id"])
        votes = [VOTES[i % 5] for i in rows]
        numbers = encode_votes([[v.lower() for v in clip] for clip in votes], BASIC7)
        model = dawid_skene(numbers, 7)
        labels = [
            {
                **key,
                **dict(zip(names or ("b", "c", "d"), clip, strict=True)),
                "ds_label": BASIC7[label].capitalize(),
                "ds_confidence": float(confidence),
                "unique_labels": int(distinct),
            }
            for key, clip, label, confidence, distinct in zip(
                keys, votes, model.label, model.confidence, count_distinct(numbers, 7), strict=True
            )
        ]
        write_book(root / SIMS / folder / outputs / "basic7/annotated_with_ds.xlsx", labels)
        soft = [{**key, **p} for key, p in zip(keys, probabilities(rows), strict=True)]
        if name == "after2500":  # 00001_0 got what belongs to 00010
            soft[0] = {**soft[0], **{k: soft[2][k] for k in PROBABILITIES}}
        write_book(root / FINAL / f"Chinese/goemotion/{name}_training_data.xlsx", soft)
    return root


def write_english(root: Path) -> Path:
    """Both batches' workbooks (the second with all rows) and label tables."""
    clips = english_clips()
    n = len(clips)
    for rows, folder, names in (
        (range(N_FIRST), "Annotations-3000", ("zz", "yy", "xx")),
        (range(N_FIRST, n), "Annotations-last-2000", ("a10", "a11", "a12")),
    ):
        for r, name in enumerate(names):
            book = [
                {**clip, "go-emotion": SETS[i % 5][r] if i in rows else None}
                for i, clip in enumerate(clips)
            ]
            last = name.startswith("a")
            file = f"{name}.xlsx" if last else f"annotator_{name}_train_sent_emo.xlsx"
            write_book(root / MELD / folder / file, book, "train_sent_emo")
    first, last = range(N_FIRST), range(N_FIRST, n)
    keys = ("Sr No.", "Dialogue_ID", "Utterance_ID", "Utterance", "Speaker", "Emotion", "Sentiment")
    soft = soft_labels(chosen(first))
    originals = [BASIC7.index(clip["Emotion"]) for clip in clips]
    mass = correct_by_mass(soft, originals[:N_FIRST])
    book = [
        {
            **{key: clips[i][key] for key in keys},
            **{
                column: value
                for r, name in enumerate(("zhao", "yi", "xu"))
                for column, value in ((f"go_{name}", SETS[i % 5][r]), (f"go_{name}_count", 1))
            },
            **p,
            **_corrected(mass, i, clips[i]["Emotion"]),
        }
        for i, p in zip(first, probabilities(first), strict=True)
    ]
    outputs = root / MELD / "Annotations-3000/analysis_outputs"
    write_book(outputs / "goemotion/goemotion_soft_labels_first3000.xlsx", book)
    votes = set_votes(chosen(last), originals[N_FIRST:])
    voted = correct_by_votes(votes, originals[N_FIRST:])
    book = [
        {
            **{key: clips[i][key] for key in keys},
            **{
                f"basic_vote_a{10 + r}": BASIC7[vote].capitalize()
                for r, vote in enumerate(votes[i - N_FIRST])
            },
            **p,
            **_corrected(voted, i - N_FIRST, clips[i]["Emotion"].capitalize()),
        }
        for i, p in zip(last, probabilities(last), strict=True)
    ]
    outputs = root / MELD / "Annotations-last-2000/analysis_outputs"
    write_book(outputs / "basic7/annotated_with_ds_last2000.xlsx", book)
    return root


def _corrected(correction: Any, i: int, original: str) -> dict[str, Any]:
    return {
        "basic_corrected": BASIC7[correction.label[i]].capitalize(),
        "basic_corrected_conf": float(correction.confidence[i]),
        "basic_correction_reason": str(correction.reason[i]),
        "basic_orig": original,
        "basic_changed": bool(correction.changed[i]),
    }


def utterance(i: int, emotion: str, secondary: list[str]) -> dict[str, Any]:
    return {
        "timestamp_range": f"00:0{2 * i}-00:0{2 * i + 2}",
        "transcript_zh": f"第{i}段。",
        "transcript_en": f"Part {i}.",
        "emotion_primary": emotion,
        "emotion_secondary": secondary,
        "intensity": 3,
        "audio_cues": "low",
        "visual_cues": "still",
        "evidence": "what was said",
    }


def write_film(root: Path, title: str, lang: str) -> Path:
    """Both JSON files of a film: three utterances with one turn, two segments."""
    english = lang == "en"
    content = {
        "summary": "Someone speaks.",
        "overall_emotion_trend": {
            "dominant": "Anger" if english else "Anger/愤怒",
            "trajectory": "up",
        },
        "utterances": [
            {
                **utterance(0, "Anger" if english else "Anger/愤怒", ["anger"]),
                "speaker_guess": "He",
            },
            utterance(1, "Anger", ["grief 😢", "determination"]),
            utterance(2, "Sadness", ["Grief"]),
        ],
    }
    fenced = f"```json\n{json.dumps(content, ensure_ascii=False, indent=2)}\n```\n"
    put(root / STREAMING / title / f"{title}.emotion.json", fenced.encode())
    times = {
        "lang": lang,
        "film": title if english else "某片",
        "source_rel": "monologues/monologues.mp4",
        "t_start_global": 100.0,
        "t_end_global": 106.5,
        "duration": 6.5,
        "clip": f"{title}.mp4",
        "segments": [
            {"index": 1, "start": 0.0, "end": 2.5, "text": "One,", "filename": "segment001.mp4"},
            {"index": 2, "start": 3.0, "end": 6, "text": "two.", "filename": "segment002.mp4"},
        ],
    }
    text = json.dumps(times, ensure_ascii=False, indent=2)
    put(root / STREAMING / title / "sentence_level_timestamps.json", text.encode())
    return root


def write_release(root: Path) -> Path:
    """A clone of the release: annotations without media."""
    write_english(write_chinese(root))
    for title, lang in FILMS.items():
        write_film(root, title, lang)
    put(root / "manifest.csv", b"release_path,size_bytes\n")
    put(root / STREAMING / "English_sentence_level.json", b"[]")
    return root


def write_sims_media(raw: Path) -> Path:
    """CH-SIMS v2's clips; 00026_0 lies there as 000260."""
    for i, (video, clip, _) in enumerate(chinese_clips()):
        put(raw / video / f"{clip.replace('26_0', '260')}.mp4", clip_video(i))
    return raw


def write_meld_media(folder: Path, prefix: str = "") -> Path:
    """MELD's clips in one folder, all with another film where a clip is not ours."""
    for i, clip in enumerate(english_clips()):
        put(folder / f"{prefix}{english_id(clip)}.mp4", clip_video(i))
    return folder


def write_films_media(folder: Path) -> Path:
    """Whole films, their segments, and an original that belongs to nobody."""
    for i, title in enumerate(FILMS):
        for name in (title, "segment001", "segment002", f"{title}.original"):
            put(folder / title / f"{name}.mp4", clip_video(i))
    return folder


def write_meld_csv(root: Path) -> Path:
    """MELD's own ``train_sent_emo.csv``: apostrophes as they were, one clip more, other order."""
    path = root / "train_sent_emo.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    clips = [{**clip, "Utterance": clip["Utterance"].replace("?", "’")} for clip in english_clips()]
    clips.append({**clips[0], "Dialogue_ID": 999})
    with open(path, "w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, clips[0])
        writer.writeheader()
        writer.writerows(reversed(clips))
    return root


def roots(root: Path) -> dict[str, Path]:
    """The other folders, each in its own layout."""
    meld = write_meld_csv(root / "MELD.Raw")
    write_meld_media(meld / "train" / "train_splits")
    for side in ("dev/dev_splits_complete", "test/output_repeated_splits_test"):
        put(meld / side / "dia0_utt0.mp4", b"another clip of the same number")
    sims = root / "ch-simsv2s"
    write_sims_media(sims / "Raw")
    return {"meld": meld, "ch_sims_v2": sims, "streaming": write_films_media(root / "films")}


def make(root: Path) -> Path:
    """A small whole corpus: the release with all media in it."""
    write_release(root)
    write_sims_media(root / FINAL / "Chinese/Raw")
    write_meld_media(root / FINAL / "English/train_splits")
    write_films_media(root / STREAMING)
    return root
