"""What the Hub shows: card templates and publishing."""
