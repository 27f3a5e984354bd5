"""MER-Caption and MER-Caption+: machine-written emotion words and descriptions."""
