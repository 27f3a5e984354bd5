"""CMU-MOSEI's crowd ratings: a row per rater and clip becomes a mean intensity per emotion."""

import pyarrow as pa
import pyarrow.compute as pc

from affecthub.datasets_scripts.families.sentiment_labels import Part
from affecthub.datasets_scripts.reading.layout import Tree
from affecthub.datasets_scripts.reading.tables import read_csv, to_numbers

# Emotion as CMU's label sequence names it -> our column; each from 0 (absent) to 3 (strong).
INTENSITIES = {
    "happy": "intensity_happy",
    "sad": "intensity_sad",
    "anger": "intensity_anger",
    "surprise": "intensity_surprise",
    "disgust": "intensity_disgust",
    "fear": "intensity_fear",
}
VIDEO, CLIP = "Input.VIDEO_ID", "Input.CLIP"
# Emotion as the batches name it -> our column.
ANSWERS = {
    "Answer.happiness": "intensity_happy",
    "Answer.sadness": "intensity_sad",
    "Answer.anger": "intensity_anger",
    "Answer.surprise": "intensity_surprise",
    "Answer.disgust": "intensity_disgust",
    "Answer.fear": "intensity_fear",
}


def read_ratings(tree: Tree) -> list[Part]:
    """Read the batches below a folder ``Labels`` and average them over raters.

    Files there without the columns of a batch are other label files, and are left alone.

    Returns:
        One part with ``id`` and the six intensities, or none where there is no batch.

    Raises:
        ValueError: A rating is no number; names the file and the line.
    """
    batches = []
    for file in tree.find(r"(^|/)Labels/[^/]+\.csv$"):
        table = read_csv(tree, file, [])
        if not {VIDEO, CLIP, *ANSWERS} <= set(table.column_names):
            continue
        video, clip = (pc.utf8_trim_whitespace(table[name]) for name in (VIDEO, CLIP))
        where = tree.root / file.path
        columns = {"id": pc.binary_join_element_wise(video, clip, "_")}
        for answer, ours in ANSWERS.items():
            columns[ours] = to_numbers(table[answer], where, answer)
        batches.append(pa.table(columns))
    if not batches:
        return []
    ratings = pa.concat_tables(batches)
    means = ratings.group_by("id").aggregate([(name, "mean") for name in ANSWERS.values()])
    return [
        Part("Labels", means.rename_columns([n.removesuffix("_mean") for n in means.column_names]))
    ]
