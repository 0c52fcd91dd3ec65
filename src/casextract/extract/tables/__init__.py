"""Tables: each value of a cell in plain words, which the rules for sentences then read."""
