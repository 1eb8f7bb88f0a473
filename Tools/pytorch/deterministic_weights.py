"""Parameters that Python and Swift compute alike, bit for bit, so that fixtures need not carry 45 MB of weights.

A tensor's name and shape are all that its elements depend on:

    state   = FNV-1a, 64 bits, of the name's UTF-8 bytes (offset 14695981039346656037, prime 1099511628211)
    next()  = SplitMix64: state += 0x9E3779B97F4A7C15; z = state; z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
              z = (z ^ z >> 27) * 0x94D049BB133111EB; z ^ z >> 31
    u       = (next() >> 40) * 2^-24, in [0, 1), exact in single precision
    v       = 2 * u - 1, in [-1, 1), exact in single precision

Elements take their u in row-major order. Every further operation is rounded to single precision, and none is fused;
a bound is computed in double precision, then rounded to single. The first rule that fits decides:

    name begins with "images"          2 * v                               in [-2, 2)
    name contains "attention."         0.3 * v
    name is "fc.weight"                sqrt(1 / inputs) * v                shape (outputs, inputs)
    name ends in ".running_mean"       0.1 * v
    name ends in ".running_var"        1 + 0.5 * u
    shape has four dimensions          sqrt(6 / (I * KH * KW)) * v         shape (O, I, KH, KW), He's uniform bound
    name ends in ".weight"             1 + 0.1 * v                         batch norm
    name ends in ".bias"               0.1 * v                             batch norm, fc.bias

The Swift twin is Tests/ModelsTests/Harness/DeterministicWeights.swift.
"""

import math

import numpy


def fnv1a(name):
    state = 14695981039346656037
    for byte in name.encode("utf-8"):
        state = (state ^ byte) * 1099511628211 % 2**64
    return state


def splitmix64(seed, count):
    """The first `count` outputs of SplitMix64, as uint64."""
    with numpy.errstate(over="ignore"):
        steps = numpy.arange(1, count + 1, dtype=numpy.uint64)
        z = numpy.uint64(seed) + steps * numpy.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> numpy.uint64(30))) * numpy.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> numpy.uint64(27))) * numpy.uint64(0x94D049BB133111EB)
        return z ^ (z >> numpy.uint64(31))


def values(name, shape):
    """The tensor of that name and shape, as a float32 array."""
    f32 = numpy.float32
    random = splitmix64(fnv1a(name), math.prod(shape))
    u = (random >> numpy.uint64(40)).astype(f32) * f32(2**-24)
    v = f32(2) * u - f32(1)
    if name.startswith("images"):
        result = f32(2) * v
    elif "attention." in name:
        result = f32(0.3) * v
    elif name == "fc.weight":
        result = f32(math.sqrt(1 / shape[1])) * v
    elif name.endswith(".running_mean"):
        result = f32(0.1) * v
    elif name.endswith(".running_var"):
        result = f32(1) + f32(0.5) * u
    elif len(shape) == 4:
        result = f32(math.sqrt(6 / math.prod(shape[1:]))) * v
    elif name.endswith(".weight"):
        result = f32(1) + f32(0.1) * v
    elif name.endswith(".bias"):
        result = f32(0.1) * v
    else:
        raise ValueError(f"no rule for '{name}' of shape {shape}")
    assert result.dtype == f32
    return result.reshape(shape)
