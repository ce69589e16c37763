"""The table: cursor and marks by id, only what is on screen is asked for, only what differs is repainted."""

from __future__ import annotations

import pytest
from textual.events import MouseScrollDown
from textual.geometry import Region

from evs_tui.tui.content import shown
from evs_tui.tui.widgets.columns import Column, fit_columns
from evs_tui.tui.widgets.table import VirtualTable
from tests.tui.stage import ANSI, COLUMNS, HOSTILE, Marked, Rows, TableStage, cells_of, line_of, screen_of

SIZE = (60, 11)
"""Room for ten rows."""


class Recorded(VirtualTable):
    """A table that remembers what it repainted."""

    repainted: list[Region]

    def refresh(
        self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False
    ) -> Recorded:
        if not hasattr(self, "repainted"):
            self.repainted = []
        if repaint:
            self.repainted += regions or [self.size.region]
        super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)
        return self


def table_of(rows: Rows, marks: Marked | None = None, **options: object) -> Recorded:
    return Recorded(rows, COLUMNS, marks=marks, **options)  # type: ignore[arg-type]


async def test_it_shows_heads_rows_and_the_cursor() -> None:
    app = TableStage(table_of(Rows.numbered(3), Marked(), sort=("name", False)))
    async with app.run_test(size=SIZE):
        assert screen_of(app)[:5] == [
            "   Name ▴                          Size  Export",
            "›  volume-0                      40 GiB  ✓ ready",
            "   volume-1                      40 GiB  ✓ ready",
            "   volume-2                      40 GiB  ✓ ready",
            "",
        ]
        assert all(style.underline for _, style in cells_of(app, 0)), (
            "the hairline closes the heads over the full width"
        )
        band = {style for _, style in cells_of(app, 1)}
        assert len(band) == 1, "one style in the whole band"
        assert next(iter(band)).bgcolor.name == "#3c639e"  # type: ignore[union-attr]


async def test_without_the_focus_the_row_stays_marked_quietly() -> None:
    app = TableStage(table_of(Rows.numbered(3)))
    async with app.run_test(size=SIZE) as pilot:
        app.screen.set_focus(None)
        await pilot.pause()
        assert line_of(app, 1).startswith("›  volume-0")
        assert cells_of(app, 1)[5][1].bgcolor.name == "#262d38"  # type: ignore[union-attr]


async def test_the_band_is_reverse_in_the_terminals_own_colours() -> None:
    app = TableStage(table_of(Rows.numbered(3)), face=ANSI)
    async with app.run_test(size=SIZE):
        assert all(style.reverse and style.bold for _, style in cells_of(app, 1))
        assert not any(style.reverse for _, style in cells_of(app, 2))


@pytest.mark.parametrize(
    ("keys", "row"),
    [
        (["down"], "v1"),
        (["j", "j", "k"], "v1"),
        (["up"], "v0"),
        (["end"], "v99"),
        (["G", "down"], "v99"),
        (["end", "home"], "v0"),
        (["G", "g"], "v0"),
        (["pagedown"], "v9"),
        (["pagedown", "pagedown", "pageup"], "v9"),
        (["end", "pagedown"], "v99"),
    ],
)
async def test_keys_move_the_cursor(keys: list[str], row: str) -> None:
    app = TableStage(table_of(Rows.numbered(100)))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press(*keys)
        assert app.table.row_id == row
        assert any(line.startswith(f"›  volume-{row[1:]} ") for line in screen_of(app))


async def test_at_the_edge_the_view_jumps_by_half_a_page() -> None:
    app = TableStage(table_of(Rows.numbered(100)))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press(*["down"] * 10)
        assert app.table.row_id == "v10"
        assert app.table.shown_positions == range(5, 15)
        await pilot.press(*["up"] * 6)
        assert app.table.row_id == "v4"
        assert app.table.shown_positions == range(10)


async def test_the_last_page_is_full() -> None:
    app = TableStage(table_of(Rows.numbered(12)))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press(*["down"] * 10)
        assert app.table.shown_positions == range(2, 12)


