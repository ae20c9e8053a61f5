from __future__ import annotations

import numpy as np

from gold_data.chance import generator, hashed


def test_the_order_of_ids_is_the_same_everywhere() -> None:
    assert hashed("637f20cafde22ff8", "gold-data") == "e67338c770fa6107178dbbc1620d3588"
    assert hashed("637f20cafde22ff8", "another") != hashed("637f20cafde22ff8", "gold-data")


def test_each_text_has_a_stream_of_its_own_and_the_same_everywhere() -> None:
    first = generator("a/1/1", "gold-data").random(4)
    np.testing.assert_array_equal(generator("a/1/1", "gold-data").random(4), first)
    assert first.tolist() == [0.253762792966138, 0.14036754668762086, 0.9429785551279618, 0.4034135713289073]
    for text, key in (("a/1/2", "gold-data"), ("a/1/1", "another")):
        assert (generator(text, key).random(4) != first).all()
