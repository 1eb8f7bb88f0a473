"""ResNet with the aggregate attention module (AAM), in plain PyTorch.

The structure and the parameter names are torchvision's: conv1, bn1, layer1.0.conv1, ..., layer1.0.downsample.0, fc.
Bottlenecks are "v1.5": the stride is on the 3x3 convolution. The attention adds, of k + 98 numbers a module,

    layer1.0.attention.channel.weight  (1, 1, k)       placement "block": before each block's shortcut is added
    layer1.0.attention.spatial.weight  (1, 2, 7, 7)
    layer1.attention.channel.weight ...                placement "stage": after the blocks of a stage

F is (N, C, H, W), s the logistic function:

    Mc = s(conv1d_k(global max pooling of F)), over the channels     (N, C, 1, 1)
    Ms = s(conv2d_7x7([mean_c F, max_c F]))                          (N, 1, H, W)
    output = F * Mc + F * Ms   (fusion "sum")   or   F * Mc * Ms   (fusion "product")

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


class AggregateAttention(nn.Module):
    def __init__(self, channels, channel_kernel=5, spatial_kernel=7, fusion="sum"):
        super().__init__()
        if channel_kernel == "auto":
            channel_kernel = eca_kernel(channels)
        if fusion not in ("sum", "product"):
            raise ValueError(f"unknown fusion '{fusion}'")
        self.fusion = fusion
        self.channel = nn.Conv1d(1, 1, channel_kernel, padding=channel_kernel // 2, bias=False)
        self.spatial = nn.Conv2d(2, 1, spatial_kernel, padding=spatial_kernel // 2, bias=False)

    def forward(self, x):
        pooled = functional.adaptive_max_pool2d(x, 1).flatten(2).transpose(1, 2)  # (N, 1, C)
        channel_map = torch.sigmoid(self.channel(pooled)).transpose(1, 2).unsqueeze(3)  # (N, C, 1, 1)
        planes = torch.cat([x.mean(1, keepdim=True), x.max(1, keepdim=True).values], dim=1)  # (N, 2, H, W)
        spatial_map = torch.sigmoid(self.spatial(planes))  # (N, 1, H, W)
        if self.fusion == "product":
            return x * channel_map * spatial_map
        return x * channel_map + x * spatial_map


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
    def __init__(
        self, model="resnet18", classes=1000, attention="none", placement="block", fusion="sum",
        attention_kernel=5, spatial_kernel=7,
    ):
        super().__init__()
        if model not in BLOCK_COUNTS:
            raise ValueError(f"unknown model '{model}': one of {', '.join(BLOCK_COUNTS)}")
        if attention not in ("none", "aam"):
            raise ValueError(f"attention '{attention}' is not implemented here: 'none' or 'aam'")
        if placement not in ("block", "stage"):
            raise ValueError(f"unknown attention placement '{placement}': 'block' or 'stage'")

        def make_attention(channels):
            return AggregateAttention(channels, attention_kernel, spatial_kernel, fusion)

        block = BasicBlock if model in ("resnet18", "resnet34") else Bottleneck
        in_block = make_attention if attention == "aam" and placement == "block" else None
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
            if attention == "aam" and placement == "stage":
                stage.add_module("attention", make_attention(inputs))
            self.add_module(f"layer{index + 1}", stage)
        self.fc = nn.Linear(inputs, classes)

    def forward(self, x):
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(x.mean((2, 3)))


def from_metadata(metadata):
    """The model that a checkpoint's metadata (strings by key) describes, with fresh parameters."""
    kernel = metadata.get("attention-kernel", "5")
    return ResNet(
        model=metadata["model"],
        classes=int(metadata["classes"]),
        attention=metadata.get("attention", "none"),
        placement=metadata.get("attention-placement", "block"),
        fusion=metadata.get("attention-fusion", "sum"),
        attention_kernel=kernel if kernel == "auto" else int(kernel),
        spatial_kernel=int(metadata.get("spatial-kernel", "7")),
    )
