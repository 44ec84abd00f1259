#!/usr/bin/env python3
"""Converts MediaPipe's iris_landmark.tflite to ONNX: onnx_of_tflite.py IN.tflite OUT.onnx

Needs only Python's standard library. The same input always gives the same bytes.
The result takes `input` [1,3,64,64] (RGB, 0 to 1) and gives `contour` [1,213] (71 eye
points as x,y,z) and `iris` [1,15] (5 points as x,y,z), in pixels of the input.

The model is Google's (MediaPipe) and licensed under Apache-2.0. This script changes
only its file format and the order of its weights, not their values.

Field numbers of the input are those of TensorFlow Lite's schema.fbs (a table's n-th
field, from 0); those of the output are the ones written in ONNX's onnx.proto.
"""
import math
import struct
import sys

# schema.fbs: BuiltinOperator: (its name, how many inputs it has, its BuiltinOptions if needed)
OPERATORS = {0: ("ADD", 2, 0), 3: ("CONV_2D", 3, 1), 4: ("DEPTHWISE_CONV_2D", 3, 2), 6: ("DEQUANTIZE", 1, 0),
             17: ("MAX_POOL_2D", 1, 5), 22: ("RESHAPE", 1, 0), 34: ("PAD", 2, 0), 54: ("PRELU", 2, 0)}
TYPES = {"f": 0, "e": 1, "i": 2}  # schema.fbs: TensorType of float32, float16, int32
OUTPUTS = {213: "contour", 15: "iris"}  # by their count of numbers
NOTE = "MediaPipe iris_landmark by Google, Apache-2.0; converted from TFLite to ONNX"


def require(condition, message):
    if not condition:
        raise SystemExit(f"onnx_of_tflite: {message}")


class Table:
    """A flatbuffer table: its vtable says where each field is, if it is there."""

    def __init__(self, data, at):
        self.data, self.at = data, at

    def read(self, letter, at):
        return struct.unpack_from("<" + letter, self.data, at)[0]

    def field(self, n):
        vtable = self.at - self.read("i", self.at)
        offset = self.read("H", vtable + 4 + 2 * n) if 4 + 2 * n < self.read("H", vtable) else 0
        return self.at + offset if offset else None

    def number(self, n, letter, default=0):
        return default if self.field(n) is None else self.read(letter, self.field(n))

    def table(self, n):
        require(self.field(n) is not None, f"field {n} of a table is missing")
        return Table(self.data, self.field(n) + self.read("I", self.field(n)))

    def numbers(self, n, letter):
        if self.field(n) is None:
            return ()
        at = self.table(n).at  # a vector: its count, then its elements
        return struct.unpack_from(f"<{self.read('I', at)}{letter}", self.data, at + 4)

    def tables(self, n):
        start = self.table(n).at + 4
        return [Table(self.data, start + 4 * k + o) for k, o in enumerate(self.numbers(n, "I"))]


def varint(n):
    return bytes([n]) if n < 128 else bytes([n & 127 | 128]) + varint(n >> 7)


def pb(number, *values):
    """One protobuf field per value: a varint for an int, else length and bytes."""
    out = b""
    for v in values:
        v = v.encode() if isinstance(v, str) else v
        out += varint(number << 3) + varint(v) if isinstance(v, int) else varint(number << 3 | 2) + varint(len(v)) + v
    return out


def node(op, inputs, output, **attributes):
    # AttributeProto: 1 name, 3 i, 8 ints, 20 type (2 int, 7 ints); NodeProto: 1 input, 2 output, 4 op_type, 5 attribute
    attributes = [pb(1, name) + (pb(3, v) + pb(20, 2) if isinstance(v, int) else pb(8, *v) + pb(20, 7))
                  for name, v in attributes.items()]
    return pb(1, *inputs) + pb(2, output) + pb(4, op) + pb(5, *attributes)


def value_info(name, shape):
    # ValueInfoProto: 1 name, 2 type (1 tensor_type (1 elem_type, 2 shape (1 dim (1 dim_value))))
    return pb(1, name) + pb(2, pb(1, pb(1, 1) + pb(2, pb(1, *(pb(1, d) for d in shape)))))


