"""participants.tsv: rows and cells, put right one at a time."""
