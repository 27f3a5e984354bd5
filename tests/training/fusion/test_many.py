"""Runs side by side are the single runs, and a search chooses by validation alone."""

from dataclasses import replace
from statistics import stdev

import pytest
import torch

from affecthub.training.fusion import Job, Settings, config_for, fit_many, search
from affecthub.training.fusion.searching import JOURNAL
from affecthub.training.fusion.spaces import SPACES, draw_from, space_of
from affecthub.training.fusion.stacked.grouping import groups_of

SETTINGS = Settings(epochs=2, batch_size=16)


def jobs_of(table, algorithm, fidelity="fixed", n=5, **changes):
    jobs = []
    for i, draw in enumerate(draw_from(SPACES[algorithm], n, seed=3)):
        config = config_for(
            table, algorithm, options=draw.options, fidelity=fidelity, **draw.config
        )
        settings = SETTINGS.with_(**draw.settings, **changes if i % 2 else {})
        jobs.append(Job(config, settings, i % 2))
    return jobs


@pytest.mark.parametrize(
    ("algorithm", "fidelity"),
    [
        ("lmf", "fixed"),
        pytest.param("attention", "fixed", marks=pytest.mark.slow),
        pytest.param("attention", "official", marks=pytest.mark.slow),
    ],
)
def test_side_by_side_is_one_by_one(small, algorithm, fidelity):
    jobs = jobs_of(small, algorithm, fidelity, clip_value=0.05)
    assert len({job.config.hidden_dim for job in jobs}) > 1
    assert len({job.config.dropout for job in jobs}) > 1
    assert len({job.settings.learning_rate for job in jobs}) > 1
    together, alone = groups_of(jobs, small)
    assert [group.places for group in together] == [(0, 1, 2, 3, 4)] and not alone
    one, many = dict(fit_many(jobs, small, side_by_side=False)), dict(fit_many(jobs, small))
    for place in range(len(jobs)):
        a, b = one[place], many[place]
        for name, weight in a.model.state_dict().items():
            torch.testing.assert_close(
                b.model.state_dict()[name], weight, rtol=2e-3, atol=2e-5, msg=name
            )
        assert a.best_epoch == b.best_epoch
        assert a.scores == pytest.approx(b.scores)
        assert a.history[-1]["loss"] == pytest.approx(b.history[-1]["loss"], rel=1e-4)


@pytest.mark.slow
def test_scores_are_learned_side_by_side(scored):
    jobs = jobs_of(scored, "lmf", n=3)
    one, many = dict(fit_many(jobs, scored, side_by_side=False)), dict(fit_many(jobs, scored))
    for place in range(3):
        torch.testing.assert_close(
            one[place].answers["test"], many[place].answers["test"], rtol=1e-3, atol=1e-5
        )


def test_what_does_not_fit_together_goes_alone(small, ragged):
    jobs = jobs_of(small, "lmf", n=2)
    waits = Job(jobs[0].config, jobs[0].settings.with_(patience=3))
    longer = Job(jobs[0].config, jobs[0].settings.with_(epochs=3))
    other = Job(config_for(small, "misa"), SETTINGS)
    together, alone = groups_of([*jobs, waits, longer, other], small)
    assert [group.places for group in together] == [(0, 1)] and alone == [2, 3, 4]
    assert groups_of(jobs_of(ragged, "lmf", n=2), ragged) == ([], [0, 1])
    lacking = small.blocks["audio"].there.clone()
    lacking[0] = False
    block = replace(small.blocks["audio"], there=lacking)
    table = replace(small, blocks={**small.blocks, "audio": block})
    assert groups_of(jobs, table) == ([], [0, 1])


def test_a_search_chooses_by_validation_and_runs_the_best_again(small, tmp_path):
    found = search("lmf", small, draws=4, runs=3, settings=SETTINGS, folder=tmp_path)
    best = max(found.draws, key=lambda draw: draw["validation"]["waf"])
    assert found.best.plain() == best["draw"]
    assert [run["seed"] for run in found.runs] == [0, 1, 2] and len(found.fitted) == 3
    values = [run["scores"]["waf"] for run in found.runs]
    assert found.scores["waf"]["mean"] == pytest.approx(sum(values) / 3)
    assert found.scores["waf"]["sd"] == pytest.approx(stdev(values))
    lines = (tmp_path / JOURNAL).read_text().splitlines()
    again = search("lmf", small, draws=5, runs=3, settings=SETTINGS, folder=tmp_path)
    assert again.draws[:4] == found.draws
    more = (tmp_path / JOURNAL).read_text().splitlines()
    assert more[: len(lines)] == lines and len(more) - len(lines) in (1, 4)


@pytest.mark.slow
def test_a_journal_that_was_cut_off_goes_on(small, tmp_path):
    search("lmf", small, draws=2, runs=1, settings=SETTINGS, folder=tmp_path)
    file = tmp_path / JOURNAL
    text = file.read_text()
    file.write_text(text[: len(text) - 20])
    again = search("lmf", small, draws=2, runs=1, settings=SETTINGS, folder=tmp_path)
    assert len(again.runs) == 1 and again.scores["waf"]["sd"] is None


def test_draws_are_the_first_of_more_and_of_the_space():
    for algorithm, space in SPACES.items():
        few, more = draw_from(space, 3), draw_from(space, 9)
        assert few == more[:3], algorithm
        for draw in more:
            assert all(value in space[name] for name, value in draw.plain().items())


def test_a_space_can_be_narrowed():
    space = space_of("lmf", {"hidden_dim": 32, "rank": [3, 4]})
    assert {draw.config["hidden_dim"] for draw in draw_from(space, 9)} == {32}
    with pytest.raises(ValueError, match="or 'lmf'"):
        space_of("lfm")


def test_a_search_without_validation_clips_is_refused(small):
    empty = replace(small, splits={**small.splits, "validation": torch.zeros(0, dtype=torch.long)})
    with pytest.raises(ValueError, match="no clips to choose by"):
        search("lmf", empty, draws=1)
