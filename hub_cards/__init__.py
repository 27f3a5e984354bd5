"""What the Hub shows beside the cards: pictures."""
