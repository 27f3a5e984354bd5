"""The figures that the EmoS paper prints of its data, as printed."""

from affecthub.labels import GOEMOTIONS

N_CLIPS = {"zh": 4403, "en": 5000, "all": 9403}

# Table 1: figure -> first 2,499, latter 1,904, total.
TABLE_1 = {
    "N": (2499, 1904, 4403),
    "high": (1702, 1670, 3372),
    "medium": (496, 122, 618),
    "low": (301, 112, 413),
    "unique = 1": (1097, 904, 2001),
    "unique = 2": (1119, 917, 2036),
    "unique = 3": (283, 83, 366),
}
# Section 3.2.2, percent of the 4,403.
TIER_SHARES = {"high": 76.6, "medium": 14.0, "low": 9.4}

# Table 2: batch -> labels per clip of each annotator, mean union, unions of 4 or more, exact match
# in percent.
TABLE_2 = {
    "zh_first": ((1.84, 1.42, 1.41), 3.68, 1458, 7.6),
    "zh_last": ((1.93, 1.25, 1.51), 3.60, 1521, 24.4),
}
TABLE_3 = {
    "confidence >= 0.7": 1993,
    "confidence 0.5 to 0.7": 2101,
    "confidence < 0.5": 401,
    "labels changed": 1031,
    "labels changed, %": 24.2,
    "union mean": 2.70,
    "union >= 4": 979,
    "union >= 5": 502,
    "exact match": 686,
}
# Table 4: batch -> labels per clip of each annotator, least and greatest pairwise Jaccard, exact
# match in percent.
TABLE_4 = {
    "zh_first": ((1.84, 1.42, 1.41), (0.34, 0.38), 8),
    "zh_last": ((1.93, 1.25, 1.51), (0.41, 0.45), 24),
    "en_first": ((1.61, 1.40, 1.40), (0.389, 0.445), 31),
    "en_last": ((2.31, 1.50, 1.50), (0.369, 0.401), 9),
}
# Table 5, percent: CH-SIMS v2, MELD-Core, combined.
TABLE_5 = {
    "neutral": (27.9, 46.4, 35.4),
    "joy": (31.2, 21.4, 27.2),
    "anger": (14.0, 13.4, 13.8),
    "sadness": (10.4, 6.9, 9.0),
    "disgust": (8.8, 3.1, 6.5),
    "surprise": (3.3, 5.4, 4.1),
    "fear": (4.3, 3.4, 3.9),
}
TABLE_6 = {"segments": 50, "turning points": 401, "turning points per segment": 8.0}
TABLE_6_MOST = "25 (Any Given Sunday)"
# Section 3.1: "about 2 hours", "roughly 700 consecutive sentences".
STREAMING_HOURS, STREAMING_SENTENCES = 2, 700
# Section 3.3.1, percent: neutral and joy among Basic-7 and among GoEmotions labels.
STREAMING_SHARES = {"neutral": (32.8, 31.6), "joy": (19.6, 23.7)}

# Tables 9 and 10, percent, in the order of GOEMOTIONS: clips that any annotator gave the label.
TABLE_9 = {
    "CN": "7.06 6.24 16.14 13.26 2.92 11.90 13.38 5.50 10.34 9.76 16.06 15.46 1.52 10.26 5.34 3.22 "
    "1.70 28.64 7.54 8.18 17.20 9.64 11.84 3.80 3.06 14.22 11.14 24.04",
    "EN": "1.70 3.23 14.43 8.10 3.00 5.10 14.57 11.03 9.47 3.17 11.67 14.43 4.40 4.60 4.13 1.23 "
    "0.20 23.03 8.50 7.10 2.67 2.97 25.53 2.47 2.50 11.43 14.60 45.93",
    "ALL": "5.05 5.11 15.50 11.33 2.95 9.35 13.83 7.58 10.01 7.29 14.41 15.07 2.60 8.14 4.89 2.48 "
    "1.14 26.54 7.90 7.78 11.75 7.14 16.98 3.30 2.85 13.18 12.44 32.25",
}
TABLE_10 = (
    "9.84 6.26 9.17 12.75 7.38 10.51 6.71 5.37 5.82 9.17 21.92 6.94 1.34 8.95 1.79 1.12 13.20 0.89 "
    "4.03 5.37 7.83 15.44 22.60 4.25 9.17 3.36 0.22 2.24"
)
# Table 11, percent of utterances.
TABLE_11 = {
    "sadness": 24.2,
    "anger": 23.0,
    "neutral": 20.6,
    "joy": 20.4,
    "disgust": 6.7,
    "fear": 3.8,
    "surprise": 1.3,
}


def by_label(percents: str) -> dict[str, float]:
    """A table's percents by GoEmotions label.

    Example:
        >>> by_label(TABLE_10)["grief"]
        13.2
    """
    return dict(zip(GOEMOTIONS, map(float, percents.split()), strict=True))
