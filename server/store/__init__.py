"""Redis: every key, every script, and the log. The truth lives here; everything else holds replicas."""
