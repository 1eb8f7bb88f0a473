"""ResNet with the aggregate attention module (AAM), or another, in plain PyTorch.

The structure and the parameter names are torchvision's: conv1, bn1, layer1.0.conv1, ..., layer1.0.downsample.0, fc.
Bottlenecks are "v1.5": the stride is on the 3x3 convolution. AAM adds, of k + 98 numbers a module,

    layer1.0.attention.channel.weight  (1, 1, k)       placement "block": before each block's shortcut is added
    layer1.0.attention.spatial.weight  (1, 2, 7, 7)
    layer1.attention.channel.weight ...                placement "stage": after the blocks of a stage

F is (N, C, H, W), s the logistic function:

    Mc = s(conv1d_k(global max pooling of F)), over the channels     (N, C, 1, 1)
    Ms = s(conv2d_7x7([mean_c F, max_c F]))                          (N, 1, H, W)
    output = F * Mc + F * Ms   (fusion "sum")   or   F * Mc * Ms   (fusion "product")

"channel" and "spatial" are F * Mc and F * Ms alone; "eca", "se" and "cbam" are what their papers define, without biases.

Only torch is needed.
"""

import math

import torch
from torch import nn
from torch.nn import functional

BLOCK_COUNTS = {
    "resnet18": (2, 2, 2, 2),
    "resnet34": (3, 4, 6, 3),
    "resnet50": (3, 4, 6, 3),
    "resnet101": (3, 4, 23, 3),
}


def eca_kernel(channels):
    """ECA's rule: |log2(C)/2 + 1/2|, the next odd number if the integer part is even, at least 3."""
    size = int(abs(math.log2(channels) / 2 + 0.5))
    return max(3, size if size % 2 else size + 1)


