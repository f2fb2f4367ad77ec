"""What a scanner reads in a picture of a code, as our pages draw it and as Telegram is sent it."""

from __future__ import annotations

import re
import struct
import zlib

import zxingcpp

MARGIN, SCALE = 4, 6


def scanned_svg(svg: str) -> str:
    """Each line of the path is drawn as dark squares, and the squares are read."""
    [path] = re.findall(r'class="qrline"[^>]* d="([^"]+)"', svg)
    dark, x, y = set(), 0.0, 0.0
    for act, numbers in re.findall(r"([Mmh])([-\d. ]+)", path):
        given = [float(each) for each in re.findall(r"-?\d*\.?\d+", numbers)]
        if act == "h":
            dark |= {(int(x) + step, int(y)) for step in range(int(given[0]))}
            x += given[0]
        else:
            x, y = (given[0], given[1]) if act == "M" else (x + given[0], y + given[1])
    side = max(max(each) for each in dark) + 1 + MARGIN
    pixels = bytearray(b"\xff" * (side * SCALE) ** 2)
    for x_, y_ in dark:
        for row in range(y_ * SCALE, (y_ + 1) * SCALE):
            pixels[row * side * SCALE + x_ * SCALE : row * side * SCALE + (x_ + 1) * SCALE] = bytes(SCALE)
    return _read(bytes(pixels), side * SCALE, side * SCALE)


def scanned_png(png: bytes) -> str:
    """A picture of one bit a pixel, whose rows stand as they are (filter 0) or tell what is other than above (2)."""
    parts: dict[bytes, bytes] = {}
    at = 8
    while at < len(png):
        [length] = struct.unpack(">I", png[at : at + 4])
        name, body = png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        assert struct.unpack(">I", png[at + 8 + length : at + 12 + length])[0] == zlib.crc32(name + body)
        parts[name] = parts.get(name, b"") + body
        at += 12 + length
    width, height, depth, colours = struct.unpack(">IIBB", parts[b"IHDR"][:10])
    assert (depth, colours) == (1, 0), "one bit a pixel, in greys"
    rows, across = zlib.decompress(parts[b"IDAT"]), -(-width // 8) + 1
    pixels, above = bytearray(), bytes(across - 1)
    for row in range(height):
        how, *line = rows[row * across : (row + 1) * across]
        assert how in (0, 2), "a filter that this does not know"
        above = bytes((each + (before if how else 0)) & 255 for each, before in zip(line, above, strict=True))
        pixels += bytes(255 * (above[x // 8] >> (7 - x % 8) & 1) for x in range(width))
    return _read(bytes(pixels), width, height)


def _read(pixels: bytes, width: int, height: int) -> str:
    [found] = zxingcpp.read_barcodes(memoryview(pixels).cast("B", (height, width)))
    return str(found.text)
