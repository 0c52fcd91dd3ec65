"""What people read, in English and Chinese: the names of codes and columns and what commands say, one source for every
page, sheet and table."""

from casextract.language.catalogue import help_text, intent, translated
from casextract.language.labels import LANGUAGES, Language, label, labels, preferred

__all__ = ["LANGUAGES", "Language", "help_text", "intent", "label", "labels", "preferred", "translated"]
