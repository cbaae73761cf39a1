"""What a manager orders in a comment on a pull request: prepared without rights, then pushed."""
