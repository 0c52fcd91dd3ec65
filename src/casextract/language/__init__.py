"""What people read, in English and Chinese: the names of codes and columns and what commands say, one source for every
page, sheet and table."""

from casextract.language.catalogue import help_text, translated
from casextract.language.labels import LANGUAGES, Language, label, labels, preferred

__all__ = ["LANGUAGES", "Language", "help_text", "label", "labels", "preferred", "translated"]
