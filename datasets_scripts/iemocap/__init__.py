"""IEMOCAP: ten actors in five dyadic sessions, every rater's vote kept."""
