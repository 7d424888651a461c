"""Fetch: one file each. A source reads its own format and knows nothing of stores, clocks or release rules."""
