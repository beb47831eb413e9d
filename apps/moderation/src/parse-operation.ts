import { parseArgs } from "node:util";
import { decisionIdSchema, vaultIdSchema, type DecisionId, type VaultId } from "@sluice/moderation";

export type Operation =
  | { readonly kind: "restore"; readonly id: VaultId; readonly to: string | null }
  | { readonly kind: "approve"; readonly id: DecisionId; readonly onConflict: "hold" | "replace" }
  | { readonly kind: "reject"; readonly id: DecisionId };

/** The arguments are not what the command takes. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  readonly code = "USAGE";
  readonly retryable = false;
  readonly exitCode = 64;
}

const USAGE =
  "usage: restore ID [--to PATH] [--json] | review approve ID [--replace] [--json] | review reject ID [--json]";

/** Throws UsageError. */
export function parseOperation(args: readonly string[]): Operation {
  const { positionals, values } = parse(args);
  const { to, replace } = values;
  const [first, second, third, ...rest] = positionals;
  if (first === "restore" && second !== undefined && third === undefined && replace !== true)
    return { kind: "restore", id: vaultId(second), to: to ?? null };
  if (first !== "review" || third === undefined || rest.length > 0 || to !== undefined)
    throw new UsageError(USAGE);
  if (second === "approve") {
    const onConflict = replace === true ? "replace" : "hold";
    return { kind: "approve", id: decisionId(third), onConflict };
  }
  if (second === "reject" && replace !== true) return { kind: "reject", id: decisionId(third) };
  throw new UsageError(USAGE);
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        json: { type: "boolean" },
        to: { type: "string" },
        replace: { type: "boolean" },
      },
    });
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : ""}\n${USAGE}`);
  }
}

function vaultId(text: string): VaultId {
  const id = vaultIdSchema.safeParse(text);
  if (id.success) return id.data;
  throw new UsageError(
    `${JSON.stringify(text)} is no vault id (q or r and 24 hexadecimal digits); "sluice quarantine list" shows them.`,
  );
}

function decisionId(text: string): DecisionId {
  const id = decisionIdSchema.safeParse(text);
  if (id.success) return id.data;
  throw new UsageError(
    `${JSON.stringify(text)} is no decision id (d and 24 hexadecimal digits); "sluice decisions" shows them.`,
  );
}
