"""Tools for those who write rules: checks, examples, coverage, a first draft."""
