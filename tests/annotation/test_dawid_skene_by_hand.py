"""One iteration of Dawid and Skene worked out by hand, with a vote missing."""

import numpy as np
import pytest

from affecthub.annotation.aggregation import dawid_skene
from affecthub.annotation.votes import MISSING


def test_a_missing_vote_is_no_part_of_the_start():
    """Shares are of the votes given: clip 0 has one vote, so it starts with all of class 0.

    Start: (1, 0), (1/2, 1/2), (0, 1); prior (1/2, 1/2). Of annotator 0, who votes 0, 0, 1: class 0
    (1, 0); class 1 (1/3, 2/3). Of annotator 1, who votes -, 1, 1: always 1. So clip 0 is
    1/2 : 1/6 = 3/4 : 1/4, clip 1 the same, and clip 2 is of class 1.
    """
    found = dawid_skene([[0, MISSING], [0, 1], [1, 1]], 2, max_iterations=1)
    assert found.prior == pytest.approx([0.5, 0.5])
    np.testing.assert_allclose(found.confusion[0], [[1, 0], [1 / 3, 2 / 3]])
    np.testing.assert_allclose(found.confusion[1], [[0, 1], [0, 1]])
    np.testing.assert_allclose(found.posterior, [[0.75, 0.25], [0.75, 0.25], [0, 1]])
