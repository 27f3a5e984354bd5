"""CREMA-D, small: the tables of the clone in R's dialect, and sound and film of each clip."""

from collections.abc import Sequence
from pathlib import Path

from corpus_trees.media import clip_video, clip_wav, put

LETTERS = "ADFHNS"
# Clip -> what raters said of the sound, the film and both: answers as letters.
CLIPS: dict[str, tuple[str, str, str]] = {
    "1001_IEO_NEU_XX": ("NNNNNNNNNNH", "NNNNNNNNN", "NNNNNNNNNN"),
    "1001_IEO_HAP_LO": ("NNNNNNHHH", "HHHHHN", "HHHHHHHN"),
    "1002_DFA_ANG_MD": ("AAAAADDDDDNS", "AAAAAAD", "AAAAAAAADD"),
    "1002_WSI_DIS_XX": ("NNNNDDD", "DDDDDDF", "DDDDAAAAN"),
    "1003_ITH_SAD_HI": ("SSSSSSN", "SSSSNNNN", "SSSSSSSN"),
    "1008_TSI_FEA_XX": ("FFFFFFF", "FFFFFFAA", "FFFFFFFFF"),
    "1008_MTI_HAP_XX": ("NNNNNNNH", "HHHHHHH", "HHHHHHHHHH"),
    "1040_ITH_SAD_XX": ("NNNNS", "SSSN", "SSSSN"),
}
PEOPLE = {
    "1001": (51, "Male", "Caucasian", "Not Hispanic"),
    "1002": (21, "Female", "Caucasian", "Not Hispanic"),
    "1003": (21, "Female", "African American", "Not Hispanic"),
    "1008": (23, "Female", "Asian", "Hispanic"),
    "1040": (42, "Male", "Unknown", "Not Hispanic"),
}


def top(answers: str) -> str:
    """The letters with most votes, in alphabetical order."""
    most = max(answers.count(letter) for letter in LETTERS)
    return "".join(letter for letter in LETTERS if answers.count(letter) == most)


def level(letter: str) -> float:
    """The mean intensity that raters gave an emotion."""
    return 50 + 5.25 * LETTERS.index(letter)


def write_lines(path: Path, lines: Sequence[Sequence[object]]) -> Path:
    """A csv as R writes it: text in quotes, numbers without."""
    cells = [
        ",".join(f'"{cell}"' if isinstance(cell, str) else str(cell) for cell in line)
        for line in lines
    ]
    return put(path, ("\n".join(cells) + "\n").encode())


def write_names(root: Path) -> Path:
    """``SentenceFilenames.csv`` and ``VideoDemographics.csv``."""
    rows = [(i, clip) for i, clip in enumerate(CLIPS, start=1)]
    write_lines(root / "SentenceFilenames.csv", [("Stimulus_Number", "Filename"), *rows])
    people = [(int(actor), *about) for actor, about in PEOPLE.items()]
    head = ("ActorID", "Age", "Sex", "Race", "Ethnicity")
    write_lines(root / "VideoDemographics.csv", [head, *people])
    return root


def write_summary(root: Path) -> Path:
    """``processedResults/summaryTable.csv``: winners and levels as text."""
    head = ["", "FileName"]
    head += [
        f"{mode}{what}" for mode in ("Voice", "Face", "MultiModal") for what in ("Vote", "Level")
    ]
    lines: list[Sequence[object]] = [head]
    for i, (clip, modes) in enumerate(CLIPS.items(), start=1):
        cells = [
            ":".join(text)
            for tops in map(top, modes)
            for text in (tops, [f"{level(letter):g}" for letter in tops])
        ]
        lines.append((str(i), clip, *cells))
    write_lines(root / "processedResults" / "summaryTable.csv", lines)
    return root


def write_votes(root: Path) -> Path:
    """``processedResults/tabulatedVotes.csv``: a row per mode and clip, with its normed columns."""
    names = ("Anger", "Disgust", "Fear", "Happy", "Neutral", "Sad")
    means = [f"mean{name}Resp" for name in names]
    lines: list[Sequence[object]] = [
        ("", *LETTERS, "fileName", "numResponses", "agreement", "emoVote", "meanEmoResp", *means)
    ]
    for mode in range(3):
        for i, (clip, modes) in enumerate(CLIPS.items(), start=1):
            answers = modes[mode]
            counts = [answers.count(letter) for letter in LETTERS]
            levels = [level(letter) if letter in answers else -1 for letter in LETTERS]
            share = max(counts) / len(answers)
            lines.append(
                (
                    str(100_000 * (mode + 1) + i),
                    *counts,
                    clip,
                    len(answers),
                    share,
                    ":".join(top(answers)),
                    60.5,
                    *levels,
                )
            )
    write_lines(root / "processedResults" / "tabulatedVotes.csv", lines)
    return root


def write_tables(root: Path) -> Path:
    """All four."""
    return write_votes(write_summary(write_names(root)))


def write_media(root: Path) -> Path:
    """A wav, an mp3 (one's name is enough) and a film per clip; one wav has its odd name."""
    for i, clip in enumerate(CLIPS):
        name = clip[:-1] if clip == "1040_ITH_SAD_XX" else clip
        put(root / "AudioWAV" / f"{name}.wav", clip_wav(i))
        put(root / "AudioMP3" / f"{clip}.mp3", clip_wav(i))
        put(root / "VideoFlash" / f"{clip}.flv", clip_video(i, "flv"))
    return root


def make(root: Path) -> Path:
    """A small whole clone."""
    return write_media(write_tables(root))
