"""An independent Python client of Greenroom, and the simulations that play whole rooms with it.

It knows the protocol page and nothing else of the server: what it reads of the wire is read by its own codec.
"""

from client_sim.api import Api, Link
from client_sim.client import RoomClient
from client_sim.codec import JSON, MSGPACK
from client_sim.device import Device
from client_sim.history import History
from client_sim.reducer import Hole, apply
from client_sim.refused import ProtocolBroken, Refused, Unanswered
from client_sim.replica import Replica

__all__ = [
    "JSON",
    "MSGPACK",
    "Api",
    "Device",
    "History",
    "Hole",
    "Link",
    "ProtocolBroken",
    "Refused",
    "Replica",
    "RoomClient",
    "Unanswered",
    "apply",
]