async def test_the_cursor_stays_on_its_row_when_rows_come_before_it() -> None:
    rows = Rows.numbered(30)
    app = TableStage(table_of(rows))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press(*["down"] * 3)
        rows.rows[:0] = [("n1", "new-1"), ("n2", "new-2")]
        app.table.model_changed()
        await pilot.pause()
        assert app.table.row_id == "v3"
        assert line_of(app, 4).startswith("›  volume-3"), "on the same line of the screen"


async def test_the_cursor_stays_on_its_row_through_another_order() -> None:
    rows = Rows.numbered(30)
    app = TableStage(table_of(rows))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press(*["down"] * 3)
        rows.rows.reverse()
        app.table.model_changed()
        app.table.show_sort("name", descending=True)
        await pilot.pause()
        assert app.table.row_id == "v3"
        assert app.table.shown_positions == range(20, 30)
        assert line_of(app, 7).startswith("›  volume-3")
        assert line_of(app, 0).startswith("   Name ▾")


async def test_even_a_cursor_that_never_moved_keeps_its_row() -> None:
    rows = Rows.numbered(5)
    app = TableStage(table_of(rows))
    async with app.run_test(size=SIZE) as pilot:
        rows.rows.insert(0, ("n", "new"))
        app.table.model_changed()
        await pilot.press("enter")
        assert app.table.row_id == "v0"


async def test_enter_means_the_row_that_was_painted_even_if_the_model_moved_on() -> None:
    rows = Rows.numbered(5)
    app = TableStage(table_of(rows))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("down")
        rows.rows.insert(0, ("n", "new"))
        await pilot.press("enter")
        activated = app.of(VirtualTable.Activated)[-1]
        assert isinstance(activated, VirtualTable.Activated)
        assert activated.row_id == "v1"


async def test_a_filter_that_hides_the_row_leads_to_the_first_and_its_end_leads_back() -> None:
    everything = Rows.numbered(30)
    rows = Rows(everything.rows)
    app = TableStage(table_of(rows))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("end")
        rows.rows = [row for row in everything.rows if row[1].startswith("volume-1")]
        app.table.model_changed(filtered=True)
        await pilot.pause()
        assert app.table.row_id == "v1"
        rows.rows = everything.rows
        app.table.model_changed(filtered=True)
        await pilot.pause()
        assert app.table.row_id == "v29"


async def test_pages_that_stream_in_under_a_filter_do_not_move_the_cursor() -> None:
    rows = Rows.numbered(30)
    app = TableStage(table_of(rows))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("end")
        rows.rows = rows.rows[10:12]
        app.table.model_changed(filtered=True)
        rows.rows = [("n", "new"), *rows.rows, ("v29", "volume-29")]
        app.table.model_changed()
        await pilot.pause()
        assert app.table.row_id == "v10"


async def test_a_row_that_is_gone_leaves_the_cursor_at_its_place() -> None:
    rows = Rows.numbered(5)
    app = TableStage(table_of(rows))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("down", "down")
        del rows.rows[2]
        app.table.model_changed()
        assert app.table.row_id == "v3"


async def test_an_empty_table_is_empty_and_takes_any_key() -> None:
    rows = Rows.numbered(5)
    app = TableStage(table_of(rows, Marked()))
    async with app.run_test(size=SIZE) as pilot:
        rows.rows.clear()
        app.table.model_changed()
        await pilot.press("down", "enter", "space", "a", "end", "pagedown")
        assert app.table.row_id is None
        assert screen_of(app)[1:] == [""] * 10
        assert app.of(VirtualTable.Activated) == []


async def test_space_marks_and_goes_down_and_marks_outlive_being_hidden() -> None:
    rows, marks = Rows.numbered(5), Marked()
    app = TableStage(table_of(rows, marks))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("space", "down", "space")
        assert marks.ids == {"v0", "v2"}
        assert app.table.row_id == "v3"
        assert line_of(app, 1).startswith(" * volume-0")
        assert cells_of(app, 1)[3][1].color.name == "#d7a6e8"  # type: ignore[union-attr]
        rows.rows = rows.rows[3:]
        app.table.model_changed(filtered=True)
        assert marks.ids == {"v0", "v2"}
        assert len(app.of(VirtualTable.MarksChanged)) == 2


