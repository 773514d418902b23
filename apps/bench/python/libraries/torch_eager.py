"""PyTorch, eager; images and kernels have channels first."""

import torch
import torch.nn.functional as F

from libraries.data import channels_first, data_of, evaluate, root_mean_square


def activate(x, activation):
    return F.relu(x) if activation else x


def dense(x, w, b, activation):
    y = torch.addmm(b, x, w) if x.dim() == 2 else x @ w + b
    return activate(y, activation)


def lstm(x, kernel, recurrent, bias, time, units):
    """PyTorch's own layer has the same order of gates, and transposed kernels."""
    zeros = torch.zeros(1, x.shape[0], units)
    weights = [kernel.t().contiguous(), recurrent.t().contiguous(), bias, torch.zeros_like(bias)]
    output, _, _ = torch.lstm(x, (zeros, zeros), weights, True, 1, 0.0, torch.is_grad_enabled(), False, True)
    return output[:, -1]


table = {
    "add": torch.add,
    "multiply": torch.mul,
    "addNumber": lambda x, value: x + value,
    "multiplyNumber": lambda x, value: x * value,
    "relu": F.relu,
    "exp": torch.exp,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "softmax": lambda x: torch.softmax(x, -1),
    "sum": lambda x, axes: x.sum(axes),
    "mean": lambda x, axes: x.mean(axes),
    "matmul": lambda a, b, transposeB, rank: a @ (b.transpose(-1, -2) if transposeB else b),
    "dense": dense,
    "conv": lambda x, kernel: F.conv2d(x, kernel, padding=1),
    "convBias": lambda x, kernel, b, activation: activate(F.conv2d(x, kernel, b, padding=1), activation),
    "maxPool": lambda x: F.max_pool2d(x, 2),
    "flatten": lambda x: x.flatten(1),
    "reshape": lambda x, shape: x.reshape(shape),
    "transpose": lambda x, axes: x.permute(axes),
    "layerNorm": lambda x, gamma, beta: F.layer_norm(x, x.shape[-1:], gamma, beta, 1e-3),
    "gather": lambda t, indices: F.embedding(indices, t),
    "crossentropy": lambda logits, labels, classes: F.cross_entropy(logits, labels.long()),
    "lstm": lstm,
}


def library(threads):
    torch.set_num_threads(threads)

    def prepare(case):
        graph, task = case["graph"], case["task"]
        specs = graph["inputs"]
        inputs = [
            torch.from_numpy(channels_first(data_of(spec, i), spec["layout"])) for i, spec in enumerate(specs)
        ]
        if task["kind"] == "train":
            return train(graph, inputs, [inputs[i] for i, spec in enumerate(specs) if spec["weight"]])
        if task["kind"] == "gradient":
            return gradient(graph, inputs, [inputs[i] for i in task["of"]])

        def run():
            with torch.inference_mode():
                return evaluate(graph, table, inputs)

        return run, lambda: root_mean_square([run().numpy()])

    def gradient(graph, inputs, of):
        for value in of:
            value.requires_grad_()
        output = evaluate(graph, table, inputs)
        ones = torch.ones_like(output)

        def run():
            return torch.autograd.grad(output, of, ones, retain_graph=True)

        return run, lambda: root_mean_square([g.numpy() for g in run()])

    def train(graph, inputs, weights):
        for weight in weights:
            weight.requires_grad_()
        adam = torch.optim.Adam(weights, 0.001, eps=1e-7)

        def run():
            adam.zero_grad()
            loss = evaluate(graph, table, inputs)
            loss.backward()
            adam.step()
            return loss.item()

        return run, run

    return prepare
