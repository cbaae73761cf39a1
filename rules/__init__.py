"""What is checked: rules as data in the BIDS expression language."""