async def test_a_marks_all_shown_and_then_unmarks_them() -> None:
    rows, marks = Rows.numbered(50), Marked()
    marks.ids = {"elsewhere"}
    app = TableStage(table_of(rows, marks))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("a")
        assert marks.ids == {"elsewhere"} | {f"v{number}" for number in range(50)}
        assert all(line[1] == "*" for line in screen_of(app)[1:])
        await pilot.press("a")
        assert marks.ids == {"elsewhere"}


async def test_a_range_is_marked_from_the_last_mark_to_the_cursor_in_either_direction() -> None:
    marks = Marked()
    app = TableStage(table_of(Rows.numbered(50), marks))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press(*["down"] * 5, "space", "end", "m")
        assert marks.ids == {f"v{number}" for number in range(5, 50)}
        await pilot.press("u")
        assert marks.ids == set()
        await pilot.press("m")
        assert marks.ids == {"v49"}, "without a mark to begin from it is this row alone"
        await pilot.press("up", "up", "m")
        assert marks.ids == {"v47", "v48", "v49"}


async def test_a_range_skips_headings_and_begins_nowhere_where_its_first_row_is_hidden() -> None:
    marks = Marked()
    rows = Rows([("a", "a"), (None, "Heading"), ("b", "b"), ("c", "c")])
    app = TableStage(table_of(rows, marks))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("space", "down", "m")
        assert marks.ids == {"a", "b", "c"}
        rows.rows = [("b", "b"), ("d", "d")]
        marks.ids = set()
        app.table.model_changed()
        await pilot.press("end", "m")
        assert marks.ids == {"d"}


async def test_shift_and_arrows_mark_on_the_way() -> None:
    marks = Marked()
    app = TableStage(table_of(Rows.numbered(50), marks))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("down", "shift+down", "shift+down")
        assert (marks.ids, app.table.row_id) == ({"v1", "v2", "v3"}, "v3")
        await pilot.press("shift+up")
        assert (marks.ids, app.table.row_id) == ({"v1", "v2", "v3"}, "v2")


async def test_a_click_on_a_head_names_its_column_and_shift_marks_a_range() -> None:
    marks = Marked()
    app = TableStage(table_of(Rows.numbered(50), marks))
    async with app.run_test(size=SIZE) as pilot:
        for x in (1, 4, 38, 59):
            await pilot.click(app.table, offset=(x, 0))
        clicked = [message.column for message in app.received if isinstance(message, VirtualTable.HeadClicked)]
        assert clicked == ["name", "size", "export"]
        assert app.table.row_id == "v0"
        await pilot.click(app.table, offset=(1, 2))
        await pilot.click(app.table, offset=(8, 5), shift=True)
        assert marks.ids == {"v1", "v2", "v3", "v4"}


async def test_empty_names_and_names_of_255_characters_keep_the_columns_in_line() -> None:
    rows = Rows([("a", ""), ("b", "n" * 255), ("c", "产" * 255), ("d", "e\u0301" * 127)])
    app = TableStage(table_of(rows))
    async with app.run_test(size=SIZE):
        assert line_of(app, 1) == "›                                40 GiB  ✓ ready"
        assert line_of(app, 2) == "   " + "n" * 24 + "»     40 GiB  ✓ ready"
        assert line_of(app, 3) == "   " + "产" * 12 + "»     40 GiB  ✓ ready"
        strips = app.screen._compositor.render_strips()
        assert {strip.cell_length for strip in strips} == {60}


async def test_where_rows_cannot_be_marked_the_keys_are_free() -> None:
    app = TableStage(table_of(Rows.numbered(5)))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("space", "a")
        assert app.table.row_id == "v0"
        assert not {"space", "a"} & set(app.screen.active_bindings)


GROUPS = [(None, "Needs you"), ("j1", "one"), (None, "Running"), ("j2", "two"), ("j3", "three"), (None, "Finished")]


async def test_headings_are_shown_at_column_1_and_skipped() -> None:
    app = TableStage(table_of(Rows([*GROUPS, ("j4", "four")])))
    async with app.run_test(size=SIZE) as pilot:
        assert app.table.row_id == "j1"
        assert line_of(app, 1) == " Needs you"
        await pilot.press("down")
        assert app.table.row_id == "j2"
        await pilot.press("down", "down", "down")
        assert app.table.row_id == "j4"
        await pilot.press("home")
        assert app.table.row_id == "j1"
        await pilot.press("pagedown")
        assert app.table.row_id == "j4"


