"""What a pasted or uploaded text holds, and what is said of the lines that hold no task."""

from __future__ import annotations

import pytest

from trx_dashboard.rows import Row, Wrong, decoded, read_batch

CSV = """\
type,priority,cost,metadata
web,8,1.5,

report,3,12,"{""customer"": ""acme""}"
"""


def test_cells_of_csv_become_fields_and_keep_their_line() -> None:
    batch = read_batch(CSV)
    assert batch.format == "CSV"
    assert batch.rows == (
        Row(2, {"type": "web", "priority": 8, "cost": 1.5}),
        Row(4, {"type": "report", "priority": 3, "cost": 12, "metadata": {"customer": "acme"}}),
    )
    assert not batch.wrong


def test_json_lines_are_taken_as_they_are_and_keep_their_line() -> None:
    batch = read_batch('{"type": "web", "slots": 2}\r\n\n{"type": "x", "extra": null}\n')
    assert batch.format == "JSON lines"
    assert batch.rows == (Row(1, {"type": "web", "slots": 2}), Row(3, {"type": "x", "extra": None}))


def test_cells_that_say_true_or_false_do_so_in_any_case() -> None:
    cells = [
        row.task["region_required"]
        for row in read_batch("type,region_required\na,true\na,FALSE\na,ja").rows
    ]
    assert cells == [True, False, "ja"]


def test_a_cell_that_is_no_number_is_left_for_the_api_to_refuse() -> None:
    assert read_batch("type,priority,cost\nweb,high,nan").rows == (
        Row(2, {"type": "web", "priority": "high", "cost": "nan"}),
    )


@pytest.mark.parametrize(
    ("text", "line", "field", "part"),
    [
        ('{"type": "a"}\n{"type": ', 2, "", "This is not JSON"),
        ('{"type": "a"}\n["b"]', 2, "", "no JSON object"),
        ('[\n{"type": "a"}\n]', 1, "", "not JSON"),
        ('{"type": "a", "type": "b"}', 1, "", "'type' is given twice"),
        ('{"type": "a", "cost": 1e999}', 1, "", "too large"),
        ('{"type": "a", "cost": NaN}', 1, "", "NaN"),
        ('{"metadata": ' + '{"a":' * 100_000, 1, "", "nested too deeply"),
        ("web,8\nreport,3", 1, "", "must be 'type'"),
        ("type,cost,cost\na,1,2", 1, "", "two columns named 'cost'"),
        ("type,\na,1", 1, "", "no name"),
        ("type,cost\na,1\nb,1,2", 3, "", "3 cells"),
        ("type,metadata\na,{", 2, "metadata", "not JSON"),
        ('type,cost\na,1\n"b,2', 3, "", "not CSV"),
    ],
)
def test_a_line_that_holds_no_task_is_named(text: str, line: int, field: str, part: str) -> None:
    wrong = read_batch(text).wrong
    assert [one[:2] for one in wrong][:1] == [(line, field)]
    assert part in wrong[0].message


def test_a_file_that_is_no_text_is_told_with_the_line() -> None:
    assert decoded("\ufefftype\nweb".encode()) == "type\nweb"
    assert decoded(b"type\nweb\n\xff\xfe") == Wrong(3, "", "The file is not UTF-8 text.")
