"""What happens by itself: time passes, other nodes speak, leases are kept. One task a module, all owned by `tasks`."""
