"""Reads a dataset, evaluates rules against a protocol, reports findings."""
