"""Where the cord lies: its line, its levels, regions around it."""
