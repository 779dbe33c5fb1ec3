"""This node's rooms and connections: replicas, frames and fan-out. No Redis here; what it needs is handed to it."""
