import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gold_data.synth.curves import straight
from gold_data.synth.kinds import ObjectType
from gold_data.synth.road_users import MARGIN, RoadUser, along, occupied, without_contacts


def box(x: float, y: float, heading: float, present: bool = True) -> RoadUser:
    return RoadUser(
        ObjectType.VEHICLE,
        (4.8, 2.0, 1.6),
        np.array([[x, y]]),
        np.array([heading]),
        np.array([present]),
    )


def outline(user: RoadUser) -> np.ndarray:
    """Points round the box, 2 cm apart."""
    length, width = occupied(user)
    s = np.linspace(-1, 1, 241)
    one = np.ones_like(s)
    local = np.concatenate([np.stack(side, axis=1) for side in ((s, one), (s, -one), (one, s), (-one, s))])
    local = local * (length / 2, width / 2)
    cos, sin = np.cos(user.headings[0]), np.sin(user.headings[0])
    turned: np.ndarray = local @ np.array([[cos, sin], [-sin, cos]]) + user.points[0]
    return turned


@settings(max_examples=60, deadline=None)
@given(st.floats(-6, 6), st.floats(-6, 6), st.floats(-4, 4), st.floats(-4, 4))
def test_no_pair_that_stays_is_closer_than_the_margin(x: float, y: float, first: float, second: float) -> None:
    users = [box(0.0, 0.0, first), box(x, y, second)]
    apart = np.linalg.norm(outline(users[0])[:, None] - outline(users[1]), axis=-1).min()
    inside = np.hypot(x, y) < 2.0
    if len(without_contacts(users)) == 2:
        assert apart > MARGIN - 0.02
        assert not inside
    else:
        assert inside or apart < MARGIN * 1.5


def test_the_earlier_one_stays_and_absent_ones_are_in_nobodys_way() -> None:
    first, second, third = box(0, 0, 0), box(1, 0, 0), box(2, 0, 0, present=False)
    assert without_contacts([first, second, third]) == [first, third]
    assert without_contacts([second, first]) == [second]


@pytest.mark.parametrize(
    ("type", "size", "expected"),
    [
        (ObjectType.VEHICLE, (3.9, 1.6, 1.5), (4.30, 1.70)),
        (ObjectType.VEHICLE, (5.286, 2.332, 2.33), (5.286, 2.332)),
        (ObjectType.VEHICLE, (12.0, 2.5, 3.0), (12.0, 2.5)),
        (ObjectType.PEDESTRIAN, (0.5, 0.9, 1.7), (0.7, 0.9)),
        (ObjectType.CYCLIST, (1.8, 0.7, 1.7), (1.8, 1.75)),
    ],
)
def test_room_for_the_recorded_box_and_for_metadrives(
    type: ObjectType, size: tuple[float, float, float], expected: tuple[float, float]
) -> None:
    present = np.ones(1, dtype=bool)
    assert occupied(RoadUser(type, size, np.zeros((1, 2)), np.zeros(1), present)) == expected


def test_along_a_curve_with_some_metres_kept_at_its_ends() -> None:
    line = straight(np.zeros(2), np.array([50.0, 0.0]))
    user = along(line, np.array([-5.0, 1.0, 20.0, 49.0, 60.0]), 0.5, ObjectType.VEHICLE, (4.0, 1.8, 1.5))
    assert user.points[2] == pytest.approx([20, 0.5])
    assert user.present.tolist() == [False, False, True, False, False]
