"""Greenroom: who gets into a room, who waits, who may do what, and every open tab told at once."""

__version__ = "0.1.0"
