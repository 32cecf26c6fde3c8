"""All keys of a training configuration with what they do, as a page: `python -m core.training.config_text`.

It is made from the configuration's own descriptions, limits and defaults: resources/docs/configuration.md, which a test
holds to them.
"""

import json
from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel

from core.training.config import AFTER_TRAINING, RowFilter, SaidWords, TrainingConfig

SHARED: dict[type[BaseModel], str] = {RowFilter: "rows", SaidWords: "said"}  # parts that several tables have
LIMITS = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}


def as_markdown() -> str:
    """Return the manual's page of configuration keys."""
    later = ", ".join(f"`{key}`" for key in TrainingConfig.model_fields if key in AFTER_TRAINING)
    lines = [
        "# Configuration keys", "",
        "Made from the descriptions in `core/training/config.py` and `core/training/config_loop.py` by "
        "`python -m core.training.config_text`; a test holds them together. "
        "`resources/docs/training.md` says how they are used, "
        "`resources/training/starting-point.toml` has the ones to begin with. A key that is not here is an error.", "",
        f"What is used only after the network has learned may differ when a run is resumed: {later}.", "",
    ]
    for name, part in tables():
        lines += [f"## {name}", "", _text_of(part), "", "| Key | Value | Default | What it is |", "|---|---|---|---|"]
        lines += [_line(key, facts) for key, facts in _keys(part)]
        lines.append("")
    return "\n".join(lines)


def tables() -> Iterator[tuple[str, type[BaseModel]]]:
    """Give each table of a configuration by its TOML name, and the parts that several of them share."""
    yield "Top level", TrainingConfig
    yield from ((f"`{name} = {{ … }}`", part) for part, name in SHARED.items())
    yield from _below("", TrainingConfig)


def _below(path: str, part: type[BaseModel]) -> Iterator[tuple[str, type[BaseModel]]]:
    for key, field in part.model_fields.items():
        inner, is_list = _inner(field.annotation)
        if inner is not None and inner not in SHARED:
            name = f"{path}{key}"
            yield f"`[[{name}]]`" if is_list else f"`[{name}]`", inner
            yield from _below(f"{name}.", inner)


def _inner(annotation: Any) -> tuple[type[BaseModel] | None, bool]:
    """Return the part that a key holds, None for a plain value; and whether it holds several."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation, False
    for argument in get_args(annotation):
        inner, _ = _inner(argument)
        if inner is not None:
            return inner, Ellipsis in get_args(annotation)
    return None, False


def _text_of(part: type[BaseModel]) -> str:
    return " ".join((part.__doc__ or "").split())


def _keys(part: type[BaseModel]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give the plain keys of a part with their JSON schema; tables have sections of their own."""
    schema = part.model_json_schema()
    for key, facts in schema["properties"].items():
        inner, _ = _inner(part.model_fields[key].annotation)
        if inner is None or inner in SHARED:
            named = schema["$defs"][facts["$ref"].rsplit("/", 1)[1]] if inner is None and "$ref" in facts else {}
            yield key, {**named, **facts, "required": key in schema.get("required", ())}


def _line(key: str, facts: dict[str, Any]) -> str:
    default = "must be given" if facts["required"] else f"`{_default(facts.get('default'))}`"
    if facts.get("default") == RowFilter().model_dump(mode="json"):
        default = "all"
    elif not facts["required"] and facts.get("default") in (None, "", [], {}):
        default = "none"
    return f"| `{key}` | {_value(facts)} | {default} | {' '.join(facts['description'].split())} |"


def _default(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _value(facts: dict[str, Any]) -> str:
    """Return in words what a key may hold."""
    if "enum" in facts:
        return ", ".join(f"`{_default(word)}`" for word in facts["enum"])
    if "anyOf" in facts:  # a value or none
        return _value(next(choice for choice in facts["anyOf"] if choice.get("type") != "null"))
    if "$ref" in facts:
        return "table"
    limits = "".join(f", {sign} {facts[word]:g}" for word, sign in LIMITS.items() if word in facts)
    return f"{facts['type']}{limits}" if facts["type"] != "array" else _members(facts)


def _members(facts: dict[str, Any]) -> str:
    """Return in words what a list may hold."""
    if "prefixItems" in facts:
        return f"list of {len(facts['prefixItems'])}"
    items = facts["items"]
    return f"list of {_value(items)}" if "enum" in items else "list"


if __name__ == "__main__":
    print(as_markdown(), end="")
