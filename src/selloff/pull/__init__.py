"""From sources to the store: the starter history, imported files, and the world's data."""

from selloff.pull.importing import FileImport, ImportReport, SeriesImport, import_folder
from selloff.pull.mapping import Mapping, read_mapping
from selloff.pull.starter import PullReport, pull_starter

__all__ = [
    "FileImport",
    "ImportReport",
    "Mapping",
    "PullReport",
    "SeriesImport",
    "import_folder",
    "pull_starter",
    "read_mapping",
]
