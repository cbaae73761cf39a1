"""Headers of images whose content lies elsewhere: where to read them, and reading them."""
