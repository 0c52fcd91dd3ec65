"""Turns collections of Chinese civil-affairs practice into validated, traceable tables."""

__version__ = "0.1.0"
