"""What a run needs and what it will cost, before anything is downloaded."""
