"""YAML as JSON's values with the line of each: no dates, no objects, nothing said twice.

Only true, false, null and numbers have a type of their own (YAML 1.2's core schema): `no`, `on` and
2026-12-24 are texts, where PyYAML's own loader (YAML 1.1) makes them booleans and dates.
"""

import re
from dataclasses import dataclass
from typing import Any, NoReturn

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from yaml.resolver import Resolver

TAG = "tag:yaml.org,2002:"
INT = re.compile(r"[-+]?[0-9]+$")
FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$")
# Aliases let a few lines stand for billions of values.
MOST_VALUES = 1_000_000
LARGEST_BYTES = 10_000_000
DEEPEST = 50
OTHER_BREAKS = "\r\x85\u2028\u2029"


class YamlError(ValueError):
    """What cannot be read; `line` counts from 1."""

    def __init__(self, sentence: str, line: int) -> None:
        super().__init__(sentence)
        self.line = line


class CoreLoader(yaml.SafeLoader):
    """Knows the types of YAML 1.2's core schema."""

    yaml_implicit_resolvers: dict[str, Any] = {}


CoreLoader.add_implicit_resolver(f"{TAG}null", re.compile(r"(?:null|Null|NULL|~|)$"), None)
CoreLoader.add_implicit_resolver(f"{TAG}bool", re.compile(r"(?:[tT]rue|[fF]alse)$"), None)
CoreLoader.add_implicit_resolver(f"{TAG}int", INT, None)
CoreLoader.add_implicit_resolver(f"{TAG}float", FLOAT, None)
CoreLoader.add_implicit_resolver(f"{TAG}merge", re.compile(r"<<$"), None)


@dataclass(frozen=True)
class Pair:
    """A name and its value, which is still a node, with the line of the name."""

    name: str
    node: Node
    line: int


class YamlText:
    """A text of YAML; every reading of it counts against MOST_VALUES."""

    def __init__(self, text: str) -> None:
        """Read the text into nodes; raises YamlError."""
        if len(text.encode(errors="replace")) > LARGEST_BYTES:
            raise YamlError(f"The file is larger than {LARGEST_BYTES} bytes; split it.", 1)
        try:
            self.root: Node | None = yaml.compose(text, CoreLoader)
        except yaml.MarkedYAMLError as problem:
            _refuse(problem)
        except (yaml.YAMLError, RecursionError) as problem:
            raise YamlError(f"This is no YAML: {problem}", 1) from None
        self._values = 0

    def pairs(self, node: Node, what: str) -> list[Pair]:
        """Return the names and values of a mapping; `<<` gives those that it lacks itself."""
        if not isinstance(node, MappingNode):
            raise YamlError(f"{what} is no mapping of names to values.", line_of(node))
        own: dict[str, Pair] = {}
        merged: dict[str, Pair] = {}
        for key, value in node.value:
            if key.tag == f"{TAG}merge":
                merged |= {pair.name: pair for pair in self._merged(value)} | merged
                continue
            name = self._name(key)
            if name in own:
                said = own[name].line
                raise YamlError(f"{name!r} was said in line {said} already.", line_of(key))
            own[name] = Pair(name, value, line_of(key))
        return list((merged | own).values())

    def value(self, node: Node, depth: int = 0) -> Any:
        """Return a node as JSON's values; raises YamlError."""
        self._values += 1
        if self._values > MOST_VALUES or depth > DEEPEST:
            raise YamlError("There is too much in it, or it is too deep.", line_of(node))
        if isinstance(node, MappingNode) and node.tag == f"{TAG}map":
            pairs = self.pairs(node, "This")
            return {pair.name: self.value(pair.node, depth + 1) for pair in pairs}
        if isinstance(node, SequenceNode) and node.tag == f"{TAG}seq":
            return [self.value(item, depth + 1) for item in node.value]
        if isinstance(node, ScalarNode):
            return _scalar(node)
        raise YamlError(f"The tag {node.tag} is not read here; leave it out.", line_of(node))

    def _merged(self, node: Node) -> list[Pair]:
        self._values += 1
        if self._values > MOST_VALUES:
            raise YamlError("There is too much in it.", line_of(node))
        if isinstance(node, SequenceNode):
            # The first of several wins.
            return [pair for item in reversed(node.value) for pair in self._merged(item)]
        return self.pairs(node, "What '<<' takes over")

    def _name(self, key: Node) -> str:
        if not isinstance(key, ScalarNode):
            raise YamlError("A name is a text.", line_of(key))
        if key.tag == f"{TAG}str":
            return str(key.value)
        raise YamlError(f'The name {key.value} needs quotes: "{key.value}".', line_of(key))


def line_of(node: Node) -> int:
    """Return the line of a node, counted from 1."""
    return int(node.start_mark.line) + 1


def _scalar(node: ScalarNode) -> Any:
    kind, text = node.tag.removeprefix(TAG), str(node.value)
    try:
        if kind == "str":
            return text
        if kind == "int":
            return int(text)
        if kind == "float":
            return _finite(text)
    except ValueError as problem:
        raise YamlError(f"The number {text[:20]} is no number: {problem}.", line_of(node)) from None
    if kind == "null":
        return None
    if kind == "bool" and text.lower() in {"true", "false"}:
        return text.lower() == "true"
    raise YamlError(f"The tag {node.tag} is not read here; leave it out.", line_of(node))


def _finite(text: str) -> float:
    number = float(text)
    if number - number != 0:
        raise ValueError("it is too large")
    return number


def _refuse(problem: yaml.MarkedYAMLError) -> NoReturn:
    mark = problem.problem_mark or problem.context_mark
    line = mark.line + 1 if mark is not None else 1
    raise YamlError(f"This is no YAML: {problem.problem or problem.context}.", line) from None


class CoreDumper(yaml.SafeDumper):
    """Writes what CoreLoader, and any reader of YAML 1.1, reads as the same values."""

    def ignore_aliases(self, data: Any) -> bool:
        """Write each value out: equal lists have nothing to do with each other."""
        return True


CoreDumper.yaml_implicit_resolvers = {
    first: list(pairs) for first, pairs in Resolver.yaml_implicit_resolvers.items()
}
CoreDumper.add_implicit_resolver(f"{TAG}int", INT, list("-+0123456789"))
CoreDumper.add_implicit_resolver(f"{TAG}float", FLOAT, list("-+.0123456789"))


def _text_node(dumper: yaml.SafeDumper, text: str) -> ScalarNode:
    style = "|" if "\n" in text else None
    if any(sign in text for sign in OTHER_BREAKS):
        # Written as they are, they would be read as line feeds.
        style = '"'
    return dumper.represent_scalar(f"{TAG}str", text, style=style)


CoreDumper.add_representer(str, _text_node)


def dump(value: Any) -> str:
    """Return a value as YAML, in blocks and in the given order."""
    text: str = yaml.dump(value, Dumper=CoreDumper, sort_keys=False, allow_unicode=True, width=96)
    return text
