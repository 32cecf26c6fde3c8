"""The page of configuration keys is the configuration's own."""

from core.paths import resources_folder
from core.training.config import Group, TrainingConfig
from core.training.config_text import as_markdown, tables

PAGE = resources_folder() / "docs" / "configuration.md"


def test_the_page_is_what_the_configuration_says():
    text = PAGE.read_text(encoding="utf-8")
    assert text == as_markdown(), "run: python -m core.training.config_text > resources/docs/configuration.md"


def test_every_key_says_what_it_is():
    nameless = [f"{name} {key}" for name, part in tables()
                for key, field in part.model_fields.items() if not field.description]
    assert nameless == []


def test_tables_have_their_names_in_toml():
    named = dict(tables())
    assert named["`[[groups]]`"] is Group
    assert named["Top level"] is TrainingConfig
    assert {"`[loop]`", "`[[gate.kinds]]`", "`[calibrations.operating_point]`", "`[extent.zones]`"} <= set(named)


def test_values_defaults_and_limits_are_shown():
    page = as_markdown()
    assert "| `share` | number, > 0 | must be given |" in page
    assert '| `schedule` | `"cosine"`, `"linear"`, `"steps"`, `"constant"` | `"cosine"` |' in page
    assert "| `answer` | `\"frontal\"`" in page
    assert "| `rows` | table | all | Which rows with scores. |" in page
