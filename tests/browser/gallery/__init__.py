"""Every state that a page can be in, and how to get there with the real server."""
