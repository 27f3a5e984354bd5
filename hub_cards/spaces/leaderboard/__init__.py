"""MER-UniBench's leaderboard: systems that were scored, what guessing scores, what papers state."""
