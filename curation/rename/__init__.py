"""Other names for images, contrasts, participants and sites, with all that hangs on them."""
