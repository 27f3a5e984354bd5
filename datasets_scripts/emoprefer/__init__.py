"""EmoPrefer: two descriptions of a clip, and which of them people prefer."""
