import type { ImageSettings } from "./image-settings.ts";

type Interpolation = ImageSettings["interpolation"];
/** File below download.pytorch.org/models, shorter side after resizing, side of the crop. */
type Row = readonly [file: string, resize: number, crop: number, interpolation?: Interpolation];

/**
 * The ImageNet-1k classifiers that torchvision publishes: IMAGENET1K_V1 first, then IMAGENET1K_V2 where there is one.
 * Source: the `WeightsEnum` classes of torchvision 0.14.1 (`torchvision.models.get_model_weights(name)`), `url` and
 * `transforms` of each. Eight hex digits at the end of a file's name begin its SHA-256.
 */
export const TORCHVISION_WEIGHTS: Readonly<Record<string, readonly [v1: Row, v2?: Row]>> = {
  alexnet: [["alexnet-owt-7be5be79.pth", 256, 224]],
  vgg11: [["vgg11-8a719046.pth", 256, 224]],
  vgg11_bn: [["vgg11_bn-6002323d.pth", 256, 224]],
  vgg13: [["vgg13-19584684.pth", 256, 224]],
  vgg13_bn: [["vgg13_bn-abd245e5.pth", 256, 224]],
  vgg16: [["vgg16-397923af.pth", 256, 224]],
  vgg16_bn: [["vgg16_bn-6c64b313.pth", 256, 224]],
  vgg19: [["vgg19-dcbb9e9d.pth", 256, 224]],
  vgg19_bn: [["vgg19_bn-c79401a0.pth", 256, 224]],
  googlenet: [["googlenet-1378be20.pth", 256, 224]],
  inception_v3: [["inception_v3_google-0cc3c7bd.pth", 342, 299]],
  resnet18: [["resnet18-f37072fd.pth", 256, 224]],
  resnet34: [["resnet34-b627a593.pth", 256, 224]],
  resnet50: [
    ["resnet50-0676ba61.pth", 256, 224],
    ["resnet50-11ad3fa6.pth", 232, 224],
  ],
  resnet101: [
    ["resnet101-63fe2227.pth", 256, 224],
    ["resnet101-cd907fc2.pth", 232, 224],
  ],
  resnet152: [
    ["resnet152-394f9c45.pth", 256, 224],
    ["resnet152-f82ba261.pth", 232, 224],
  ],
  resnext50_32x4d: [
    ["resnext50_32x4d-7cdf4587.pth", 256, 224],
    ["resnext50_32x4d-1a0047aa.pth", 232, 224],
  ],
  resnext101_32x8d: [
    ["resnext101_32x8d-8ba56ff5.pth", 256, 224],
    ["resnext101_32x8d-110c445d.pth", 232, 224],
  ],
  squeezenet1_0: [["squeezenet1_0-b66bff10.pth", 256, 224]],
  squeezenet1_1: [["squeezenet1_1-b8a52dc0.pth", 256, 224]],
  efficientnet_b0: [["efficientnet_b0_rwightman-3dd342df.pth", 256, 224, "bicubic"]],
  efficientnet_b1: [
    ["efficientnet_b1_rwightman-533bc792.pth", 256, 240, "bicubic"],
    ["efficientnet_b1-c27df63c.pth", 255, 240],
  ],
  efficientnet_b2: [["efficientnet_b2_rwightman-bcdf34b7.pth", 288, 288, "bicubic"]],
  efficientnet_b3: [["efficientnet_b3_rwightman-cf984f9c.pth", 320, 300, "bicubic"]],
  efficientnet_b4: [["efficientnet_b4_rwightman-7eb33cd5.pth", 384, 380, "bicubic"]],
  efficientnet_b5: [["efficientnet_b5_lukemelas-b6417697.pth", 456, 456, "bicubic"]],
  efficientnet_b6: [["efficientnet_b6_lukemelas-c76e70fd.pth", 528, 528, "bicubic"]],
  efficientnet_b7: [["efficientnet_b7_lukemelas-dcc49843.pth", 600, 600, "bicubic"]],
  mobilenet_v2: [
    ["mobilenet_v2-b0353104.pth", 256, 224],
    ["mobilenet_v2-7ebf99e0.pth", 232, 224],
  ],
  mobilenet_v3_large: [
    ["mobilenet_v3_large-8738ca79.pth", 256, 224],
    ["mobilenet_v3_large-5c1a4163.pth", 232, 224],
  ],
  mobilenet_v3_small: [["mobilenet_v3_small-047dcff4.pth", 256, 224]],
  densenet121: [["densenet121-a639ec97.pth", 256, 224]],
  densenet161: [["densenet161-8d451a50.pth", 256, 224]],
  densenet169: [["densenet169-b2777c0a.pth", 256, 224]],
  densenet201: [["densenet201-c1103571.pth", 256, 224]],
  regnet_y_400mf: [
    ["regnet_y_400mf-c65dace8.pth", 256, 224],
    ["regnet_y_400mf-e6988f5f.pth", 232, 224],
  ],
  regnet_y_800mf: [
    ["regnet_y_800mf-1b27b58c.pth", 256, 224],
    ["regnet_y_800mf-58fc7688.pth", 232, 224],
  ],
  regnet_y_1_6gf: [
    ["regnet_y_1_6gf-b11a554e.pth", 256, 224],
    ["regnet_y_1_6gf-0d7bc02a.pth", 232, 224],
  ],
  regnet_y_3_2gf: [
    ["regnet_y_3_2gf-b5a9779c.pth", 256, 224],
    ["regnet_y_3_2gf-9180c971.pth", 232, 224],
  ],
  regnet_y_8gf: [
    ["regnet_y_8gf-d0d0e4a8.pth", 256, 224],
    ["regnet_y_8gf-dc2b1b54.pth", 232, 224],
  ],
  regnet_y_16gf: [
    ["regnet_y_16gf-9e6ed7dd.pth", 256, 224],
    ["regnet_y_16gf-3e4a00f9.pth", 232, 224],
  ],
  regnet_y_32gf: [
    ["regnet_y_32gf-4dee3f7a.pth", 256, 224],
    ["regnet_y_32gf-8db6d4b5.pth", 232, 224],
  ],
  vit_b_16: [["vit_b_16-c867db91.pth", 256, 224]],
};
