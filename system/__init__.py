"""What everything stands on: errors, external tools, git plumbing, YAML, atomic files."""
