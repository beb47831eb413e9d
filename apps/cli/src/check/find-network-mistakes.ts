import type { ExternalFile, OnnxOutput, OnnxPort, OnnxReport, Preprocessing } from "@sluice/models";
import { finding, type Finding, type FindingCode } from "./finding.ts";

/** What ONNX Runtime 1.30 loads; it refuses later ones by itself. */
const NEWEST_OPSET = 26;
const NEWEST_IR = 13;

/** Looks for what keeps a network from being run on batches of the card's pictures. */
export function findNetworkMistakes(
  network: OnnxReport,
  card: { readonly preprocessing: Preprocessing | null; readonly imageSize: number | null },
): Finding[] {
  const [image] = network.inputs;
  return [
    ...network.externalFiles.map(externalFinding),
    ...findNewVersions(network),
    ...(image === undefined ? [] : findInputMistakes(image, card.preprocessing)),
    ...findOtherSize(card),
  ];
}

/** The output that holds the class scores: `logits`, else the first. */
export function findScores({ outputs }: OnnxReport): OnnxOutput | null {
  return outputs.find(({ name }) => name === "logits") ?? outputs[0] ?? null;
}

const EXTERNAL: Readonly<Record<ExternalFile["state"], FindingCode>> = {
  present: "external-data",
  missing: "external-data-missing",
  "too-short": "external-data-missing",
  outside: "external-data-outside",
};

function externalFinding({ location, tensors, state }: ExternalFile): Finding {
  const told = {
    present: "are in a second file",
    missing: "should be in a file that is not there",
    "too-short": "should be in a file that is shorter than the model says",
    outside: "should be in a file outside of the model's folder, which is not opened",
  };
  return finding(
    EXTERNAL[state],
    `the weights of ${tensors} tensors ${told[state]}: ${location}`,
    "save the model as one file: onnx.save(onnx.load('model.onnx'), 'whole.onnx') where all its files are",
  );
}

function findNewVersions({ opsets, irVersion }: OnnxReport): Finding[] {
  const opset = opsets.find(({ domain }) => domain === "ai.onnx")?.version ?? 0;
  if (opset <= NEWEST_OPSET && irVersion <= NEWEST_IR) return [];
  return [
    finding(
      "opset-too-new",
      `the model is of operator set ${opset} and IR version ${irVersion}; ONNX Runtime here takes at most ${NEWEST_OPSET} and ${NEWEST_IR}`,
      "export it again with opset_version=17",
    ),
  ];
}

const FREE_BATCH =
  'export it with a free first dimension (torch.onnx.export(…, dynamic_axes={"pixel_values": {0: "batch"}, "logits": {0: "batch"}}))';

/** What became of a network that took one picture and then not several. */
export function fixedBatch({ reason }: { readonly reason: string }): Finding {
  return finding(
    "fixed-batch",
    `it takes one picture, but not several at a time: ${reason}`,
    FREE_BATCH,
  );
}

function findInputMistakes({ name, type, shape }: OnnxPort, card: Preprocessing | null): Finding[] {
  const told = `the input ${name} is ${type} [${shape?.map((size) => size ?? "any").join(", ") ?? "?"}]`;
  const found: Finding[] = [];
  if (type !== "float32" && type !== "float16") {
    found.push(
      finding(
        "input-type",
        `${told}, expected float32 or float16`,
        "export the network without its preprocessing",
      ),
    );
  }
  if (shape === null || shape.length !== 4) return found;
  const [batch, channels, height, width] = shape;
  if (typeof batch === "number") {
    found.push(
      finding(
        "fixed-batch-declared",
        `${told}, a batch of exactly ${batch}; other sizes run here nevertheless`,
        FREE_BATCH,
      ),
    );
  }
  if (channels !== 3 && width === 3) {
    found.push(
      finding(
        "channels-last",
        `${told}: channels come last`,
        "export it with channels first, [batch, 3, height, width]",
      ),
    );
  } else if (isOtherSize(card, height, width)) {
    found.push(
      finding(
        "input-size",
        `${told}, but preprocessor_config.json makes pictures of ${card?.cropHeight}×${card?.cropWidth}`,
        "use the preprocessor_config.json that belongs to this network, or correct its size and crop_size",
      ),
    );
  }
  return found;
}

function isOtherSize(
  card: Preprocessing | null,
  height: number | null | undefined,
  width: number | null | undefined,
): boolean {
  if (card === null) return false;
  const differs = (declared: number | null | undefined, size: number): boolean =>
    typeof declared === "number" && declared !== size;
  return differs(height, card.cropHeight) || differs(width, card.cropWidth);
}

function findOtherSize({
  preprocessing,
  imageSize,
}: {
  readonly preprocessing: Preprocessing | null;
  readonly imageSize: number | null;
}): Finding[] {
  if (preprocessing === null || imageSize === null) return [];
  const { cropHeight, cropWidth } = preprocessing;
  if (imageSize === cropHeight && imageSize === cropWidth) return [];
  return [
    finding(
      "image-size-differs",
      `config.json says image_size ${imageSize}, preprocessor_config.json makes pictures of ${cropHeight}×${cropWidth}`,
      "see which of them the network was trained with; many run at other sizes, a little worse",
    ),
  ];
}
