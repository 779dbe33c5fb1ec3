"""Every message on the websocket, its two encodings, and who hears what."""