async def test_a_heading_at_the_end_is_no_trap() -> None:
    app = TableStage(table_of(Rows(GROUPS)))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("end")
        assert app.table.row_id == "j3"


async def test_going_up_shows_the_heading_above_the_first_row_again() -> None:
    rows: list[tuple[str | None, str]] = [(None, "Running"), *((f"j{number}", f"job-{number}") for number in range(30))]
    app = TableStage(table_of(Rows(rows)))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("end", "home")
        assert line_of(app, 1) == " Running"


async def test_a_hundred_thousand_rows_are_asked_for_only_where_they_are_on_screen() -> None:
    rows = Rows.numbered(100_000)
    rows.position_of = lambda row_id: int(row_id[1:])  # type: ignore[method-assign]
    app = TableStage(table_of(rows))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        assert set(rows.asked) == set(range(10))
        for key, most in (("down", 4), ("pagedown", 20), ("end", 20), ("up", 4), ("home", 20)):
            rows.asked.clear()
            rows.ids_asked = 0
            await pilot.press(key)
            assert len(rows.asked) <= most, key
            assert rows.ids_asked <= 3 * most + 10, key
            assert set(rows.asked) <= set(app.table.shown_positions), key
        rows.asked.clear()
        rows.ids_asked = 0
        app.table.model_changed()
        app.table.rows_changed({"v50000"})
        await pilot.pause()
        assert len(rows.asked) <= 10
        assert rows.ids_asked <= 40


async def test_a_move_repaints_two_lines() -> None:
    table = table_of(Rows.numbered(50))
    app = TableStage(table)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        table.repainted.clear()
        await pilot.press("down")
        assert table.repainted == [Region(0, 1, 60, 1), Region(0, 2, 60, 1)]


async def test_giving_the_keyboard_away_repaints_one_line() -> None:
    table = table_of(Rows.numbered(50))
    app = TableStage(table)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        table.repainted.clear()
        app.screen.set_focus(None)
        await pilot.pause()
        table.focus()
        await pilot.pause()
        assert table.repainted == [Region(0, 1, 60, 1), Region(0, 1, 60, 1)]


async def test_a_refresh_without_news_repaints_nothing() -> None:
    table = table_of(Rows.numbered(50))
    app = TableStage(table)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        table.repainted.clear()
        table.model_changed()
        table.rows_changed({f"v{number}" for number in range(50)})
        await pilot.pause()
        assert table.repainted == []


async def test_a_changed_row_repaints_the_cells_that_differ_and_only_on_screen() -> None:
    rows = Rows.numbered(50)
    table = table_of(rows)
    app = TableStage(table)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        table.repainted.clear()
        rows.sizes = {"v3": "41 GiB", "v40": "41 GiB"}
        table.rows_changed({"v3", "v40"})
        await pilot.pause()
        assert table.repainted == [Region(34, 4, 1, 1)]
        assert line_of(app, 4) == "   volume-3                      41 GiB  ✓ ready"


async def test_a_page_that_streams_in_below_the_screen_repaints_nothing() -> None:
    rows = Rows.numbered(50)
    table = table_of(rows)
    app = TableStage(table)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        table.repainted.clear()
        rows.rows += Rows.numbered(99).rows[50:]
        table.model_changed()
        await pilot.pause()
        assert table.repainted == []


def down_five(table: VirtualTable) -> None:
    for _ in range(5):
        table.action_move(1)


async def test_rested_comes_once_after_a_burst_of_moves() -> None:
    app = TableStage(table_of(Rows.numbered(50), rest_s=0.2))
    async with app.run_test(size=SIZE) as pilot:
        await app.wait_for(VirtualTable.Rested)
        app.received.clear()
        table = app.table
        rested = await app.wait_for(VirtualTable.Rested, lambda: down_five(table))
        assert isinstance(rested, VirtualTable.Rested)
        assert rested.row_id == "v5"
        await pilot.pause()
        assert len(app.of(VirtualTable.Rested)) == 1
        assert len(app.of(VirtualTable.Highlighted)) == 5


