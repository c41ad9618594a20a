"""One query as text: is it a single question, and which values does it name? Pure.

This is for early, readable answers. What really keeps a query from writing is the source that
is asked (a connection that can only read), whatever gets past this.
"""

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from jobs.reports.sql.errors import QueryError

QUERY_LENGTH = 100_000
FIRST_WORDS = ("SELECT", "WITH", "VALUES")
TOKEN = re.compile(
    r"""
    (?P<comment> --[^\n]* | /\*.*?\*/ )
  | (?P<unicode> [uU]&["'] )
  | (?P<text> [eE]'(?:[^'\\]|\\.|'')*' | '(?:[^']|'')*' )
  | (?P<dollars> \$(?P<tag>(?:[A-Za-z_]\w*)?)\$ .*? \$(?P=tag)\$ )
  | (?P<quoted> "(?:[^"]|"")*" | `[^`]*` )
  | (?P<open> /\* | ['"`] )
  | (?P<cast> :: )
  | (?P<name> (?<!\w):[A-Za-z_]\w* )
  | (?P<word> [A-Za-z_][\w$]* )
  | (?P<space> \s+ )
  | (?P<other> . )
    """,
    re.VERBOSE | re.DOTALL,
)
# They do something else than answer: to other connections, to files, to settings, or they run a
# text as SQL. Each is refused by PostgreSQL to a login that only reads, or is undone by the
# rollback, but for those that stop or hold up the reader's own connections.
DENIED = re.compile(
    r"set_config|nextval|setval|dblink\w*|lo_\w+|load_extension|fts3_tokenizer|pg_read_\w+"
    r"|pg_ls_\w+|pg_stat_(file|reset\w*)|pg_(terminate|cancel)_backend|pg_notify"
    r"|pg_(try_)?advisory_\w+|pg_logical_\w+|pg_replication_\w+|pg_(create|drop)_\w+"
    r"|pg_(switch|reload|rotate)_\w+|(query|cursor|table|schema|database)_to_xml\w*",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Token:
    """A piece of the query, and the line on which it begins, counted from 1."""

    kind: str
    text: str
    line: int


@dataclass(frozen=True)
class Statement:
    """A single question. `names` are the values that it names, in the order of their first use."""

    query: str
    tokens: tuple[Token, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names after the colons."""
        return tuple(dict.fromkeys(one.text[1:] for one in self.tokens if one.kind == "name"))

    def marked(self, mark: Callable[[str], str]) -> str:
        """Return the query with each `:name` as a driver writes it, on the same lines."""
        return "".join(
            mark(one.text[1:]) if one.kind == "name" else one.text for one in self.tokens
        )


def checked_statement(query: str, names: Collection[str]) -> Statement:
    """Return the query as a statement; raise QueryError with the line for what it must not be.

    `names` are the values that there are.
    """
    if len(query) > QUERY_LENGTH:
        raise QueryError(f"The query has more than {QUERY_LENGTH:,} characters. Make it shorter.")
    if "\0" in query:
        raise QueryError("The query holds a NUL character. Write it anew.")
    tokens = list(_tokens(query))
    _check_closed(tokens)
    said = [token for token in tokens if token.kind not in ("comment", "space")]
    _check_single(said)
    _check_question(said)
    _check_functions(said)
    _check_names(said, names)
    while tokens[-1].text == ";" or tokens[-1].kind in ("comment", "space"):
        tokens.pop()
    return Statement("".join(token.text for token in tokens), tuple(tokens))


def _tokens(query: str) -> Iterator[Token]:
    line = 1
    for found in TOKEN.finditer(query):
        # `tag` is a group inside of `dollars`.
        kind = next(name for name, text in found.groupdict().items() if text is not None)
        yield Token(kind, found[0], line)
        line += found[0].count("\n")


def _check_closed(tokens: list[Token]) -> None:
    for token in tokens:
        if token.kind == "open":
            raise QueryError(f"What {token.text} opens is never closed.", token.line)
        if token.kind == "comment" and "/*" in token.text[2:]:
            raise QueryError("A comment stands within a comment. Take one away.", token.line)
        if token.kind == "unicode":
            raise QueryError("U& is not taken here. Write the characters.", token.line)


def _check_single(said: list[Token]) -> None:
    ends = [position for position, token in enumerate(said) if token.text == ";"]
    after = said[ends[0] + 1 :] if ends else []
    second = next((token for token in after if token.text != ";"), None)
    if second is not None:
        raise QueryError(
            f"A second statement begins here, with {second.text[:40]}. A report is one query: "
            "take the others away.",
            second.line,
        )


def _check_question(said: list[Token]) -> None:
    first = next((token for token in said if token.text not in ("(", ";")), None)
    if first is None:
        raise QueryError("The query is empty. Write a SELECT.")
    if first.text.upper() not in FIRST_WORDS:
        raise QueryError(
            f"The query begins with {first.text[:40]}. A report only asks: begin with SELECT, "
            "WITH or VALUES.",
            first.line,
        )


def _check_functions(said: list[Token]) -> None:
    for position, token in enumerate(said[:-1]):
        name = token.text.strip('"`')
        if said[position + 1].text == "(" and DENIED.fullmatch(name):
            raise QueryError(
                f"The function {name} does more than answer, and is refused. Take it away.",
                token.line,
            )


def _check_names(said: list[Token], names: Collection[str]) -> None:
    for token in said:
        if token.kind == "name" and token.text[1:] not in names:
            known = ", ".join(f":{name}" for name in names)
            raise QueryError(
                f"There is no value {token.text}. There are: {known}. Declare it as a parameter, "
                "or mend the name.",
                token.line,
            )
