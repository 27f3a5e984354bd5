"""A page to try goemotions in the browser."""

from affecthub.metrics.modules.widget import launch

launch("goemotions")
