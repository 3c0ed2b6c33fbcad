"""The configuration file: its shape, which is also its published schema, and its reading.

A configuration is written by the author of a pull request, so it is data: it names no code, no
command, no template and no output file.
"""

# Annotations are evaluated as they stand, not kept as text: before 2.7 pydantic does not read the
# text of `__pydantic_extra__`.

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Annotated, Any, Final, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from orgdiag.config.places import Place, places
from orgdiag.config.toml import content
from orgdiag.docstring import docstring
from orgdiag.finding import OrgdiagError, Problem
from orgdiag.text.nearest import did_you_mean
from orgdiag.text.source import Source

_MOST: Final = 10**15 - 1  # as many digits as the languages read
Level = Literal["error", "warning", "info"]
Whole = Annotated[int, Field(ge=-_MOST, le=_MOST)]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Names = list[str]
Path = Annotated[
    str, Field(min_length=1, max_length=1000, pattern=r"^[^/\x00]{0,255}(/[^/\x00]{0,255})*$")
]


def _kebab(name: str) -> str:
    return name.replace("_", "-")


def _described(schema: dict[str, Any], table: type[BaseModel]) -> None:
    schema["description"] = docstring(table)


class _Table(BaseModel):
    model_config = ConfigDict(
        strict=True, extra="forbid", alias_generator=_kebab, hide_input_in_errors=True,
        json_schema_extra=_described,
    )  # fmt: skip


class RuleTable(BaseModel):
    """What is set for one rule: its severity, and any of its parameters by name."""

    model_config = ConfigDict(
        strict=True, extra="allow", hide_input_in_errors=True, json_schema_extra=_described
    )
    __pydantic_extra__: dict[str, Whole | Finite | str]

    severity: Annotated[
        Level | None,
        Field(description="replaces the severity of the rule, whatever would escalate it"),
    ] = None


class ConfigFile(_Table):
    """The configuration of orgdiag: orgdiag.toml, or [tool.orgdiag] in pyproject.toml."""

    select: Annotated[Names, Field(description="rules, groups, globs or ALL to run")] = ["ALL"]
    extend_select: Annotated[Names, Field(description="added to select")] = []
    ignore: Annotated[Names, Field(description="rules, groups or globs to leave out")] = []
    rules_dir: Annotated[list[Path], Field(description="folders with rules of your own")] = []
    exclude: Annotated[Names, Field(description="model files to leave out, as in .gitignore")] = []
    fail_level: Annotated[Level, Field(description="findings from here on fail a run")] = "warning"
    max_warnings: Annotated[
        int | None, Field(ge=0, le=_MOST, description="more warnings fail a run")
    ] = None
    as_of: Annotated[date | None, Field(description="the day that rules about time use")] = None
    baseline: Annotated[
        Path, Field(description="the file of findings that were there on the first day")
    ] = "orgdiag.baseline.json"
    rules: Annotated[
        dict[str, RuleTable], Field(description="severity and parameters of single rules")
    ] = {}
    gates: Annotated[
        dict[str, str],
        Field(description='what must hold: "stream.ID.METRIC" = ">= 15%"'),
    ] = {}


def schema() -> dict[str, Any]:
    """The JSON schema of the configuration."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **ConfigFile.model_json_schema(),
    }


def read(source: Source, *table: str) -> tuple[ConfigFile, Place]:
    """The configuration in a TOML text, below the table given, and where it and its keys stand.

    Raises:
        OrgdiagError: with every problem of the file, each at its place.
    """
    data: Any = content(source)
    for part in table:
        data = data.get(part, {}) if isinstance(data, dict) else data
    every = places(source)
    place = every.find(*table) or Place(every.nearest(*table).span)
    much = tuple(_too_much(data, place))
    if much:
        raise OrgdiagError(much)
    try:
        return ConfigFile.model_validate(_listed(data)), place
    except ValidationError as error:
        name = ".".join(table) or "the configuration"
        wrong = [_problem(item, place, name) for item in error.errors(include_url=False)]
        raise OrgdiagError(sorted(set(wrong), key=_start)) from None


def _too_much(data: Any, place: Place, *key: str) -> Iterator[Problem]:
    """The lists and tables with more entries than are read: each of many would be answered."""
    most = _GATES if key == ("gates",) else _ENTRIES
    if isinstance(data, dict | list) and len(data) > most:
        name = f"`{'.'.join(key)}`" if key else "the configuration"
        yield Problem(f"{name} has more than {most} entries", place.nearest(*key).span)
    elif isinstance(data, dict) and len(key) < _DEPTH:
        for name, value in data.items():
            yield from _too_much(value, place, *key, name)


_ENTRIES: Final = 1000
_GATES: Final = 10_000  # some for each team and stream of the largest models
_DEPTH: Final = 2  # of a table that is read: `rules.NAME`


_LISTS: Final = frozenset({"select", "extend-select", "ignore", "rules-dir", "exclude"})


def _listed(data: Any) -> Any:
    """The data with a single text where a list may stand written as a list of one."""
    if not isinstance(data, dict):
        return data
    return {
        key: [value] if key in _LISTS and isinstance(value, str) else value
        for key, value in data.items()
    }


_SAID: Final[Mapping[str, str]] = {
    "string_type": "must be a text in quotes",
    "list_type": "must be a list of texts",
    "int_type": "must be a whole number",
    "date_type": "must be a date such as 2026-01-31, without quotes",
    "dict_type": "must be a table",
    "model_type": "must be a table",
    "finite_number": "must be a finite number",
    "greater_than_equal": "must not be negative",
    "less_than_equal": "must have at most 15 digits",
    "string_too_short": "is no path",
    "string_too_long": "is no path",
    "string_pattern_mismatch": "is no path",
}


def _problem(item: Any, place: Place, top: str) -> Problem:
    """A problem that pydantic reports, at its place in the file and in the words of the file."""
    # What follows the key tells an item of a list, or which of several types did not fit.
    key = tuple(str(part) for part in item["loc"][: _PARTS.get(item["loc"][:1], 1)])
    span, name = place.nearest(*key).span, ".".join(key) if key else top
    if item["type"] == "extra_forbidden":
        legal = [_kebab(field) for field in ConfigFile.model_fields]
        return Problem(f"unknown key `{name}`", span, did_you_mean(name, legal) or _legal(legal))
    if item["type"] == "literal_error":
        word = item["input"] if isinstance(item["input"], str) else ""
        expected = f"`{name}` must be {item['ctx']['expected']}"
        return Problem(expected, span, did_you_mean(word, get_args(Level)))
    if key[:1] == ("rules",) and len(key) == 3:
        return Problem(f'`{name}` must be a number, or a text such as "15%"', span)
    wrong = "list_type" if name in _LISTS and item["type"] == "string_type" else item["type"]
    return Problem(f"`{name}` {_SAID.get(wrong, 'has a wrong value')}", span)


_PARTS: Final[Mapping[tuple[object, ...], int]] = {("rules",): 3, ("gates",): 2}


def _start(problem: Problem) -> int:
    return problem.span.start if problem.span else 0


def _legal(words: Iterable[str]) -> str:
    return f"legal here: {', '.join(sorted(words))}"
