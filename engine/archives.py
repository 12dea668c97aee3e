"""What reading somebody else's zip archive can come to."""

from __future__ import annotations

import zipfile
import zlib

# What `zipfile` raises for an archive that is not whole; NotImplementedError: for a compression that it does not know.
BROKEN_ZIP = (zipfile.BadZipFile, zlib.error, OSError, RuntimeError, NotImplementedError, EOFError, ValueError)
