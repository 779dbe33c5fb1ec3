"""The door for those who ask: HTTP, the websocket, and the pages. Endpoints only read the request and give the answer."""
