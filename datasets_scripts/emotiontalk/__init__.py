"""EmotionTalk: dyadic Chinese dialogues by 19 actors, labelled per modality and as a whole."""
