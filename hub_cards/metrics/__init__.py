"""Metrics as Spaces of the Hub: each a folder that ``evaluate.load`` takes without affecthub."""

from affecthub.hub_cards.metrics.space import stage_metric

__all__ = ["stage_metric"]
