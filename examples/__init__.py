"""The digital phantom: a small dataset whose true values are known."""
