"""What the background's tests share."""

from tests.background.parts import fake_time, short_silence

__all__ = ["fake_time", "short_silence"]
