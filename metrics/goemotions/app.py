"""A page to try goemotions in the browser."""

from affecthub.metrics.widget import launch

launch("goemotions")
