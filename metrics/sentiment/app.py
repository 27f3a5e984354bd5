"""A page to try sentiment in the browser."""

from affecthub.metrics.modules.widget import launch

launch("sentiment")
