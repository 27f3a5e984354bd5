"""A corpus on a disk against what its paper says."""
