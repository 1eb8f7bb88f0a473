#!/usr/bin/env python3
"""Checks exported ONNX files and computes them with ONNX Runtime.

    check_models.py FOLDER

Beside each NAME.onnx stands NAME.safetensors with inputs "images.0", "images.1", ... and the outputs that are expected,
"expected.0", .... A file must pass the checker, its shapes the strict inference of shapes. Printed, one line of JSON a
file: what it is, and for each input the largest difference from what is expected, the largest expected value, and the
largest difference between what is expected for two of its images.
Needs onnx, onnxruntime, numpy and safetensors; made with onnx 1.23.2 and onnxruntime 1.32.0.
"""

import argparse
import json
import pathlib

import numpy
import onnx
import onnxruntime
from safetensors.numpy import load_file


def differences(path, output):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    tensors = load_file(path.with_suffix(".safetensors"))
    for index in range(len(tensors) // 2):
        got, = session.run([output], {"images": tensors[f"images.{index}"]})
        expected = tensors[f"expected.{index}"]
        if got.shape != expected.shape or not numpy.isfinite(got).all():
            raise SystemExit(f"{path}: {output} is {got} for input {index}, expected {expected}")
        yield {
            "shape": tensors[f"images.{index}"].shape, "difference": float(numpy.abs(got - expected).max()),
            "scale": float(numpy.abs(expected).max()), "spread": float(numpy.ptp(expected, axis=0).max()),
        }


def dimensions(value):
    return [dimension.dim_param or dimension.dim_value for dimension in value.type.tensor_type.shape.dim]


def check(path):
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    inferred = onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)
    known = {value.name for value in inferred.graph.value_info} | {value.name for value in inferred.graph.output}
    unknown = [name for node in model.graph.node for name in node.output if name not in known]
    if unknown:
        raise SystemExit(f"{path}: no shapes were inferred for {unknown}")
    output, = model.graph.output
    return {
        "name": path.stem, "bytes": path.stat().st_size, "opset": model.opset_import[0].version,
        "input": [dimensions(value) for value in model.graph.input], "output": [output.name, *dimensions(output)],
        "operators": sorted({node.op_type for node in model.graph.node}),
        "initializers": [tensor.name for tensor in model.graph.initializer],
        "metadata": {entry.key: entry.value for entry in model.metadata_props},
        "results": list(differences(path, output.name)),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    for path in sorted(parser.parse_args().folder.glob("*.onnx")):
        print(json.dumps(check(path)), flush=True)


if __name__ == "__main__":
    main()
