"""gui.commands: one table, and what hangs on it."""

from dataclasses import fields

import pytest

from core.paths import resources_folder
from gui.commands import BY_ID, COMMANDS, MENUS, NEEDS, Situation, as_markdown, is_enabled, presets, why_disabled
from gui.dialogs.keys import key_groups
from gui.dialogs.palette import matching
from gui.toolbar import BUTTONS, Toolbar

# everything that a command may need is there: each switch is on, each count is 2
EVERYTHING = Situation(**{
    one.name: True if isinstance(one.default, bool) else 2 for one in fields(Situation) if one.name != "is_color"
})


def all_keys() -> list[str]:
    return [key for command in COMMANDS for key in (command.shortcut, *command.more_keys) if key]


def test_ids_are_unique() -> None:
    assert len(BY_ID) == len(COMMANDS)


def test_keys_are_unique() -> None:
    assert len({key.casefold() for key in all_keys()}) == len(all_keys())


def test_every_command_is_in_a_menu_and_names_a_known_need() -> None:
    assert {command.menu for command in COMMANDS} == set(MENUS)
    assert {command.needs for command in COMMANDS} <= set(NEEDS)


def test_the_manual_is_made_from_the_table() -> None:
    path = resources_folder() / "docs" / "commands.md"
    assert path.read_text(encoding="utf-8") == as_markdown(), "run: python -m gui.commands > resources/docs/commands.md"


def test_the_toolbar_shows_commands_of_the_table() -> None:
    assert {name for name in BUTTONS if name not in ("", ">")} <= set(BY_ID)


def test_a_narrow_toolbar_has_no_line_beside_a_group_that_is_gone(qtbot) -> None:
    toolbar = Toolbar()
    qtbot.addWidget(toolbar)
    toolbar.show()
    for width in (1400, 800, 750, 700, 1400):
        toolbar.resize(width, toolbar.height())
        shown = [name for name in (*toolbar.buttons, *toolbar.hairlines) if toolbar.buttons[name].isVisible()]
        lines = [name for name, line in toolbar.hairlines.items() if line.isVisible()]
        assert lines == [name for name in ("tool.window", "view.layout-1x1", "view.invert") if name in shown]
    assert len(lines) == 3


def test_every_key_stands_on_the_keys_page() -> None:
    text = " ".join(key for _, entries in key_groups() for key, _ in entries)
    assert all(key in text for key in all_keys())


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.id)
def test_what_is_disabled_says_what_it_lacks(command) -> None:
    assert is_enabled(command, EVERYTHING)
    if not is_enabled(command, Situation()):
        assert why_disabled(command)


def test_number_keys_are_ct_presets_by_name() -> None:
    assert {preset.key: (preset.name, preset.center, preset.width) for preset in presets() if preset.key} == {
        "3": ("Soft tissue", 40, 400), "4": ("Lung", -600, 1500), "5": ("Bone", 400, 2000), "6": ("Brain", 40, 80),
        "7": ("Mediastinum", 50, 400), "8": ("Liver", 90, 150), "9": ("Stroke", 32, 8),
    }


def test_the_palette_finds_by_words_in_any_order_and_by_menu() -> None:
    assert matching("invert", COMMANDS)[0].id == "view.invert"
    assert {command.id for command in matching("folder open", COMMANDS)} == {"file.open-folder", "help.log-folder"}
    assert {command.menu for command in matching("findings", COMMANDS)} >= {"Findings"}
    assert matching("no such thing", COMMANDS) == []


def test_the_page_of_keys_has_no_title_without_a_key():
    assert all(entries for _, entries in key_groups())
