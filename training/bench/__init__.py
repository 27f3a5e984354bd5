"""MER-UniBench as a whole: models, released answers and baselines in one table, without torch.

Only `predicting` and `ablation` need a model's packages; they are imported where one is asked.
"""
