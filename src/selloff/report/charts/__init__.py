"""Charts: one specification each, drawn from the documents that the JSON shows."""
