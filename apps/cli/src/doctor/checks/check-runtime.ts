import { readRuntimeFacts, type RuntimeFacts } from "@sluice/inference-onnx";
import { broken, ok, type Finding } from "../finding.ts";

export interface RuntimeCheck {
  readonly finding: Finding;
  /** Null when it does not load. */
  readonly facts: RuntimeFacts | null;
}

/** Whether ONNX Runtime loads, and what its binding was built for. */
export async function checkRuntime(): Promise<RuntimeCheck> {
  const what = "ONNX Runtime";
  try {
    const facts = await readRuntimeFacts();
    const backends = facts.backends.map(({ name, isBundled }) =>
      isBundled ? name : `${name} (its libraries are apart)`,
    );
    return { finding: ok(what, `${facts.version}; ${backends.join(", ")}`), facts };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const remedy =
      "install everything again: node tools/bootstrap.mjs setup; it needs glibc 2.28 or newer";
    return { finding: broken(what, reason, remedy), facts: null };
  }
}
