"""A page to try goemotions in the browser."""

from affecthub.metrics.modules.page import launch

launch("goemotions")
