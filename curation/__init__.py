"""Plans and applies changes to a dataset."""
