"""Arithmetic on vectors of numbers, one entry a dyad, as instructions of the processor; functions
without branches.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from llvmlite import ir
from numba.core import cgutils
from numpy.polynomial import Chebyshev, Polynomial

# A product and a sum may be contracted and signed zeros ignored; nothing may assume that values are
# finite.
FLAGS = ("nsz", "contract", "arcp")


# Where the polynomials are evaluated; a little more, since the reduction of an argument is rounded.
HALF_LN2 = 0.5 * math.log(2) * 1.0001
LARGEST_Z = (math.sqrt(2) - 1) / (math.sqrt(2) + 1) * 1.0001  # (m − 1)/(m + 1) of the logarithm
HALF_TURN = math.pi * 1.0001
# Their power series, longer than a double tells: (e^r − 1)/r in r, ln((1 + z)/(1 − z))/z and
# cos(a), both in squares.
EXP_SERIES = [1 / math.factorial(k + 1) for k in range(18)]
LOG_SERIES = [2 / (2 * k + 1) for k in range(14)]
COS_SERIES = [(-1) ** k / math.factorial(2 * k) for k in range(16)]


class Precision(NamedTuple):
    """A kind of floating-point number: its type, and what the functions without branches need to
    know of its bits.

    >>> DOUBLE.mantissa, SINGLE.mantissa
    (52, 23)
    """

    number: Any
    integer: Any
    suffix: str
    mantissa: int  # bits
    bias: int
    # 1.5 * 2**mantissa: added and taken away it rounds, and its last bits hold the whole number
    magic: float
    magic_bits: int
    root_of_half: int  # the bits of 0.7071: the logarithm's argument is brought above it
    ln2: tuple[float, float]  # in two parts, the first short enough for exact products
    exp_terms: int  # of the polynomials, the fewest that keep the last place
    log_terms: int
    cos_terms: int
    # e to this is as good as infinite in a logistic, and two such denominators can still be
    # multiplied
    largest_exponent: float


DOUBLE = Precision(
    ir.DoubleType(),
    ir.IntType(64),
    "f64",
    52,
    1023,
    6755399441055744.0,
    0x4338000000000000,
    0x3FE6A09E667F3BCD,
    (6.93147180369123816490e-01, 1.90821492927058770002e-10),
    11,
    8,
    11,
    300.0,
)
SINGLE = Precision(
    ir.FloatType(), ir.IntType(32), "f32", 23, 127, 12582912.0, 0x4B400000, 0x3F3504F3,
    (0.693145751953125, 1.42860682030941723212e-6), 6, 4, 7, 40.0,
)  # fmt: skip
PRECISIONS = {"double": DOUBLE, "single": SINGLE}
LANES = {"double": 8, "single": 16}
"""How many dyads stand side by side: as many as 512 bits hold of the numbers in which the equations
are evaluated.
"""


class Vectors:
    """Arithmetic on vectors of numbers of one precision, written into a function that is being
    built.

    >>> str(Vectors(None, 8, DOUBLE).numbers)
    '<8 x double>'
    """

    def __init__(self, builder: Any, lanes: int, precision: Precision) -> None:
        self.builder, self.lanes, self.precision = builder, lanes, precision
        self.numbers = ir.VectorType(precision.number, lanes)
        self.integers = ir.VectorType(precision.integer, lanes)

    def number(self, value: float) -> Any:
        """The same number in every lane."""
        return ir.Constant(self.numbers, [_nearest(value, self.precision)] * self.lanes)

    def whole(self, value: int) -> Any:
        """The same whole number in every lane."""
        return ir.Constant(self.integers, [value] * self.lanes)

    def as_own(self, vector: Any) -> Any:
        """A vector of either precision in this one."""
        if vector.type == self.numbers:
            return vector
        shorter = self.precision.suffix == "f32"
        return (self.builder.fptrunc if shorter else self.builder.fpext)(vector, self.numbers)

    def add(self, a: Any, b: Any) -> Any:
        return self.builder.fadd(a, b, flags=FLAGS)

    def subtract(self, a: Any, b: Any) -> Any:
        return self.builder.fsub(a, b, flags=FLAGS)

    def multiply(self, a: Any, b: Any) -> Any:
        return self.builder.fmul(a, b, flags=FLAGS)

    def divide(self, a: Any, b: Any) -> Any:
        return self.builder.fdiv(a, b, flags=FLAGS)

    def divide_together(self, fractions: Sequence[tuple[Any, Any]]) -> list[Any]:
        """One quotient, or two for the price of one slow division: a/b and c/d from 1/(b d)."""
        if len(fractions) == 1:
            return [self.divide(*fractions[0])]
        (a, b), (c, d) = fractions
        both = self.divide(self.number(1.0), self.multiply(b, d))
        return [self.multiply(a, self.multiply(d, both)), self.multiply(c, self.multiply(b, both))]

    def fused(self, a: Any, b: Any, c: Any) -> Any:
        """a * b + c with one rounding."""
        return self._call("fma", a, b, c)

    def absolute(self, a: Any) -> Any:
        return self._call("fabs", a)

    def _call(self, name: str, *arguments: Any) -> Any:
        kind = ir.FunctionType(self.numbers, [self.numbers] * len(arguments))
        full = f"llvm.{name}.v{self.lanes}{self.precision.suffix}"
        return self.builder.call(
            cgutils.get_or_insert_function(self.builder.module, kind, full), arguments
        )

    def maximum(self, a: Any, b: Any) -> Any:
        """The larger of two; `a` where `b` is not a number."""
        return self.builder.select(self.builder.fcmp_ordered(">", b, a), b, a)

    def minimum(self, a: Any, b: Any) -> Any:
        """The smaller of two; `a` where `b` is not a number."""
        return self.builder.select(self.builder.fcmp_ordered("<", b, a), b, a)

    def polynomial(self, x: Any, coefficients: Sequence[float]) -> Any:
        """c0 + c1 x + c2 x^2 + ..., by Horner."""
        total = self.number(coefficients[-1])
        for c in reversed(coefficients[:-1]):
            total = self.fused(total, x, self.number(c))
        return total

    def exp(self, x: Any) -> Any:
        """e**x without a branch: 2**n e**r with |r| < 0.35, to about one unit in the last place; x
        is held within the largest exponent, and what is not a number stays so.
        """
        b, p = self.builder, self.precision
        for bound, side in ((p.largest_exponent, ">"), (-p.largest_exponent, "<")):
            x = b.select(b.fcmp_ordered(side, x, self.number(bound)), self.number(bound), x)
        shifted = self.fused(x, self.number(1 / math.log(2)), self.number(p.magic))
        n = b.fsub(shifted, self.number(p.magic))
        r = self.fused(n, self.number(-p.ln2[1]), self.fused(n, self.number(-p.ln2[0]), x))
        # 1 stands by itself, so that e**0 is 1 and what is rounded is a third of the value at most
        slope = economised(EXP_SERIES, (-HALF_LN2, HALF_LN2), p.exp_terms)
        value = self.fused(r, self.polynomial(r, slope), self.number(1.0))
        power = b.shl(
            b.add(b.bitcast(shifted, self.integers), self.whole(p.bias)), self.whole(p.mantissa)
        )
        return self.multiply(value, b.bitcast(power, self.numbers))

    def log(self, x: Any) -> Any:
        """ln(x) without a branch: ln(2**e m) with m in [0.71, 1.41], to about one unit in the last
        place; not a number at or below zero.
        """
        b, p = self.builder, self.precision
        bits = b.bitcast(x, self.integers)
        e = b.ashr(b.sub(bits, self.whole(p.root_of_half)), self.whole(p.mantissa))
        m = b.bitcast(b.sub(bits, b.shl(e, self.whole(p.mantissa))), self.numbers)
        exponent = b.fsub(
            b.bitcast(b.add(e, self.whole(p.magic_bits)), self.numbers), self.number(p.magic)
        )
        z = self.divide(self.subtract(m, self.number(1.0)), self.add(m, self.number(1.0)))
        coefficients = economised(LOG_SERIES, (0.0, LARGEST_Z**2), p.log_terms)
        series = self.polynomial(self.multiply(z, z), coefficients)
        value = self.fused(exponent, self.number(math.log(2)), self.multiply(z, series))
        return b.select(b.fcmp_ordered(">", x, self.number(0.0)), value, self.number(math.nan))

    def cos(self, x: Any) -> Any:
        """cos(x) of an angle: whole turns are taken away, then a series on half a turn."""
        b, magic = self.builder, self.number(self.precision.magic)
        turns = self.multiply(x, self.number(1 / (2 * math.pi)))
        whole = b.fsub(b.fadd(turns, magic), magic)
        angle = self.multiply(b.fsub(turns, whole), self.number(2 * math.pi))
        coefficients = economised(COS_SERIES, (0.0, HALF_TURN**2), self.precision.cos_terms)
        return self.polynomial(self.multiply(angle, angle), coefficients)

    def place(self, base: Any, offset: int) -> Any:
        """A pointer to the vector that begins `offset` places after `base`."""
        first = self.builder.gep(base, [ir.Constant(ir.IntType(64), offset)])
        return self.builder.bitcast(first, self.numbers.as_pointer())


def economised(
    series: Sequence[float], interval: tuple[float, float], terms: int
) -> tuple[float, ...]:
    """The first coefficients of a power series, moved so that the error is spread evenly over an
    interval (economisation by Chebyshev polynomials): fewer are needed than of the series itself.

    >>> len(economised(EXP_SERIES, (-0.35, 0.35), 11))
    11
    """
    nearly = Polynomial(series).convert(kind=Chebyshev, domain=interval).truncate(terms)
    return tuple(nearly.convert(kind=Polynomial).coef.tolist())


def _nearest(value: float, precision: Precision) -> float:
    """The number of this precision that is nearest to `value`."""
    return float(np.float32(value)) if precision.suffix == "f32" else float(value)
