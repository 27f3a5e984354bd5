"""MER-UniBench's leaderboard as a Space: result files of the folder beside it, and the Hub's."""

from pathlib import Path

from affecthub.hub_cards.spaces.leaderboard.launching import launch

launch([Path(__file__).with_name("results")], hub=True)
