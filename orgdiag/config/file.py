"""The configuration file: its shape, which is also its published schema, and its reading.

A configuration is written by the author of a pull request, so it is data: it names no code, no
command, no template and no output file.
"""

# Annotations are evaluated as they stand, not kept as text: before 2.7 pydantic does not read the
# text of `__pydantic_extra__`.

import re
import tomllib
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Annotated, Any, Final, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from orgdiag.config.places import Key, places
from orgdiag.docstring import docstring
from orgdiag.finding import OrgdiagError, Problem
from orgdiag.nearest import did_you_mean
from orgdiag.source import Source, Span

Level = Literal["error", "warning", "info"]
Names = list[str]


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
    __pydantic_extra__: dict[str, int | Annotated[float, Field(allow_inf_nan=False)] | str]

    severity: Annotated[
        Level | None,
        Field(description="replaces the severity of the rule, whatever would escalate it"),
    ] = None


class ConfigFile(_Table):
    """The configuration of orgdiag: orgdiag.toml, or [tool.orgdiag] in pyproject.toml."""

    select: Annotated[Names, Field(description="rules, groups, globs or ALL to run")] = ["ALL"]
    extend_select: Annotated[Names, Field(description="added to select")] = []
    ignore: Annotated[Names, Field(description="rules, groups or globs to leave out")] = []
    rules_dir: Annotated[Names, Field(description="folders with rules of your own")] = []
    exclude: Annotated[Names, Field(description="model files to leave out, as in .gitignore")] = []
    fail_level: Annotated[Level, Field(description="findings from here on fail a run")] = "warning"
    max_warnings: Annotated[int | None, Field(ge=0, description="more warnings fail a run")] = None
    as_of: Annotated[date | None, Field(description="the day that rules about time use")] = None
    baseline: Annotated[
        str, Field(description="the file of findings that were there on the first day")
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


def read(source: Source, table: Key) -> tuple[ConfigFile, Mapping[Key, Span]]:
    """The configuration in a TOML text, below the table given, and where its keys stand.

    Raises:
        OrgdiagError: with every problem of the file, each at its place.
    """
    data = _toml(source)
    for part in table:
        data = data.get(part, {})
    found = {
        key[len(table) :]: span
        for key, span in places(source).items()
        if key[: len(table)] == table and len(key) > len(table)
    }
    data = _listed(data)
    try:
        return ConfigFile.model_validate(data), found
    except ValidationError as error:
        wrong = [_problem(item, found, source) for item in error.errors(include_url=False)]
        raise OrgdiagError(sorted(set(wrong), key=_place)) from None


def _toml(source: Source) -> dict[str, Any]:
    if _DEEP.search(source.text):
        raise OrgdiagError.of(f"{source.path} nests too deeply")
    try:
        return tomllib.loads(source.text)
    except tomllib.TOMLDecodeError as error:
        text = str(error).removesuffix(" (at end of document)")
        at = re.search(r" \(at line (\d+), column (\d+)\)$", text)
        offset = len(source.text)
        if at:
            text = text[: at.start()]
            lines = source.text.split("\n")[: int(at[1]) - 1]
            offset = min(offset, sum(len(line) + 1 for line in lines) + int(at[2]) - 1)
        raise OrgdiagError.of(f"not valid TOML: {text}", Span(source, offset, offset)) from None
    except ValueError:  # a number with thousands of digits
        raise OrgdiagError.of(f"{source.path} holds a number that is too long") from None
    except RecursionError:
        raise OrgdiagError.of(f"{source.path} nests too deeply") from None


# A key of so many parts costs tomllib their number squared.
_DEEP: Final = re.compile(r"""(?:\.[ \t]*+(?:[A-Za-z0-9_-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+){100}""")


def _listed(data: dict[str, Any]) -> dict[str, Any]:
    """The data with a single text where a list may stand written as a list of one."""
    single = {"select", "extend-select", "ignore", "rules-dir", "exclude"}
    return {
        key: [value] if key in single and isinstance(value, str) else value
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
}


def _problem(item: Any, found: Mapping[Key, Span], source: Source) -> Problem:
    """A problem that pydantic reports, at its place in the file and in the words of the file."""
    key = tuple(str(part) for part in item["loc"])
    while key and key not in found:
        key = key[:-1]
    span = found.get(key, Span(source, 0, 0))
    name = ".".join(key)
    if item["type"] == "extra_forbidden":
        word = str(item["loc"][-1])
        legal = [_kebab(field) for field in ConfigFile.model_fields]
        return Problem(f"unknown key `{word}`", span, did_you_mean(word, legal) or _legal(legal))
    if item["type"] == "literal_error":
        near = did_you_mean(str(item["input"]), get_args(Level))
        return Problem(f"`{name}` must be {item['ctx']['expected']}", span, near)
    if key[:1] == ("rules",) and len(key) == 3:
        return Problem(f'`{name}` must be a number, or a text such as "15%"', span)
    return Problem(f"`{name}` {_SAID.get(item['type'], 'has a wrong value')}", span)


def _place(problem: Problem) -> int:
    return problem.span.start if problem.span else 0


def _legal(words: Iterable[str]) -> str:
    return f"legal here: {', '.join(sorted(words))}"
