"""Reads what can be read of the vendors' own protocol exports, into a draft spec."""
