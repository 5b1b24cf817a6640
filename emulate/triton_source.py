"""Triton kernels of backend ``triton``; importing this module needs triton, so only ``kernels_triton`` does.

``convolve`` is an implicit GEMM on int8 tensor cores: it reads a tile of activation codes once per scale,
looks several planes' digits up with one load, and multiplies plane by plane with ``tl.dot`` into int32. The
instruction of sm_80 saturates (``mma.sync ... satfinite``), so its accumulator starts from zero for every run
of as many terms as cannot overflow; all other sums wrap modulo 2**32. Codes lie channels last, so k counts
(kernel row, kernel column, channel).
"""

from __future__ import annotations

import triton
import triton.language as tl


@triton.jit
def channel_sums(codes, term, sums, rows, depth, ROWS: tl.constexpr, DEPTH: tl.constexpr):
    """Sum an operand's term over the channels of every pixel and group.

    Args:
        codes: [rows, depth] with a row per pixel and group.
        term: int32 [number of codes].
        sums: int32 [rows], the result.
        rows: number of pixels times groups.
        depth: channels of a group.
        ROWS: rows of a program.
        DEPTH: channels of a step, a power of two.
    """
    row = tl.program_id(0) * ROWS + tl.arange(0, ROWS)
    total = tl.zeros((ROWS,), tl.int32)
    for start in range(0, depth, DEPTH):
        channel = start + tl.arange(0, DEPTH)
        inside = (row < rows)[:, None] & (channel < depth)[None, :]
        code = tl.load(codes + row[:, None] * depth + channel[None, :], mask=inside, other=0).to(tl.int32)
        total += tl.sum(tl.load(term + code, mask=inside, other=0), axis=1)
    tl.store(sums + row, total, mask=row < rows)


@triton.jit
def expand_weights(
    codes, digits, term, planes, sums, outputs, depth, terms, padded_terms, plane_count, code_count,
    output_stride, channel_stride, BLOCK: tl.constexpr,
):  # fmt: skip
    """Write the int8 digits of one output's weights for every plane, and the sum of their term.

    Args:
        codes: weights; element (output, channel, tap) at output_stride, channel_stride and 1.
        digits: int8 [plane_count, code_count].
        term: int32 [code_count].
        planes: int8 [plane_count, outputs, padded_terms], the result; zero from ``terms`` on.
        sums: int32 [outputs], the result.
        outputs: number of outputs; a program each.
        depth: channels of a group.
        terms: products of a sum.
        padded_terms: ``terms`` rounded up.
        plane_count: number of planes.
        code_count: number of codes.
        output_stride: elements from one output to the next.
        channel_stride: elements from one channel to the next.
        BLOCK: products of a step, a power of two.
    """
    output = tl.program_id(0)
    total = tl.zeros((BLOCK,), tl.int32)
    for start in range(0, padded_terms, BLOCK):
        k = start + tl.arange(0, BLOCK)
        inside = k < terms
        place = output * output_stride + (k % depth) * channel_stride + k // depth
        code = tl.load(codes + place, mask=inside, other=0).to(tl.int32)
        total += tl.load(term + code, mask=inside, other=0)
        for plane in range(plane_count):
            digit = tl.load(digits + plane * code_count + code, mask=inside, other=0)
            row = (plane * outputs + output).to(tl.int64) * padded_terms
            tl.store(planes + row + k, digit, mask=k < padded_terms)
    tl.store(sums + output, tl.sum(total, axis=0))


