"""`selloff data`: what is stored, and getting more of it. One file per command."""

from selloff.cli.data import pull

__all__ = ["pull"]
