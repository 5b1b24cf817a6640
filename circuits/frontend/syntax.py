"""The syntax tree of a Verilog text, from one pyverilog parser that the process builds once."""

from __future__ import annotations

from functools import lru_cache
from itertools import chain
from typing import Any

from ply.lex import LexError, LexToken
from ply.yacc import NullLogger, yacc
from pyverilog.vparser import ast
from pyverilog.vparser.lexer import VerilogLexer
from pyverilog.vparser.parser import ParseError, VerilogParser

from mulsmith.errors import NetlistError


class _PlacedError(Exception):
    """A syntax error with its place: ``line`` is None at the end of the text."""

    def __init__(self, cause: str, line: int | None) -> None:
        super().__init__(cause)
        self.cause = cause
        self.line = line


class _Parser(VerilogParser):  # type: ignore[misc] # pyverilog is not typed
    """pyverilog's parser, silent, without files, and with the place of an error kept apart from its text."""

    start = "source_text"

    def __init__(self) -> None:
        self.lexer = VerilogLexer(error_func=self._lexer_error_func)
        self.lexer.build()
        self.tokens = self.lexer.tokens
        self.parser = yacc(module=self, method="LALR", debug=False, write_tables=False, errorlog=NullLogger())

    def modules(self, text: str) -> list[Any]:
        """Return the module definitions of a text."""
        self.lexer.reset_lineno()
        tree = self.parser.parse(text, lexer=self.lexer)
        return [item for item in tree.description.definitions if isinstance(item, ast.ModuleDef)]

    @property
    def line(self) -> int:
        """Line that the lexer has reached."""
        return int(self.lexer.lexer.lineno)

    def create_decl(self, sigtypes: tuple[str, ...], *args: Any, **options: Any) -> Any:
        """Declare ``logic`` as a wire; pyverilog's own rule drops it."""
        if "logic" in sigtypes and not {"reg", "wire"} & set(sigtypes):
            sigtypes = (*sigtypes, "wire")
        return super().create_decl(sigtypes, *args, **options)

    def p_ioports(self, p: Any) -> None:
        """ioports : ioports COMMA ioport"""  # noqa: D403, D415 - the grammar rule
        # pyverilog's own rule forgets `signed` where a port takes over the type of the one before it.
        port = p[3]
        if isinstance(port, str):
            before = p[1][-1].first
            first = type(before)(port, before.width, before.signed, before.dimensions, lineno=p.lineno(3))
            port = ast.Ioport(first, p[1][-1].second, lineno=p.lineno(3))
        p[0] = (*p[1], port)
        p.set_lineno(0, p.lineno(1))

    def p_declassign(self, p: Any) -> None:
        """declassign : sigtypes declassign_elements SEMICOLON"""  # noqa: D403, D415 - the grammar rule
        # pyverilog's own rules take one name only.
        declared = [self.create_declassign(p[1], *element, lineno=p.lineno(2)) for element in p[2]]
        p[0] = ast.Decl(tuple(chain.from_iterable(declared)), lineno=p.lineno(1))
        p.set_lineno(0, p.lineno(1))

    def p_declassign_width(self, p: Any) -> None:
        """declassign : sigtypes width declassign_elements SEMICOLON"""  # noqa: D403, D415 - the grammar rule
        declared = [
            self.create_declassign(p[1], *element, width=p[2], lineno=p.lineno(3)) for element in p[3]
        ]
        p[0] = ast.Decl(tuple(chain.from_iterable(declared)), lineno=p.lineno(1))
        p.set_lineno(0, p.lineno(1))

    def p_declassign_elements(self, p: Any) -> None:
        """declassign_elements : declassign_elements COMMA declassign_element
        | declassign_element
        """  # noqa: D205, D415 - the docstring is the grammar rule
        p[0] = [p[1]] if len(p) == 2 else [*p[1], p[3]]
        p.set_lineno(0, p.lineno(1))

    def p_items(self, p: Any) -> None:
        """items : items item"""  # noqa: D403, D415 - the grammar rule
        # pyverilog copies a tuple for every item, which takes long in large modules.
        p[0] = p[1]
        p[0].append(p[2])
        p.set_lineno(0, p.lineno(1))

    def p_items_one(self, p: Any) -> None:
        """items : item"""  # noqa: D403, D415 - the grammar rule
        p[0] = [p[1]]
        p.set_lineno(0, p.lineno(1))

    def p_items_empty(self, p: Any) -> None:
        """items : empty"""  # noqa: D403, D415 - the grammar rule
        p[0] = []

    def p_assignment(self, p: Any) -> None:
        """assignment : ASSIGN continuous_assigns SEMICOLON"""  # noqa: D403, D415 - the grammar rule
        p[0] = p[2][0] if len(p[2]) == 1 else ast.Decl(tuple(p[2]), lineno=p.lineno(1))
        p.set_lineno(0, p.lineno(1))

    def p_continuous_assigns(self, p: Any) -> None:
        """continuous_assigns : continuous_assigns COMMA continuous_assign
        | continuous_assign
        """  # noqa: D205, D415 - the docstring is the grammar rule
        p[0] = [p[1]] if len(p) == 2 else [*p[1], p[3]]
        p.set_lineno(0, p.lineno(1))

    def p_continuous_assign(self, p: Any) -> None:
        """continuous_assign : lvalue EQUALS rvalue"""  # noqa: D415 - the grammar rule
        p[0] = ast.Assign(p[1], p[3], lineno=p.lineno(1))
        p.set_lineno(0, p.lineno(1))

    def _lexer_error_func(self, msg: str, line: int, column: int) -> None:
        raise _PlacedError(f"{msg[0].lower()}{msg[1:]}", line)

    def _raise_error(self, p: LexToken | None) -> None:
        if p is None:
            raise _PlacedError("syntax error at the end of the text", None)
        raise _PlacedError(f"syntax error near '{p.value}'", p.lineno)


@lru_cache(maxsize=1)
def _parser() -> _Parser:
    # Building the tables takes about a second, so a process does it once, and only when it parses.
    return _Parser()


def parse_modules(text: str) -> list[Any]:
    """Return pyverilog's module definitions of a cleaned Verilog text, in file order.

    Raises:
        NetlistError: a syntax error, with its line and the token that it is near.
    """
    if not text.strip():
        raise NetlistError("holds no module")
    parser = _parser()
    try:
        modules = parser.modules(text)
    except _PlacedError as error:
        line = text.rstrip().count("\n") + 1 if error.line is None else error.line
        raise NetlistError(error.cause, line=line) from None
    except (ParseError, LexError, AttributeError, TypeError, ValueError, LookupError):
        # Ill-formed declarations end in errors of these kinds inside pyverilog, without a place.
        raise NetlistError("syntax error in or before this line", line=parser.line) from None
    if not modules:
        raise NetlistError("holds no module")
    return modules
