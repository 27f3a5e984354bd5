"""Sectors as arcs of a circle."""

import pytest

from affecthub.metrics.lexicon.loading import load_lexicon
from affecthub.metrics.wheels.geometry import arcs, count_on, wheel_of


@pytest.mark.parametrize("number", range(5))
def test_arcs_go_once_round_in_the_order_of_the_wheel(number):
    wheel = wheel_of(load_lexicon(), number)
    found = arcs(wheel)
    cores = [arc for arc in found if arc.group is None and not arc.is_neutral]
    groups = [arc for arc in found if arc.group is not None]
    for ring in (cores, groups):
        assert ring[0].start_deg == 0 and ring[-1].end_deg == pytest.approx(360)
        assert [a.end_deg for a in ring[:-1]] == [b.start_deg for b in ring[1:]]
    # A core covers its own groups and no other's; neutral is the disc and has no stretch.
    for core in cores:
        own = [arc for arc in groups if arc.core == core.core]
        assert (own[0].start_deg, own[-1].end_deg) == pytest.approx((core.start_deg, core.end_deg))
    assert [arc.core for arc in found if arc.is_neutral] == [wheel.neutral]
    assert wheel.neutral not in {arc.core for arc in groups}
    assert {arc.core for arc in found} == set(wheel.inner.values())


@pytest.mark.parametrize("number", range(5))
def test_labels_fall_where_the_scores_put_them(number):
    lexicon = load_lexicon()
    labels = ["furious", "worried", "proud", "开心", "not happy", "neutral", "qwerty"]
    found = count_on(lexicon.wheels[number], labels, lexicon)
    inner = [lexicon.sectors(label, "inner")[number] for label in labels]
    middle = [lexicon.sectors(label, "middle")[number] for label in labels]
    placed = [place for place in zip(inner, middle, strict=True) if place[0] is not None]
    assert sorted(found.counts.elements()) == sorted(placed)
    assert found.n_labels == len(labels) and found.unplaced["qwerty"] == 1


def test_an_unknown_wheel_is_said():
    with pytest.raises(ValueError, match="Did you mean 'emotion tree'"):
        wheel_of(load_lexicon(), "emotion three")
    with pytest.raises(IndexError, match="got -1, expected 0 to 4"):
        wheel_of(load_lexicon(), -1)
