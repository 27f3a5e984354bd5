"""What does not end is noticed, in Python and within a pattern."""

import re

import pytest
from hangs import ends


def test_a_loop_without_end_fails():
    with pytest.raises(pytest.fail.Exception, match=r"waiting: no end after 0\.05 s of work"):
        with ends("waiting", within_s=0.05):
            while True:
                pass


def test_a_pattern_without_end_fails():
    with pytest.raises(pytest.fail.Exception, match="no end"):
        with ends("matching", within_s=0.05):
            re.fullmatch(r"(a|a)+b", "a" * 60)


def test_what_ends_is_left_alone():
    with ends("nothing", within_s=0.05):
        pass
    sum(range(10_000_000))  # its time does not count any more
