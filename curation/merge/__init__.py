"""Contributions taken into a dataset: read, built on a branch, offered, accepted."""
