"""A page to try sentiment in the browser."""

from affecthub.metrics.widget import launch

launch("sentiment")
