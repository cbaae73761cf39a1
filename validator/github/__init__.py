"""What runs on GitHub: the check of a pull request, its comment, the issues of the sites."""
