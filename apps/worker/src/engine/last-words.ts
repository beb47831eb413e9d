import { DecoderStuckError } from "@sluice/imaging";
import { DeviceLostError } from "@sluice/inference-onnx";
import { z } from "zod";
import type { EngineFailure } from "./messages.ts";

/** Errors of ours that a person can act on carry an exit code; their message is all that needs to be said. */
const expectedErrorSchema = z.object({ code: z.string(), exitCode: z.number().int() });
const codedErrorSchema = z.object({ code: z.string() });

const BUG_EXIT_CODE = 70;

/** What an engine that cannot go on tells its queue client. */
export function describeFailure(error: unknown, accused: number | null): EngineFailure {
  const expected = expectedErrorSchema.safeParse(error);
  const isStuck = error instanceof DecoderStuckError;
  const isDeviceLost = error instanceof DeviceLostError;
  const code = codedErrorSchema.safeParse(error).data?.code ?? null;
  const common = { type: "failed", code, accused, isStuck, isDeviceLost } as const;
  if (expected.success && error instanceof Error) {
    return { ...common, message: error.message, exitCode: expected.data.exitCode };
  }
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { ...common, message, exitCode: BUG_EXIT_CODE };
}
