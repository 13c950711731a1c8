"""A recorder of arithmetic: symbols that stand for numbers, and the list of operations done on
them.

Each operation knows what it depends on at most (`level`), and the operations can be differentiated.
The tape rearranges sums and products so that what is known beforehand is done beforehand.
What follows the equations with these symbols (`generated_code`) and what makes code of them (Python
there, vector instructions in `llvm_code`) lives elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

PARAMETER, PIECE, STATE = 0, 1, 2  # what an operation depends on at most


class Tape:
    """The operations met so far; an operation met again is the same one.

    Parameters
    ----------
    rearranged : whether arithmetic is brought into an order in which more of it is done beforehand,
        which may differ in the last bit and is cheaper where it is done often: a division by what
        is known becomes a product with its reciprocal, p·(x − u) becomes p·x − p·u, and of a sum
        all that is known is added up first.

    >>> tape = Tape()
    >>> x, p, u = tape.leaf(STATE), tape.leaf(PARAMETER), tape.leaf(PARAMETER)
    >>> deviation = p * (x - u)
    >>> [operand.level == STATE for operand in deviation.recipe[1:]]
    [True, False]
    """

    def __init__(self, *, rearranged: bool = True) -> None:
        self.rearranged = rearranged
        # The same operation on the same operands: whatever reads it, it is computed once.
        self.known: dict[tuple[Any, ...], Symbol] = {}
        self.order: list[Symbol] = []

    def leaf(self, level: int) -> Symbol:
        return self._new(("leaf", len(self.order)), level)

    def operation(self, operator: str, *operands: Any) -> Symbol:
        key = (
            operator,
            *[o.number if isinstance(o, Symbol) else ("constant", o) for o in operands],
        )
        if key not in self.known:
            # An operation can be done as soon as its latest operand is there.
            level = max(level_of(o) for o in operands)
            self.known[key] = self._new((operator, *operands), level)
        return self.known[key]

    def sum(self, operator: str, a: Any, b: Any) -> Any:
        """a + b or a − b; what is known beforehand of both is added last, as one number."""
        level = max(level_of(a), level_of(b))
        moving_a, constant_a = _parted(a, level)
        moving_b, constant_b = _parted(b, level)
        if not self.rearranged or (constant_a is None and constant_b is None):
            return self.operation(operator, a, b)

        # of terms that are all known a smaller sum is made, in the order of their own levels
        constant = constant_a if constant_b is None else constant_b
        if constant_a is None and operator == "-":
            constant = -1.0 * constant_b
        elif constant_a is not None and constant_b is not None:
            constant = constant_a + constant_b if operator == "+" else constant_a - constant_b

        if moving_a is None and operator == "-":
            return self.operation("-", constant, moving_b)
        if moving_a is None:
            return self.operation("+", moving_b, constant)
        if moving_b is not None:
            moving_a = self.operation(operator, moving_a, moving_b)
        return self.operation("+", moving_a, constant)

    def product(self, a: Any, b: Any) -> Any:
        """a·b; a factor that is known beforehand is taken into sums and products."""
        if not self.rearranged or level_of(a) == level_of(b):
            return self.operation("*", a, b)
        if level_of(a) > level_of(b):
            a, b = b, a

        operator, *operands = b.recipe
        first, second = (*operands, None)[:2]
        moving, constant = _parted(b, b.level)
        if constant is not None:
            return self.sum("+", self.product(a, moving), a * constant)
        # not into a quotient: it may be needed as it stands, and would be divided twice
        if operator == "*" and level_of(first) < b.level:
            return self.operation("*", a * first, second)
        if operator == "-" and level_of(first) < b.level:
            return self.sum("-", a * first, self.product(a, second))
        if operator == "-" and a == -1.0:
            return self.operation("-", second, first)
        return self.operation("*", a, b)

    def _new(self, recipe: tuple[Any, ...], level: int) -> Symbol:
        symbol = Symbol(self, len(self.order), recipe, level)
        self.order.append(symbol)
        return symbol


def level_of(operand: Any) -> int:
    """What an operand depends on at most; a plain number is known like a parameter.

    >>> level_of(2.0) == PARAMETER
    True
    """
    return operand.level if isinstance(operand, Symbol) else PARAMETER


def _parted(operand: Any, level: int) -> tuple[Any, Any]:
    """An operand as a sum of what depends on `level` and what is known before; None for no part."""
    if level_of(operand) < level:
        return None, operand
    if level == PARAMETER:
        return operand, None
    operator, *operands = operand.recipe
    # in a sum that is rearranged what is known stands last
    if operator in "+-" and level_of(operands[1]) < level:
        moving, constant = operands
        return moving, constant if operator == "+" else -1.0 * constant
    return operand, None


class Symbol:
    """Stands for a number while the equations are followed.

    >>> tape = Tape()
    >>> x, p = tape.leaf(STATE), tape.leaf(PARAMETER)
    >>> (p * x).level == STATE, (p * p).level == PARAMETER
    (True, True)
    """

    def __init__(self, tape: Tape, number: int, recipe: tuple[Any, ...], level: int) -> None:
        self.tape, self.number, self.recipe, self.level = tape, number, recipe, level

    def __add__(self, operand: Any) -> Symbol:
        return self.tape.sum("+", self, operand)

    def __radd__(self, operand: Any) -> Symbol:
        return self.tape.sum("+", operand, self)

    def __sub__(self, operand: Any) -> Symbol:
        return self.tape.sum("-", self, operand)

    def __rsub__(self, operand: Any) -> Symbol:
        return self.tape.sum("-", operand, self)

    def __mul__(self, operand: Any) -> Symbol:
        return self.tape.product(self, operand)

    def __rmul__(self, operand: Any) -> Symbol:
        return self.tape.product(operand, self)

    def __neg__(self) -> Symbol:
        # A product, so that engines need no operation of its own for a sign.
        return self.tape.product(-1.0, self)

    def __truediv__(self, operand: Any) -> Symbol:
        # a division that can be done beforehand becomes a product
        if self.tape.rearranged and self.level > level_of(operand):
            return self * self.tape.operation("/", 1.0, operand)
        return self.tape.operation("/", self, operand)

    def __rtruediv__(self, operand: Any) -> Symbol:
        return self.tape.operation("/", operand, self)

    def exp(self) -> Symbol:
        """e**self; NumPy calls it for ``np.exp(symbol)``."""
        return self.tape.operation("exp", self)

    def log(self) -> Symbol:
        """ln(self)."""
        return self.tape.operation("log", self)

    def cos(self) -> Symbol:
        """cos(self), of an angle in radians."""
        return self.tape.operation("cos", self)


def needed(roots: Iterable[Any]) -> set[int]:
    """The numbers of the symbols on which some of the `roots` depends, themselves included.

    >>> tape = Tape()
    >>> x, y = tape.leaf(STATE), tape.leaf(STATE)
    >>> needed([x + 1.0]) == {x.number, (x + 1.0).number}
    True
    """
    numbers: set[int] = set()
    # Not by recursion: a chain of operations may be longer than Python's stack.
    todo = [r for r in roots if isinstance(r, Symbol)]
    while todo:
        symbol = todo.pop()
        if symbol.number not in numbers:
            numbers.add(symbol.number)
            todo += [o for o in symbol.recipe[1:] if isinstance(o, Symbol)]
    return numbers


def handed_on(tape: Tape, roots: Iterable[Any], level: int) -> list[Symbol]:
    """What is known after `level` and used later on the way to the `roots`, in order.

    >>> tape = Tape()
    >>> p, x = tape.leaf(PARAMETER), tape.leaf(STATE)
    >>> [s.recipe[0] for s in handed_on(tape, [x * (p * p)], PARAMETER)]
    ['*']
    """
    symbols = [r for r in roots if isinstance(r, Symbol)]
    steps = needed(symbols)
    # A root that is known early is handed on itself.
    used = {r.number for r in symbols if r.level <= level}
    used |= {
        o.number for s in tape.order if s.number in steps and s.level > level
        for o in s.recipe[1:] if isinstance(o, Symbol) and o.level <= level
    }  # fmt: skip
    return [s for s in tape.order if s.number in used]


def derivative(of: Any, by: Symbol) -> Any:
    """d(of)/d(by), as further operations on the same tape (or a plain number).

    >>> tape = Tape()
    >>> x = tape.leaf(STATE)
    >>> derivative(x * 3.0, x)
    3.0
    """
    if not isinstance(of, Symbol):
        return 0.0
    steps = needed([of])
    slope_of: dict[int, Any] = {by.number: 1.0}

    def slope(operand: Any) -> Any:
        return slope_of.get(operand.number, 0.0) if isinstance(operand, Symbol) else 0.0

    # Forwards, in the order of the tape: operands come before what is made of them. A copy of the
    # list, since derivatives add to it.
    for symbol in list(of.tape.order):
        operator, *operands = symbol.recipe
        if symbol.number not in steps or operator == "leaf":
            continue
        slopes = [slope(o) for o in operands]
        # Where no operand depends on it, neither does this, and nothing is written.
        if any(isinstance(s, Symbol) or s != 0.0 for s in slopes):
            slope_of[symbol.number] = _chain(symbol, operator, operands, slopes)
    return slope(of)


def _chain(symbol: Symbol, operator: str, operands: list[Any], slopes: list[Any]) -> Any:
    """The slope of one operation from those of its operands."""
    match operator:
        case "+":
            return _sum(slopes[0], slopes[1])
        case "-":
            return _sum(slopes[0], _product(-1.0, slopes[1]))
        case "*":
            return _sum(_product(slopes[0], operands[1]), _product(operands[0], slopes[1]))
        case "/":
            return _product(
                _sum(slopes[0], _product(-1.0, _product(symbol, slopes[1]))), 1.0 / operands[1]
            )
        case "exp":
            return _product(symbol, slopes[0])
        case "log":
            return _product(slopes[0], 1.0 / operands[0])
    raise ValueError(f"no derivative of {operator!r} is known here")


def _sum(a: Any, b: Any) -> Any:
    """a + b, without an operation where one of them is zero."""
    if not isinstance(a, Symbol) and a == 0.0:
        return b
    return a if not isinstance(b, Symbol) and b == 0.0 else a + b


def _product(a: Any, b: Any) -> Any:
    """a * b, without an operation where one of them is zero or one."""
    for factor, rest in ((a, b), (b, a)):
        if not isinstance(factor, Symbol) and factor in (0.0, 1.0):
            return (
                factor * rest
                if factor == 0.0 and not isinstance(rest, Symbol)
                else 0.0
                if factor == 0.0
                else rest
            )
    return a * b
