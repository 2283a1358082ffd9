"""What the logs of runners tell of an algorithm that failed."""

from __future__ import annotations

import json
from pathlib import Path

from trx_server.service.blames import stand_ins


def test_the_latest_failure_is_told_since_it_says_whether_the_algorithm_was_left_alone(
    tmp_path: Path,
) -> None:
    said = ["boom.", "boom.", "boom. It is not asked again for 30 s."]
    lines = [json.dumps({"message": m, "algorithm": "mine", "blame": "raised"}) for m in said]
    (tmp_path / "runner-1.log").write_text("\n".join(["no JSON", *lines, '{"message": "hello"}']))
    (sentence,) = stand_ins(tmp_path)
    assert sentence == (
        "First-come-first-served stood in because mine raised 3 times. "
        "boom. It is not asked again for 30 s."
    )