async def test_the_row_under_the_cursor_says_so_when_it_changes() -> None:
    app = TableStage(table_of(Rows.numbered(5), rest_s=0.01))
    async with app.run_test(size=SIZE):
        await app.wait_for(VirtualTable.Rested)
        app.received.clear()
        await app.wait_for(VirtualTable.Rested, lambda: app.table.rows_changed({"v0"}))
        app.received.clear()
        app.table.rows_changed({"v1"})
        assert app.received == []


async def test_the_mouse_goes_marks_and_opens() -> None:
    marks = Marked()
    app = TableStage(table_of(Rows.numbered(50), marks))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.click(app.table, offset=(8, 4))
        assert app.table.row_id == "v3"
        await pilot.click(app.table, offset=(1, 6))
        assert marks.ids == {"v5"}
        await pilot.click(app.table, offset=(8, 0))
        assert app.table.row_id == "v6"
        await pilot.click(app.table, offset=(8, 2), times=2)
        opened = app.of(VirtualTable.Activated)
        assert [message.row_id for message in opened if isinstance(message, VirtualTable.Activated)] == ["v1"]
        await pilot._post_mouse_events([MouseScrollDown], app.table, (8, 4))
        assert app.table.row_id == "v4"


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_names_are_shown_literally(name: str) -> None:
    app = TableStage(table_of(Rows([("v0", "first"), ("v1", name)])))
    async with app.run_test(size=SIZE) as pilot:
        assert line_of(app, 2).removeprefix("   ").startswith(shown(name)[:10].rstrip())
        await pilot.click(app.table, offset=(4, 2))
        assert app.is_running
        assert {style.link for _, style in cells_of(app, 2)} == {None}
        assert {str(style.meta) for _, style in cells_of(app, 2)} == {"{}"}


async def test_wide_names_keep_the_columns_in_line() -> None:
    rows = Rows([("a", "web-logs-生产环境"), ("b", "生产环境生产环境生产环境生产环境生产环境生产环境"), ("c", "x")])
    app = TableStage(table_of(rows))
    async with app.run_test(size=SIZE):
        assert line_of(app, 1) == "›  web-logs-生产环境             40 GiB  ✓ ready"
        assert line_of(app, 2) == "   生产环境生产环境生产环境»     40 GiB  ✓ ready"
        strips = app.screen._compositor.render_strips()
        assert {strip.cell_length for strip in strips} == {60}


async def test_a_narrow_table_drops_columns_and_a_wider_one_brings_them_back() -> None:
    app = TableStage(table_of(Rows.numbered(2)))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.resize_terminal(50, 11)
        await pilot.pause()
        assert line_of(app, 0) == "   Name                        Export"
        await pilot.resize_terminal(60, 11)
        await pilot.pause()
        assert line_of(app, 0) == "   Name                            Size  Export"


VOLUMES = (
    Column("name", "Name", 19, flex=True),
    Column("status", "Status", 10, leaves=1),
    Column("size", "Size", 9, align="right"),
    Column("type", "Type", 5, leaves=4),
    Column("az", "AZ", 8, leaves=5),
    Column("attached", "Attached to", 12, leaves=2, flex=True),
    Column("id", "ID", 8, leaves=6),
    Column("export", "Export", 18),
)


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (60, {"name": 25, "size": 9, "export": 18}),
        (80, {"name": 19, "status": 10, "size": 9, "attached": 12, "export": 18}),
        (87, {"name": 19, "status": 10, "size": 9, "type": 5, "attached": 12, "export": 18}),
        (
            120,
            {
                "name": 26,
                "status": 10,
                "size": 9,
                "type": 5,
                "az": 8,
                "attached": 18,
                "id": 8,
                "export": 18,
            },
        ),
        (40, {"name": 6, "size": 9, "export": 18}),
    ],
)
def test_columns_leave_in_their_order_and_share_the_room(width: int, expected: dict[str, int]) -> None:
    assert {fitted.column.key: fitted.width for fitted in fit_columns(VOLUMES, width)} == expected
