"""A page to try turning_points in the browser."""

from affecthub.metrics.modules.page import launch

launch("turning_points")
