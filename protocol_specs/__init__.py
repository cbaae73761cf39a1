"""What was agreed: target values and tolerances per contrast, vendor, model and version."""
