"""First stage: bytes to `Source`, the decoded text of one article and what the file says about it.

`discover` lists the files, `load_file` reads one, `load_bytes` does the same without a file system. A parser for a
format is imported only when such a file comes.
"""

from casextract.load.dispatch import USUAL, load_bytes, load_file, optional_readers, reread
from casextract.load.files import InputError, discover
from casextract.load.metadata import is_platform
from casextract.load.sound import sound
from casextract.load.source import Columns, Found, Loaded, LoadError, Mark, MarkKind, Meta, Source

__all__ = [
    "USUAL",
    "Columns",
    "Found",
    "InputError",
    "LoadError",
    "Loaded",
    "Mark",
    "MarkKind",
    "Meta",
    "Source",
    "discover",
    "is_platform",
    "load_bytes",
    "load_file",
    "optional_readers",
    "reread",
    "sound",
]
