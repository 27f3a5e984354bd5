"""MER-UniBench: the nine test sets of the AffectGPT paper as one corpus."""
