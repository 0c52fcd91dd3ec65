"""Writers of numbers: every notation in which a page may print one, each written by its own grammar."""

from __future__ import annotations

import re
from decimal import Decimal

DIGITS, CAPITALS = "零一二三四五六七八九", "零壹贰叁肆伍陆柒捌玖"
SCALES = {"lower": ("", "十", "百", "千"), "capital": ("", "拾", "佰", "仟")}
LIMIT = 10**16


def section(n: int, digits: str, scales: tuple[str, ...]) -> str:
    """0 <= n < 10,000; zeros inside as one 零."""
    written, gap = "", False
    for power in (3, 2, 1, 0):
        digit = n // 10**power % 10
        if digit:
            written += ("零" if gap and written else "") + digits[digit] + scales[power]
            gap = False
        else:
            gap = True
    return written


def below_yi(n: int, digits: str, scales: tuple[str, ...]) -> str:
    """0 < n < 10**8."""
    high, low = divmod(n, 10**4)
    if not high:
        return section(low, digits, scales)
    zero = "零" if low and (low < 1000 or high % 10 == 0) else ""
    return section(high, digits, scales) + "万" + (zero + section(low, digits, scales) if low else "")


def chinese(n: int, kind: str = "lower") -> str:
    """0 <= n <= 10**16 in Chinese numerals, lower-case or as on a cheque."""
    digits, scales = (DIGITS if kind == "lower" else CAPITALS), SCALES[kind]
    if n == 0:
        return "零"
    if n == LIMIT:
        return digits[1] + "亿亿"
    high, low = divmod(n, 10**8)
    if not high:
        return below_yi(low, digits, scales)
    zero = "零" if low and (low < 10**7 or high % 10 == 0) else ""
    return below_yi(high, digits, scales) + "亿" + (zero + below_yi(low, digits, scales) if low else "")


def mixed(n: int) -> str:
    """Each scale with its digits in Arabic: 12亿3400万56."""
    parts = [(n // 10**8, "亿"), (n // 10**4 % 10**4, "万"), (n % 10**4, "")]
    return "".join(f"{part}{sign}" for part, sign in parts if part)


def stepped(n: int) -> str:
    """Every digit in Arabic before its scale: 1亿2千3百万."""
    return chinese(n).translate(str.maketrans(DIGITS[1:], "123456789"))


def decimal(n: int, power: int, sign: str) -> str:
    """As a decimal before 万 or 亿."""
    return f"{format((Decimal(n) / 10**power).normalize(), 'f')}{sign}"


def in_words(n: int, power: int, sign: str) -> str:
    """As a decimal in words: 一点二五亿."""
    whole, _, rest = format((Decimal(n) / 10**power).normalize(), "f").partition(".")
    return chinese(int(whole)) + ("点" + "".join(DIGITS[int(d)] for d in rest) if rest else "") + sign


WIDE = str.maketrans("0123456789,.", "０１２３４５６７８９，．")


def notations(n: int) -> dict[str, str]:
    """The number in every notation that gives it exactly and has one reading."""
    written = {
        "digits": str(n),
        "wide digits": str(n).translate(WIDE),
        "grouped by commas": f"{n:,}",
        "grouped by blanks": f"{n:,}".replace(",", " "),
        "chinese": chinese(n),
        "short ten": re.sub(r"^一十", "十", chinese(n)),
        "with 两": re.sub(r"二(?=[百千万亿])", "两", chinese(n)),
        "with 〇": chinese(n).replace("零", "〇"),
        "capitals": chinese(n, "capital"),
    }
    if n and n < LIMIT:
        written["steps"] = stepped(n)
        if n % 10**4 == 0 or n % 10**4 >= 1000 or n < 10**4:
            written["mixed"] = mixed(n) if n < 10**8 or n % 10**8 == 0 or n % 10**8 >= 10**4 else str(n)
        for power, sign in ((4, "万"), (8, "亿"), (12, "万亿")):
            if n >= 10 ** (power - 2):
                written[f"decimal {sign}"] = decimal(n, power, sign)
                if n < 10 ** (power + 4):
                    written[f"words {sign}"] = in_words(n, power, sign)
    return written
