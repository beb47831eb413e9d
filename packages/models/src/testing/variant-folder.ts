import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { textField } from "../onnx/wire.ts";
import { VARIANT_FILES, type Variant } from "../precision/variant.ts";
import { tinyClassifier } from "./tiny-classifier.ts";

/** ModelProto.doc_string: makes files of one network differ. */
const DOC_STRING = 6;

/** A model directory with a float model of three classes, to which variants and reports are added. */
export class VariantFolder implements AsyncDisposable {
  readonly parent: string;
  /** Of the model directory. */
  readonly path: string;

  private constructor(parent: string) {
    this.parent = parent;
    this.path = join(parent, "tiny");
  }

  static async make(): Promise<VariantFolder> {
    const made = new VariantFolder(await mkdtemp(join(tmpdir(), "sluice-variants-")));
    await mkdir(join(made.path, "onnx"), { recursive: true });
    await made.write("config.json", JSON.stringify({ id2label: { 0: "a", 1: "b", 2: "c" } }));
    const preprocessor = {
      size: { height: 4, width: 4 },
      resample: 2,
      image_mean: [0, 0, 0],
      image_std: [1, 1, 1],
    };
    await made.write("preprocessor_config.json", JSON.stringify(preprocessor));
    await made.write("onnx/model.onnx", network("float32"));
    return made;
  }

  get graphCacheDir(): string {
    return join(this.parent, "graphs");
  }

  async write(name: string, content: string | Buffer): Promise<void> {
    await writeFile(join(this.path, name), content);
  }

  /** Adds a variant and a report that passes, but for what is changed. */
  async addVariant(
    variant: Variant,
    change: { readonly agreement?: object; readonly report?: object } = {},
  ): Promise<void> {
    const agreement = {
      pictures: 128,
      top1Agreement: 1,
      decisionThreshold: 0.5,
      decisionsChanged: 0,
      ...change.agreement,
    };
    const report = {
      version: 1,
      sha256: sha256Of(network(variant)),
      float: { sha256: sha256Of(network("float32")) },
      calibration: variant === "int8" ? { weightBits: 7 } : null,
      // Of another machine: it must decide nothing.
      speed: { ratio: 100 },
      agreement,
      ...change.report,
    };
    await this.write(VARIANT_FILES[variant].onnx, network(variant));
    await this.write(VARIANT_FILES[variant].report, JSON.stringify(report));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.parent, { recursive: true });
  }
}

/** The same network under other bytes. */
export function network(name: string): Buffer {
  return tinyClassifier({ moreModel: [textField(DOC_STRING, name)] });
}

function sha256Of(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
