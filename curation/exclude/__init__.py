"""Who is left out of which metric, and why: exclude.yml."""