@triton.jit
def convolve(  # noqa: D417 - sizes of one kind share a line
    codes, words, weights, pixel_sums, weight_sums, segments, out,
    rows, terms, padded_terms, depth, groups, columns, code_count, segment_count, last_scale, run,
    pad_code, pad_sum, height, width, out_h, out_w, kernel_h, kernel_w, stride_h, stride_w, pad_h, pad_w,
    dilation_h, dilation_w,
    DIGITS: tl.constexpr, ROWS: tl.constexpr, COLUMNS: tl.constexpr, TERMS: tl.constexpr,
):  # fmt: skip
    """Compute a tile of one group's sums, ROWS output pixels by COLUMNS outputs.

    Args:
        codes: activations [images, height, width, groups, depth].
        words: digits of operand A, one integer of DIGITS bytes per word and code [words, code_count].
        weights: int8 [words * DIGITS, groups * columns, padded_terms] of ``expand_weights``.
        pixel_sums: int32 [images, height, width, groups] of ``channel_sums``.
        weight_sums: int32 [groups * columns] of ``expand_weights``.
        segments: int32 [segment_count, 3]: first word, last word + 1, scale of the words before over that of
            these, modulo 2**32.
        out: int32 [images, groups * columns, out_h, out_w], the result.
        rows: images * out_h * out_w.
        terms: products of a sum.
        padded_terms: ``terms`` rounded up.
        depth: channels of a group.
        groups: channel groups.
        columns: outputs of a group.
        code_count: number of codes of operand A.
        segment_count: number of different scales.
        last_scale: scale of the last segment.
        run: terms, a multiple of TERMS, whose sums over a segment's planes stay within int32.
        pad_code: code in the padding.
        pad_sum: what ``pixel_sums`` would be in the padding.
        height, width, out_h, out_w, kernel_h, kernel_w: sizes.
        stride_h, stride_w, pad_h, pad_w, dilation_h, dilation_w: geometry.
        DIGITS: planes per word, 1 to 4.
        ROWS, COLUMNS, TERMS: tile; at least 16, 16 and 32.
    """
    row_tiles = tl.cdiv(rows, ROWS)
    column_tiles = tl.cdiv(columns, COLUMNS)
    tile = tl.program_id(0)
    group = tile // (row_tiles * column_tiles)
    tile = tile % (row_tiles * column_tiles)
    row = (tile // column_tiles) * ROWS + tl.arange(0, ROWS)
    column = (tile % column_tiles) * COLUMNS + tl.arange(0, COLUMNS)
    output = group * columns + column

    pixels = out_h * out_w
    image, pixel = row // pixels, row % pixels
    top = (pixel // out_w) * stride_h - pad_h
    left = (pixel % out_w) * stride_w - pad_w

    total = tl.zeros((ROWS, COLUMNS), tl.int32)
    for segment in range(segment_count):
        first = tl.load(segments + segment * 3)
        end = tl.load(segments + segment * 3 + 1)
        total = total * tl.load(segments + segment * 3 + 2)
        for begin in range(0, terms, run):
            part = tl.zeros((ROWS, COLUMNS), tl.int32)
            for start in range(begin, tl.minimum(begin + run, terms), TERMS):
                k = start + tl.arange(0, TERMS)
                tap = k // depth
                y = top[:, None] + ((tap // kernel_w) * dilation_h)[None, :]
                x = left[:, None] + ((tap % kernel_w) * dilation_w)[None, :]
                inside = (y >= 0) & (y < height) & (x >= 0) & (x < width)
                inside = inside & (row < rows)[:, None] & (k < terms)[None, :]
                place = ((image[:, None] * height + y) * width + x) * groups + group
                source = codes + place * depth + (k % depth)[None, :]
                code = tl.load(source, mask=inside, other=pad_code).to(tl.int32)
                # What is read beyond ``terms`` meets digits of zero.
                known = (k < padded_terms)[:, None] & (column < columns)[None, :]
                for word in range(first, end):
                    packed = tl.load(words + word * code_count + code)
                    for digit in tl.static_range(DIGITS):
                        left_digits = (packed >> (8 * digit)).to(tl.int8)
                        plane = word * DIGITS + digit
                        line = (plane * groups * columns + output).to(tl.int64) * padded_terms
                        right_digits = tl.load(weights + line[None, :] + k[:, None], mask=known, other=0)
                        part = tl.dot(left_digits, right_digits, part, out_dtype=tl.int32)
            total += part

    row_sum = tl.zeros((ROWS,), tl.int32)
    for tap in range(kernel_h * kernel_w):
        y = top + (tap // kernel_w) * dilation_h
        x = left + (tap % kernel_w) * dilation_w
        inside = (y >= 0) & (y < height) & (x >= 0) & (x < width) & (row < rows)
        place = ((image * height + y) * width + x) * groups + group
        row_sum += tl.load(pixel_sums + place, mask=inside, other=pad_sum)
    column_sum = tl.load(weight_sums + output, mask=column < columns, other=0)
    total = total * last_scale + row_sum[:, None] + column_sum[None, :]
    target = (image * groups * columns * pixels + pixel)[:, None] + (output * pixels)[None, :]
    tl.store(out + target, total, mask=(row < rows)[:, None] & (column < columns)[None, :])
