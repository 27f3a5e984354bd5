"""The committed splits of corpora that share clips: disjoint also across corpora, and balanced."""

from collections import Counter
from itertools import permutations
from pathlib import Path

import pyarrow.compute as pc
import pytest

import affecthub.datasets_scripts
from affecthub import Corpus
from affecthub.datasets_scripts.families.shared_splits import write_shared_splits
from affecthub.datasets_scripts.protocols.leaks import leakage

FOLDERS = {
    "ch_sims": "merbench_labels/sims",
    "ch_sims_v2": "merbench_labels/simsv2",
    "meld": "meld",
    "emos": "emos",
}
LEADS = {"Chandler", "Joey", "Monica", "Phoebe", "Rachel", "Ross"}


@pytest.fixture(scope="module")
def independent(reference_data):
    """The speaker-independent rows of each corpus, by split."""
    return {
        name: Corpus(name, reference_data / folder, protocol="speaker_independent").sides()
        for name, folder in FOLDERS.items()
    }


def drift(splits, column: str, where=lambda rows: rows) -> float:
    """The largest label drift in percentage points, counted here."""
    parts = [Counter(where(rows)[column].to_pylist()) for rows in splits.values()]
    whole = sum(parts, Counter())
    return max(
        abs(100 * part[label] / part.total() - 100 * n / whole.total())
        for part in parts
        for label, n in whole.items()
    )


def language(code):
    return lambda rows: rows.filter(pc.equal(rows["language"], code))


def sign(rows):
    return rows.append_column("sign", pc.sign(rows["sentiment"]))


def test_no_group_is_on_two_sides_in_any_two_corpora(independent):
    for one, other in [*permutations(independent, 2), *((name, name) for name in independent)]:
        for a, b in permutations(("train", "validation", "test"), 2):
            report = leakage(independent[one][a], independent[other][b])
            assert [leak for leak in report.found if leak.kind in ("groups", "clips")] == []


def test_a_clip_of_meld_is_of_the_same_person_in_emos(reference_data):
    """But for one clip, whose speaker EmoS' workbook has as another."""
    meld, emos = (Corpus(name, reference_data / name).annotations() for name in ("meld", "emos"))
    person = dict(zip(meld["id"].to_pylist(), meld["group_id"].to_pylist(), strict=True))
    emos = emos.filter(pc.equal(emos["language"], "en"))
    found = {
        clip: (group, person[clip.replace("/", "_")])
        for clip, group in zip(emos["id"].to_pylist(), emos["group_id"].to_pylist(), strict=True)
    }
    assert len(found) == 5000
    other = {clip: groups for clip, groups in found.items() if groups[0] != groups[1]}
    assert other == {"train/dia556_utt6": ("Ross", "Joey")}
    # MELD has both spellings of one name, EmoS too, with the other clips.
    doctor = meld.filter(pc.equal(meld["group_id"], "Dr. Ledbetter"))
    for clip in ("train/dia259_utt0", "train/dia335_utt3"):
        leaks = leakage(emos.filter(pc.equal(emos["id"], clip)), doctor).found
        assert ("groups", ("Dr. Ledbetter",)) in [(leak.kind, leak.examples) for leak in leaks]


def test_labels_hardly_drift(independent):
    assert drift(independent["emos"], "emotion", language("zh")) < 0.5
    assert drift(independent["emos"], "emotion", language("en")) < 0.5
    assert drift(independent["meld"], "emotion") < 0.7
    assert drift(independent["ch_sims"], "sign", sign) < 0.3
    assert drift(independent["ch_sims_v2"], "sign", sign) < 0.2


def test_sizes(independent):
    for name in ("ch_sims", "ch_sims_v2"):
        sizes = {split: rows.num_rows for split, rows in independent[name].items()}
        total = sum(sizes.values())
        assert total == {"ch_sims": 2281, "ch_sims_v2": 4403}[name]
        for split, share in {"train": 0.7, "validation": 0.1, "test": 0.2}.items():
            assert abs(sizes[split] / total - share) < 0.015
    meld = independent["meld"]
    assert sum(rows.num_rows for rows in meld.values()) == 13708 - 69
    # One lead each and guests on the smaller sides.
    for split in ("validation", "test"):
        groups = set(meld[split]["group_id"].to_pylist())
        assert len(groups & LEADS) == 1 and len(groups) > 30
        assert 0.13 < meld[split].num_rows / 13639 < 0.17


def test_every_clip_of_emos_with_a_group_has_a_side(reference_data, independent):
    rows = Corpus("emos", reference_data / "emos").annotations()
    n_known = rows.num_rows - rows["group_id"].null_count
    assert sum(part.num_rows for part in independent["emos"].values()) == n_known == 9396
    by_source = Corpus("emos", reference_data / "emos", protocol="source_independent").sides()
    assert sum(part.num_rows for part in by_source.values()) == 9403
    assert drift(by_source, "emotion", language("en")) < 0.1
    films = Corpus(
        "emos", reference_data / "emos", "streaming_clips", protocol="speaker_independent"
    ).sides()
    assert {name: part.num_rows for name, part in films.items()} == {
        "train": 0,
        "validation": 0,
        "test": 46,
    }


@pytest.mark.slow
def test_the_committed_files_are_made_from_the_released_ones(reference_data, tmp_path):
    folders = {name: reference_data / FOLDERS[name] for name in ("ch_sims_v2", "meld", "emos")}
    committed = Path(affecthub.datasets_scripts.__file__).parent
    for file in write_shared_splits(folders, tmp_path):
        path = Path(file.corpus) / "splits" / f"{file.rule.protocol}.json"
        assert (tmp_path / path).read_text() == (committed / path).read_text(), path
