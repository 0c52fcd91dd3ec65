"""What people read, in English and Chinese: the names of codes and columns, one source for every page, sheet and table."""

from casextract.language.labels import LANGUAGES, Language, label, labels, preferred

__all__ = ["LANGUAGES", "Language", "label", "labels", "preferred"]