def channel_convolution(channels, options):
    size = eca_kernel(channels) if options["attention-kernel"] == "auto" else int(options["attention-kernel"])
    return nn.Conv1d(1, 1, size, padding=size // 2, bias=False)


def map_convolution(options):
    size = int(options["spatial-kernel"])
    return nn.Conv2d(2, 1, size, padding=size // 2, bias=False)


def along_channels(convolution, pooled):
    """(N, C, 1, 1) -> (N, C, 1, 1)"""
    return convolution(pooled.flatten(2).transpose(1, 2)).transpose(1, 2).unsqueeze(3)


def planes(x):
    """(N, C, H, W) -> (N, 2, H, W)"""
    return torch.cat([x.mean(1, keepdim=True), x.max(1, keepdim=True).values], dim=1)


class AggregateAttention(nn.Module):
    def __init__(self, channels, options):
        super().__init__()
        self.fusion = options["attention-fusion"]
        if self.fusion not in ("sum", "product"):
            raise ValueError(f"unknown fusion '{self.fusion}'")
        self.channel = channel_convolution(channels, options)
        self.spatial = map_convolution(options)

    def forward(self, x):
        channel_map = torch.sigmoid(along_channels(self.channel, functional.adaptive_max_pool2d(x, 1)))
        spatial_map = torch.sigmoid(self.spatial(planes(x)))  # (N, 1, H, W)
        if self.fusion == "product":
            return x * channel_map * spatial_map
        return x * channel_map + x * spatial_map


class ChannelAttention(nn.Module):
    def __init__(self, channels, options):
        super().__init__()
        self.channel = channel_convolution(channels, options)

    def forward(self, x):
        return x * torch.sigmoid(along_channels(self.channel, functional.adaptive_max_pool2d(x, 1)))


class SpatialAttention(nn.Module):
    def __init__(self, channels, options):
        super().__init__()
        self.spatial = map_convolution(options)

    def forward(self, x):
        return x * torch.sigmoid(self.spatial(planes(x)))


class EfficientChannelAttention(nn.Module):
    def __init__(self, channels, options):
        super().__init__()
        self.channel = channel_convolution(channels, options)

    def forward(self, x):
        return x * torch.sigmoid(along_channels(self.channel, x.mean((2, 3), keepdim=True)))


class Perceptron(nn.Module):
    """(N, C) -> (N, C)"""

    def __init__(self, channels, options):
        super().__init__()
        hidden = max(1, channels // int(options["attention-ratio"]))
        self.fc1 = nn.Linear(channels, hidden, bias=False)
        self.fc2 = nn.Linear(hidden, channels, bias=False)

    def forward(self, x):
        return self.fc2(torch.relu(self.fc1(x)))


class SqueezeExcitation(Perceptron):
    def forward(self, x):
        return x * torch.sigmoid(super().forward(x.mean((2, 3))))[:, :, None, None]


class ConvolutionalBlockAttention(nn.Module):
    def __init__(self, channels, options):
        super().__init__()
        self.channel = Perceptron(channels, options)
        self.spatial = map_convolution(options)

    def forward(self, x):
        pooled = functional.adaptive_max_pool2d(x, 1).flatten(1)
        x = x * torch.sigmoid(self.channel(x.mean((2, 3))) + self.channel(pooled))[:, :, None, None]
        return x * torch.sigmoid(self.spatial(planes(x)))


ATTENTION = {
    "aam": AggregateAttention, "cbam": ConvolutionalBlockAttention, "se": SqueezeExcitation,
    "eca": EfficientChannelAttention, "channel": ChannelAttention, "spatial": SpatialAttention,
}
DEFAULTS = {
    "attention": "none", "attention-placement": "block", "attention-fusion": "sum", "attention-kernel": "5",
    "spatial-kernel": "7", "attention-ratio": "16",
}


def convolution(inputs, outputs, size, stride=1):
    return nn.Conv2d(inputs, outputs, size, stride, padding=size // 2, bias=False)


class Block(nn.Module):
    """What the two kinds of residual block share; a subclass defines `residual` and `expansion`."""

    expansion = 1

    def __init__(self, inputs, width, stride, attention):
        super().__init__()
        outputs = width * self.expansion
        self.relu = nn.ReLU()
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(convolution(inputs, outputs, 1, stride), nn.BatchNorm2d(outputs))
        else:
            self.downsample = None
        self.attention = attention(outputs) if attention else None

    def forward(self, x):
        out = self.residual(x)
        if self.attention is not None:
            out = self.attention(out)
        shortcut = x if self.downsample is None else self.downsample(x)
        return self.relu(out + shortcut)


class BasicBlock(Block):
    def __init__(self, inputs, width, stride, attention):
        super().__init__(inputs, width, stride, attention)
        self.conv1 = convolution(inputs, width, 3, stride)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = convolution(width, width, 3)
        self.bn2 = nn.BatchNorm2d(width)

    def residual(self, x):
        return self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))


class Bottleneck(Block):
    expansion = 4

    def __init__(self, inputs, width, stride, attention):
        super().__init__(inputs, width, stride, attention)
        self.conv1 = convolution(inputs, width, 1)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = convolution(width, width, 3, stride)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = convolution(width, width * 4, 1)
        self.bn3 = nn.BatchNorm2d(width * 4)

    def residual(self, x):
        out = self.relu(self.bn1(self.conv1(x)))
        return self.bn3(self.conv3(self.relu(self.bn2(self.conv2(out)))))


class ResNet(nn.Module):
    """`options` are those of DEFAULTS that differ from it, strings."""

    def __init__(self, model="resnet18", classes=1000, options={}):
        super().__init__()
        options = DEFAULTS | options
        attention, placement = options["attention"], options["attention-placement"]
        if model not in BLOCK_COUNTS:
            raise ValueError(f"unknown model '{model}': one of {', '.join(BLOCK_COUNTS)}")
        if attention != "none" and attention not in ATTENTION:
            raise ValueError(f"unknown attention '{attention}': none, {', '.join(ATTENTION)}")
        if placement not in ("block", "stage"):
            raise ValueError(f"unknown attention placement '{placement}': 'block' or 'stage'")

        def make_attention(channels):
            return ATTENTION[attention](channels, options)

        block = BasicBlock if model in ("resnet18", "resnet34") else Bottleneck
        has_attention = attention != "none"
        in_block = make_attention if has_attention and placement == "block" else None
        self.conv1 = convolution(3, 64, 7, 2)
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU()
        self.maxpool = nn.MaxPool2d(3, 2, padding=1)
        inputs = 64
        for index, count in enumerate(BLOCK_COUNTS[model]):
            width = 64 << index
            stage = nn.Sequential()
            for number in range(count):
                stride = 2 if number == 0 and index > 0 else 1
                stage.add_module(str(number), block(inputs, width, stride, in_block))
                inputs = width * block.expansion
            if has_attention and placement == "stage":
                stage.add_module("attention", make_attention(inputs))
            self.add_module(f"layer{index + 1}", stage)
        self.fc = nn.Linear(inputs, classes)

    def forward(self, x):
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(x.mean((2, 3)))


def from_metadata(metadata):
    """The model that a checkpoint's metadata (strings by key) describes, with fresh parameters."""
    options = {key: metadata[key] for key in DEFAULTS if key in metadata}
    return ResNet(metadata["model"], int(metadata["classes"]), options)
