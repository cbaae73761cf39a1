"""Processing, template and statistics of accepted datasets."""
