"""A page to try turning_points in the browser."""

from affecthub.metrics.widget import launch

launch("turning_points")
