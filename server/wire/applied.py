"""How far a role has reached its tabs, as whoever changed it is told."""

from __future__ import annotations

from server.domain.application import Application
from server.wire.messages import Applied


def show_application(application: Application) -> Applied:
    return Applied(
        participant_id=application.participant_id,
        role_rev=application.role_rev,
        applied=application.applied,
        expected=application.expected,
        status=application.status,
        rev=application.rev,
    )
