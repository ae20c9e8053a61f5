"""What happened in a step, one bit each: the `flags` column."""

from __future__ import annotations

from enum import IntFlag


class Flag(IntFlag):
    """Contacts and lines as MetaDrive reports them (BaseVehicleState), and what is needed to judge a contact."""

    CONTACT_VEHICLE = 1
    CONTACT_OBJECT = 2
    CONTACT_HUMAN = 4
    SOLID_LINE = 8  # a solid line or a road edge is touched
    OUT_OF_ROAD = 16  # further than 4 m beside the route
    OTHER_PARKED = 32  # in contact with a road user that is recorded at less than 0.3 m/s
    AT_FAULT = 64  # in contact while moving, with someone parked or within 60 degrees of straight ahead

    @classmethod
    def contact(cls) -> Flag:
        """The bits of any contact."""
        return cls.CONTACT_VEHICLE | cls.CONTACT_OBJECT | cls.CONTACT_HUMAN
