"""Names by the official schema, and the official validator's findings."""