def window(options, pool, kernel, size, where):
    """The attributes that convolutions and pools share."""
    # Conv2DOptions, DepthwiseConv2DOptions, Pool2DOptions: 0 padding, 1 stride_w, 2 stride_h
    strides, pads = [options.number(2, "i"), options.number(1, "i")], [0, 0, 0, 0]
    require(min(strides + kernel) > 0, f"{where} has an empty kernel or stride")
    if options.number(0, "b") == 0:  # SAME: an odd pixel goes to the end
        total = [max((-(-n // s) - 1) * s + k - n, 0) for n, k, s in zip(size, kernel, strides)]
        pads = [n // 2 for n in total] + [n - n // 2 for n in total]
    return dict({} if pool else {"dilations": [1, 1]}, kernel_shape=kernel, strides=strides, pads=pads)


def convert(data):
    require(data[4:8] == b"TFL3", "the input is not a TFLite file")
    model = Table(data, struct.unpack_from("<I", data)[0])
    # Model: 0 version, 1 operator_codes, 2 subgraphs, 4 buffers
    codes, graphs, buffers = model.tables(1), model.tables(2), model.tables(4)
    require(model.number(0, "I") == 3 and len(graphs) == 1, "expected version 3 and one subgraph")
    # SubGraph: 0 tensors, 1 inputs, 2 outputs, 3 operators; Tensor: 0 shape, 1 type, 2 buffer
    tensors, ins, outs = graphs[0].tables(0), graphs[0].numbers(1, "i"), graphs[0].numbers(2, "i")
    shapes = [list(t.numbers(0, "i")) for t in tensors]
    require([shapes[i] for i in ins] == [[1, 64, 64, 3]], "expected one input [1,64,64,3]")
    require(sorted(math.prod(shapes[i]) for i in outs) == sorted(OUTPUTS), f"expected outputs of {OUTPUTS}")
    folded, nodes, constants = {}, [], []  # folded: float16 constants behind a DEQUANTIZE
    names = {ins[0]: "input"}  # the activations made so far

    def constant(i, letter):
        if letter == "f" and i in folded:
            return folded[i]
        require(tensors[i].number(1, "b") == TYPES[letter], f"tensor {i} has an unexpected type")
        raw = bytes(buffers[tensors[i].number(2, "I")].numbers(0, "B"))  # Buffer: 0 data
        form = f"<{math.prod(shapes[i])}{letter}"
        require(len(raw) == struct.calcsize(form), f"tensor {i} is no constant of the shape {shapes[i]}")
        return struct.unpack(form, raw)

    def put(name, shape, letter, values):
        require(math.prod(shape) == len(values), f"constant {name} does not fit the shape {shape}")
        raw = struct.pack(f"<{len(values)}{letter}", *values)
        # TensorProto: 1 dims, 2 data_type (1 float, 7 int64), 8 name, 9 raw_data
        constants.append(pb(1, *shape) + pb(2, {"f": 1, "q": 7}[letter]) + pb(8, name) + pb(9, raw))
        return name

    for k, operator in enumerate(graphs[0].tables(3)):
        # Operator: 0 opcode_index, 1 inputs, 2 outputs, 3 builtin_options_type, 4 builtin_options
        code = codes[operator.number(0, "I")]
        code = max(code.number(0, "b"), code.number(3, "i"))  # OperatorCode: 0 deprecated_, 3 builtin_code
        require(code in OPERATORS, f"operator {k} has the unsupported code {code}")
        (op, count, kind), args, results = OPERATORS[code], operator.numbers(1, "i"), operator.numbers(2, "i")
        where = f"{op} (operator {k})"
        require(len(args) >= count and len(results) == 1 and min(args) >= 0, f"{where} lacks an input or output")
        before, result = shapes[args[0]], results[0]
        if op == "DEQUANTIZE":
            folded[result] = constant(args[0], "e")
            continue
        require(args[0] in names and len(before) == 4, f"{where}: the input is no known 4-D tensor")
        require(tensors[result].number(1, "b") == TYPES["f"], f"{where}: the output is not float32")
        x, y = names[args[0]], OUTPUTS[math.prod(shapes[result])] if result in outs else f"t{result}"
        require(not kind or operator.number(3, "B") == kind, f"{where} has no fitting options")
        options = operator.table(4) if operator.number(3, "B") else None
        # fused_activation_function and, after it in convolutions, dilation_w_factor, dilation_h_factor
        fused = {"ADD": 0, "CONV_2D": 3, "DEPTHWISE_CONV_2D": 4, "MAX_POOL_2D": 5}.get(op)
        if options and fused is not None:
            dilated = "CONV" in op and any(options.number(fused + n, "i", 1) != 1 for n in (1, 2))
            require(options.number(fused, "b") == 0 and not dilated, f"{where} has an activation or a dilation")
        if op == "MAX_POOL_2D":
            kernel = [options.number(4, "i"), options.number(3, "i")]  # Pool2DOptions: 3 filter_width, 4 _height
            nodes.append(node("MaxPool", [x], y, **window(options, True, kernel, before[1:3], where)))
        elif "CONV" in op:
            weights, (blocks, *kernel, last) = constant(args[1], "f"), shapes[args[1]]
            deep = op == "DEPTHWISE_CONV_2D"  # its weights are [1,H,W,C], otherwise [O,H,W,I]
            require(last == before[3] and (blocks == 1 or not deep), f"{where} has unexpected weights")
            area = math.prod(kernel) * last
            weights = [v for b in range(0, blocks * area, area) for c in range(last)
                       for v in weights[b + c:b + area:last]]  # the channels before height and width
            w = put(f"w{k}", [last, 1, *kernel] if deep else [blocks, last, *kernel], "f", weights)
            b = put(f"b{k}", [last if deep else blocks], "f", constant(args[2], "f"))
            shared = window(options, False, kernel, before[1:3], where)
            nodes.append(node("Conv", [x, w, b], y, group=last if deep else 1, **shared))
        elif op == "PRELU":
            nodes.append(node("PRelu", [x, put(f"a{k}", [before[3], 1, 1], "f", constant(args[1], "f"))], y))
        elif op == "ADD":
            require(args[1] in names and shapes[args[1]] == before, f"{where} is not of two equal shapes")
            nodes.append(node("Add", [x, names[args[1]]], y))
        elif op == "PAD":
            p = constant(args[1], "i")  # start and end of N, H, W and C
            p = [p[2 * axis + end] for end in (0, 1) for axis in (0, 3, 1, 2)]
            nodes.append(node("Pad", [x, put(f"p{k}", [8], "q", p)], y))
        else:  # RESHAPE, of the numbers in TFLite's order
            nodes.append(node("Transpose", [x], y + "_nhwc", perm=[0, 2, 3, 1]))
            shape = put(f"s{k}", [len(shapes[result])], "q", shapes[result])
            nodes.append(node("Reshape", [y + "_nhwc", shape], y))
        names[result] = y
    require(set(outs) <= set(names), "an output of the model is made by no operator")
    # GraphProto: 1 node, 2 name, 5 initializer, 11 input, 12 output
    graph = pb(1, *nodes) + pb(2, "iris_landmark") + pb(5, *constants) + pb(11, value_info("input", [1, 3, 64, 64]))
    graph += pb(12, *(value_info(name, [1, n]) for n, name in OUTPUTS.items()))
    # ModelProto: 1 ir_version, 2 producer_name, 6 doc_string, 7 graph, 8 opset_import (1 domain, 2 version)
    return pb(1, 8) + pb(2, "onnx_of_tflite") + pb(6, NOTE) + pb(7, graph) + pb(8, pb(1, "") + pb(2, 13))


if __name__ == "__main__":
    require(len(sys.argv) == 3, "usage: onnx_of_tflite.py IN.tflite OUT.onnx")
    try:
        with open(sys.argv[1], "rb") as f:
            onnx = convert(f.read())
        with open(sys.argv[2], "wb") as f:
            f.write(onnx)
    except (OSError, struct.error, IndexError, ValueError) as e:
        raise SystemExit(f"onnx_of_tflite: cannot convert {sys.argv[1]}: {e}")
