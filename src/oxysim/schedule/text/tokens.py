"""The words of the text form: tokens with their places, a reader that walks over them, errors.

Case does not matter in words and does in units and names. Nothing is evaluated and nothing is
skipped: what a reader does not understand it refuses, with the line and a caret under the word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from oxysim.errors import InputError, OxysimError, ScheduleError, UnitError, unknown_name
from oxysim.schedule.wording import COUNTS
from oxysim.synonyms import nearest as nearest_names

# clock times before numbers, which they begin with; every alternative matches at least one
# character, so that a text is always walked to its end
_TOKEN = re.compile(
    r"""(?P<blank>[^\S\n]+)
      | (?P<separator>[;\n])
      | (?P<comma>,)
      | (?P<clock>[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?(?![0-9:]))
      | (?P<number>[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)
      | (?P<quoted>"(?:[^"\\\n]|\\[^\n])*")
      | (?P<word>[^\W\d][\w/'-]*|%)""",
    re.VERBOSE,
)
_QUOTED = 60  # the longest word that a message repeats, in characters
_SHOWN = 120  # the longest stretch of a line that an error shows, in characters


class Token(NamedTuple):
    """A word, number, clock time, quoted name or comma of a text, from `start` up to `stop`.

    >>> Token("word", "Daily", 0, 5).fold
    'daily'
    """

    kind: str
    text: str
    start: int
    stop: int

    @property
    def fold(self) -> str:
        """The word with case taken out; empty for anything but a word."""
        return self.text.casefold() if self.kind == "word" else ""

    @property
    def shown(self) -> str:
        """The token for a message."""
        return "the end of the sentence" if self.kind == "end" else repr(shortened(self.text))


class Reader:
    """A place in one sentence of a text, which moves forward as words are taken.

    `openers` are the words that may begin something else, so that a missing unit or name can be
    told from a misspelt one.

    >>> reader = sentences("massage 60 min")[0]
    >>> reader.skip("massage"), reader.now.text
    (True, '60')
    """

    def __init__(
        self, text: str, tokens: tuple[Token, ...], openers: frozenset[str] = frozenset()
    ) -> None:
        self.text = text
        self.tokens = tokens
        self.openers = openers
        self.position = 0

    @property
    def now(self) -> Token:
        """The token that comes next; of kind "end" where nothing is left."""
        return self.ahead(0)

    @property
    def last(self) -> Token:
        """The token that was taken last."""
        return self.tokens[max(0, self.position - 1)]

    @property
    def done(self) -> bool:
        """Whether the whole sentence has been taken."""
        return self.position >= len(self.tokens)

    def ahead(self, steps: int) -> Token:
        """The token so many steps after the next."""
        if self.position + steps < len(self.tokens):
            return self.tokens[self.position + steps]
        # the caret then stands behind the last word
        stop = self.tokens[-1].stop
        return Token("end", "", stop, stop)

    def take(self) -> Token:
        """The next token, and step over it.

        >>> reader = sentences("massage 60 min")[0]
        >>> reader.take().text, reader.now.text
        ('massage', '60')
        """
        token = self.now
        self.position += 1
        return token

    def comes(self, phrase: str, steps: int = 0) -> bool:
        """Whether the words of `phrase` come next (or so many steps later).

        >>> sentences("still face 2 min")[0].comes("still face")
        True
        """
        return all(
            self.ahead(steps + i).fold == word.casefold() for i, word in enumerate(phrase.split())
        )

    def skip(self, *phrases: str) -> bool:
        """Step over the longest of the phrases that comes next, if any does.

        >>> reader = sentences("nasal spray 24 IU")[0]
        >>> reader.skip("nasal", "nasal spray"), reader.now.text
        (True, '24')
        """
        # the longest: a short phrase may begin a longer one
        lengths = [len(phrase.split()) for phrase in phrases if self.comes(phrase)]
        self.position += max(lengths, default=0)
        return bool(lengths) and max(lengths) > 0

    def skip_comma(self) -> bool:
        """Step over a comma, if one comes next."""
        comma = self.now.kind == "comma"
        self.position += comma
        return comma

    def count(self, steps: int = 0) -> int | None:
        """The whole number that comes next, in figures or as a word up to twelve; else None.

        >>> sentences("three sessions")[0].count(), sentences("sessions")[0].count()
        (3, None)
        """
        token = self.ahead(steps)
        if token.fold in COUNTS:
            return COUNTS.index(token.fold) + 1
        # nine figures: more than anything that can be counted here
        whole = token.kind == "number" and re.fullmatch("[0-9]{1,9}", token.text)
        return int(token.text) if whole else None

    def error(
        self,
        kind: type[OxysimError],
        message: str,
        token: Token | None = None,
        last: Token | None = None,
    ) -> OxysimError:
        """An error that points at `token` (to `last`), or at what comes next."""
        # an error without a place of its own is about the next word
        at = token or self.now
        return kind(_pointed(message, self.text, at.start, (last or at).stop))

    def again(self, error: OxysimError, token: Token, last: Token | None = None) -> OxysimError:
        """The same error with the place of its cause.

        What is an input error elsewhere is an error of the schedule in its text.
        """
        kind = ScheduleError if isinstance(error, InputError) else type(error)
        return self.error(kind, str(error), token, last)

    def unknown(self, kind: str, names: Iterable[str], where: str = "") -> OxysimError:
        """The error for a next word that is none of the phrases `names`; it names the nearest
        three.

        It points behind the words that still agree with one of them.
        """
        # a misspelt second word is not to be reported as an unknown first one
        agreeing = {phrase: self._agreeing(phrase) for phrase in names}
        phrases = list(agreeing)
        longest = max(agreeing.values(), default=0)
        if longest:
            # some words were right: what could have come after them is what is expected
            next_words = {
                phrase.split()[longest] for phrase, same in agreeing.items() if same == longest
            }
            phrases = sorted(next_words)
            kind, where = "word", f"after {' '.join(self.take().text for _ in range(longest))!r}"

        token = self.now
        if token.kind == "word" and phrases:
            return self.again(unknown_name(kind, shortened(token.text), phrases, where), token)
        if not phrases:
            return self.error(ScheduleError, f"nothing may follow here; found {token.shown}")
        # six examples fit on a line and show the kind
        article, examples = "an" if kind[0] in "aeiou" else "a", ", ".join(map(repr, phrases[:6]))
        clause = f" {where}" if where else ""
        return self.error(
            ScheduleError,
            f"expected {article} {kind}{clause}, such as {examples}; found {token.shown}",
        )

    def _agreeing(self, phrase: str) -> int:
        """How many words of the phrase come next, at most all but the last."""
        words = phrase.split()
        return next(
            (i for i, word in enumerate(words) if self.ahead(i).fold != word.casefold()),
            len(words) - 1,
        )


def nearest_words(word: str, names: Iterable[str]) -> str:
    """The three names that are most likely meant by `word`, as words of a message.

    >>> nearest_words("minuts", ["min", "minutes", "h"])
    "'minutes', 'min', 'h'"
    """
    return ", ".join(repr(name) for name in nearest_names(word, names))


def sentences(text: str) -> list[Reader]:
    """A reader for each sentence of a text.

    ";" and the end of a line end a sentence; empty sentences are left out.

    Raises
    ------
    ScheduleError : it is no text, there is nothing in it, or it holds a character of no meaning.

    >>> [reader.now.text for reader in sentences("massage 10 min; crying 5 min")]
    ['massage', 'crying']
    """
    if not isinstance(text, str):
        raise ScheduleError(
            f"expected a text such as 'skin-to-skin 60 min daily at 10:00'; found {text!r}"
        )

    tokens_of_sentences: list[list[Token]] = [[]]
    start = 0
    while start < len(text):
        match = _TOKEN.match(text, start)
        if match is None:
            message = (
                f"{text[start]!r} has no meaning here; expected words, numbers with units and clock"
                " times"
            )
            raise ScheduleError(_pointed(message, text, start, start + 1))
        kind, start = str(match.lastgroup), match.end()
        # an empty sentence between two separators is dropped below
        if kind == "separator":
            tokens_of_sentences.append([])
        elif kind != "blank":
            token = Token(kind, match[0], match.start(), match.end())
            tokens_of_sentences[-1].append(token)

    readers = [Reader(text, tuple(tokens)) for tokens in tokens_of_sentences if tokens]
    for reader in readers:
        _require_decimal_points(reader)
    if not readers:
        raise ScheduleError(
            "the text is empty; expected something such as 'skin-to-skin 60 min daily at 10:00'"
        )
    return readers


def _require_decimal_points(reader: Reader) -> None:
    """Raise at a decimal comma: two numbers with nothing but a comma between them."""
    tokens = reader.tokens
    for first, comma, last in zip(tokens, tokens[1:], tokens[2:], strict=False):
        # "10, 20" is a list; only what stands close together looks like one number
        separate = first.stop < comma.start or comma.stop < last.start
        if (first.kind, comma.kind, last.kind) == ("number", "comma", "number") and not separate:
            message = (
                f"'{first.text},{last.text}' has a decimal comma; write '{first.text}.{last.text}'"
            )
            raise reader.error(UnitError, message, first, last)


def shortened(text: str) -> str:
    """The text, or its beginning where it is too long for a message.

    >>> len(shortened("x" * 100))
    63
    """
    return text if len(text) <= _QUOTED else f"{text[:_QUOTED]}..."


def is_word(name: str) -> bool:
    """Whether a name can stand in a sentence without quotation marks.

    >>> is_word("father"), is_word("day care")
    (True, False)
    """
    # what the reader takes for one word, so that writing and reading agree
    match = _TOKEN.fullmatch(name)
    return match is not None and match.lastgroup == "word"


def _pointed(message: str, text: str, start: int, stop: int) -> str:
    """The message, the line, and a caret under the characters from `start` up to `stop`."""
    begin = text.rfind("\n", 0, start) + 1
    end = text.find("\n", start)
    end = len(text) if end < 0 else end
    number = text.count("\n", 0, start) + 1
    numbered = f"line {number}: " if "\n" in text.strip() else ""
    # of a long line only the stretch around the caret is shown
    shift = max(begin, start - _SHOWN // 2)
    # characters without a shape of one column would move the caret away from its word
    line = "".join(c if c.isprintable() else " " for c in text[shift : min(end, shift + _SHOWN)])
    caret = " " * (start - shift) + "^" * max(1, min(stop, end, shift + _SHOWN) - start)
    return f"{numbered}{message}\n  {line}\n  {caret}"
