"""A release: checked, described, signed off, tagged and packed."""
