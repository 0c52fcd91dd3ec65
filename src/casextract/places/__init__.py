"""Administrative divisions, mentions of them in a text, and which place is meant."""
