"""IEMOCAP_full_release, small: evaluations, transcriptions, sentences and films of dialogues.

A film's left half shows who wears the markers, its right half the partner; each half has a grey
that tells the half and the time, so that a cut can be proven right.
"""

import io
from fractions import Fraction
from functools import cache
from pathlib import Path

import av
import numpy as np

from corpus_trees.media import clip_wav, put

FPS = Fraction(25, 2)
SIZE = (96, 64)
FILM_S = 6
# Dialogue -> its turns: who speaks, number, start, end, code.
DIALOGUES: dict[str, tuple[tuple[str, int, float, float, str], ...]] = {
    "Ses01F_impro01": (
        ("F", 0, 0.4, 1.2, "neu"),
        ("M", 0, 1.2, 2.4, "exc"),
        ("F", 1, 2.4, 4.0, "xxx"),
        ("M", 1, 4.0, 5.6, "ang"),
    ),
    "Ses02M_script01_1": (("M", 0, 0.4, 1.6, "sad"), ("F", 0, 1.6, 3.0, "hap")),
    "Ses03F_script02_2": (("F", 0, 0.5, 2.0, "neu"), ("M", 0, 2.0, 3.2, "fru")),
    "Ses04M_impro08": (("F", 0, 0.4, 1.4, "hap"), ("M", 0, 1.4, 2.6, "ang")),
    "Ses05M_script01_1b": (("M", 0, 0.4, 1.4, "neu"), ("F", 33, 1.4, 3.0, "exc")),
    "Ses05F_impro03": (("F", 0, 0.4, 2.0, "sad"), ("M", 0, 2.0, 2.8, "sur")),
}
IDS = tuple(f"{name}_{t[0]}{t[1]:03d}" for name, turns in DIALOGUES.items() for t in turns)


def evaluation(name: str) -> str:
    """An EmoEvaluation file: heads, three or four raters, comments, an answer left empty."""
    lines = ["% [START_TIME - END_TIME] TURN_NAME EMOTION [V, A, D]", ""]
    for sex, number, start, end, code in DIALOGUES[name]:
        lines += [
            f"[{start:.4f} - {end:.4f}]\t{name}_{sex}{number:03d}\t{code}"
            "\t[2.5000, 3.0000, 1.5000]",
            "C-E2:\tNeutral;\t()",
            "C-E3:\tAnger; Frustration;\t()",
            "C-E4:\tOther;\t(tired (and bored))",
            f"C-{sex}1:\tExcited;\t()",
            "A-E3:\tval 3; act 2; dom  2;\t()",
            "A-E4:\tval 2; act 4; dom  1;\t(hard to say)",
            f"A-{sex}1:\tval 2; act ; dom  ;\t()",
            "",
        ]
    return "\n".join(lines) + "\n"


def transcription(name: str) -> str:
    """A transcription: first turn without its time, last turn twice, and noise between turns."""
    lines = []
    for i, (sex, number, start, end, _) in enumerate(DIALOGUES[name]):
        time = "" if i == 0 else f" [{start:08.4f}-{end:08.4f}]"
        lines.append(f"{name}_{sex}{number:03d}{time}: {words(name, sex, number)}")
    lines.insert(1, f"{name}_FXX0 [001.0000-001.1000]: [LAUGHTER]")
    lines.insert(1, "M: [BREATHING]")
    sex, number, _, end, _ = DIALOGUES[name][-1]
    lines.insert(0, f"{name}_{sex}{number:03d} [{end + 20:08.4f}-{end + 21:08.4f}]: Said later.")
    return "\n".join(lines) + "\n"


def words(name: str, sex: str, number: int) -> str:
    return f"What {sex} says: turn {number} of {name}."


def grey(frame: int, is_left: bool) -> int:
    """Dark halves are left ones; brightness grows with time."""
    return (10 if is_left else 130) + frame


@cache
def film(gop: int = 30) -> bytes:
    """Both actors side by side, MPEG-4 in avi as the release has it."""
    stream = io.BytesIO()
    with av.open(stream, "w", format="avi") as file:
        video = file.add_stream("mpeg4", rate=FPS)
        (video.width, video.height), video.pix_fmt = SIZE, "yuv420p"
        video.codec_context.gop_size, video.bit_rate = gop, 8_000_000  # next to no loss
        for i in range(round(FILM_S * FPS)):
            picture = np.full((SIZE[1], SIZE[0], 3), grey(i, False), np.uint8)
            picture[:, : SIZE[0] // 2] = grey(i, True)
            file.mux(video.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        file.mux(video.encode())
    return stream.getvalue()


def write_annotations(root: Path) -> Path:
    """Evaluations and transcriptions, with what else stands in their folders."""
    for name in DIALOGUES:
        dialog = session(root, name) / "dialog"
        put(dialog / "EmoEvaluation" / f"{name}.txt", evaluation(name).encode())
        put(dialog / "transcriptions" / f"{name}.txt", transcription(name).encode())
        put(dialog / "EmoEvaluation" / f"._{name}.txt", b"\x00\x05\x16\x07 resource fork")
        for folder, rater in (("Categorical", "e2_cat"), ("Attribute", "e3_atr")):
            turns = f"{name}_F000 :Neutral state; ()\n".encode()
            put(dialog / "EmoEvaluation" / folder / f"{name}_{rater}.txt", turns)
    return root


def write_media(root: Path) -> Path:
    """A wav per turn, one film and one wav per dialogue."""
    for name in DIALOGUES:
        put(session(root, name) / "dialog" / "avi" / "DivX" / f"{name}.avi", film())
        put(session(root, name) / "dialog" / "wav" / f"{name}.wav", clip_wav(0, 16000, 2))
    for i, turn in enumerate(IDS):
        name = turn[:-5]
        put(session(root, name) / "sentences" / "wav" / name / f"{turn}.wav", clip_wav(i, 16000))
    return root


# The six classes of MERBench's file, in the order of its integers; one turn without a majority is
# happy there, as 53 of the real ones are, and turns of other codes are absent.
SIX = {"hap": 0, "xxx": 0, "sad": 1, "neu": 2, "ang": 3, "exc": 4, "fru": 5}


def write_six(root: Path) -> Path:
    """``label_6way.npz``: a pickled dict."""
    codes = [turn[4] for turns in DIALOGUES.values() for turn in turns]
    corpus = {
        turn: {"emo": SIX[code], "val": -10}
        for turn, code in zip(IDS, codes, strict=True)
        if code in SIX
    }
    root.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(root / "label_6way.npz", whole_corpus=corpus)
    return root


def session(root: Path, name: str) -> Path:
    return root / "IEMOCAP_full_release" / f"Session{name[4]}"


def make(root: Path) -> Path:
    """A small whole corpus: five sessions, ten speakers, and MERBench's six classes beside it."""
    return write_six(write_media(write_annotations(root)))
