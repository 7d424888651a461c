"""Catalogue of the demo bank: `series/` and `sources/`."""
