import { createHash, timingSafeEqual } from "node:crypto";
import type { FastifyRequest } from "fastify";
import type { ApiKey, Scope } from "./http-options.ts";
import { Problem } from "./problem.ts";

/** Finds out who asks. Keys are known by their hashes only, which are compared in a time that tells nothing. */
export class Authenticator {
  readonly #keys: readonly { readonly key: ApiKey; readonly hash: Buffer }[];

  constructor(keys: readonly ApiKey[]) {
    this.#keys = keys.map((key) => ({ key, hash: Buffer.from(key.sha256, "hex") }));
  }

  /**
   * Null where no keys are configured: then everybody may ask.
   *
   * @throws Problem 401 without a known key
   */
  identify(request: FastifyRequest): ApiKey | null {
    if (this.#keys.length === 0) return null;
    const presented = readKey(request);
    if (presented === null) {
      throw new Problem(401, "KEY_MISSING", "expected the header Authorization: Bearer <key>");
    }
    const hash = createHash("sha256").update(presented).digest();
    const found = this.#keys.find((known) => timingSafeEqual(known.hash, hash));
    if (found === undefined) throw new Problem(401, "KEY_UNKNOWN", "this key is not known here");
    return found.key;
  }
}

/** @throws Problem 403 */
export function requireScope(key: ApiKey | null, scope: Scope): void {
  const has = key === null ? scope !== "reference" : key.scopes.includes(scope);
  if (has) return;
  throw new Problem(403, "SCOPE_MISSING", `this needs a key with the scope ${scope}`);
}

/** As `Authorization: Bearer` or, as small services have it, `X-Api-Key`. */
function readKey({ headers }: FastifyRequest): string | null {
  const bearer = /^Bearer ([\x21-\x7E]{1,512})$/iu.exec(headers.authorization ?? "")?.[1];
  const plain = headers["x-api-key"];
  return bearer ?? (typeof plain === "string" && plain.length <= 512 ? plain : null);
}
