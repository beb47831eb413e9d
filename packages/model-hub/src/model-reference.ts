import { ModelReferenceError } from "./model-hub-error.ts";

/** What a person may name to be fetched. */
export type ModelReference =
  | {
      readonly kind: "torchvision";
      readonly name: string;
      /** torchvision's IMAGENET1K_V1 or IMAGENET1K_V2. */
      readonly weights: "v1" | "v2";
    }
  | {
      readonly kind: "hub";
      /** `owner/name`. */
      readonly repo: string;
      /** Branch, tag or commit. */
      readonly revision: string;
    }
  | {
      readonly kind: "https";
      /** Of a .pth, .pt or .safetensors file; http only for this machine. */
      readonly url: string;
    };

export const WEIGHT_SUFFIXES = [".pth", ".pt", ".safetensors"] as const;
const FORMS =
  "expected torchvision:<name>, <owner>/<repository>, or https://… of a .pth, .pt or .safetensors file";
const TORCHVISION = /^torchvision:(?<name>[a-z0-9_]+)(?:@(?:IMAGENET1K_)?(?<weights>v[12]))?$/iu;
/** As the hub allows them; a part may not begin with a dot, which would be a path. */
const REPO =
  /^(?<repo>[A-Za-z0-9_][\w.-]{0,95}\/[A-Za-z0-9_][\w.-]{0,95})(?:@(?<revision>[^@]+))?$/u;
const REVISION = /^[A-Za-z0-9_][\w./-]{0,199}$/u;

/**
 * Reads `torchvision:resnet50`, `torchvision:resnet50@v2`, `timm/resnet18.a1_in1k`, `owner/repository@revision` or an address.
 *
 * @throws ModelReferenceError
 */
export function parseModelReference(text: string): ModelReference {
  if (/^https?:/iu.test(text)) return parseAddress(text);
  if (/^torchvision:/iu.test(text)) return parseTorchvision(text);
  const { repo, revision = "main" } = REPO.exec(text)?.groups ?? {};
  if (repo === undefined || repo.includes("..") || repo.includes("--")) {
    throw new ModelReferenceError(`"${text}" names no model: ${FORMS}`);
  }
  return { kind: "hub", repo, revision: requireRevision(revision) };
}

/**
 * The name of a branch, tag or commit, which also becomes a path of the cache.
 *
 * @throws ModelReferenceError
 */
export function requireRevision(revision: string): string {
  const isPath = revision.split("/").every((part) => part !== "" && !part.startsWith("."));
  if (REVISION.test(revision) && isPath && !revision.includes("..")) return revision;
  throw new ModelReferenceError(
    `revision "${revision}": expected the name of a branch or tag, or a commit`,
  );
}

function parseTorchvision(text: string): ModelReference {
  const { name, weights = "v1" } = TORCHVISION.exec(text)?.groups ?? {};
  if (name === undefined) {
    throw new ModelReferenceError(
      `"${text}": expected torchvision:<name> or torchvision:<name>@v2, such as torchvision:resnet50`,
    );
  }
  const isSecond = weights.toLowerCase() === "v2";
  return { kind: "torchvision", name: name.toLowerCase(), weights: isSecond ? "v2" : "v1" };
}

function parseAddress(text: string): ModelReference {
  const url = URL.parse(text);
  if (url === null) throw new ModelReferenceError(`"${text}" is no address: ${FORMS}`);
  if (url.username !== "" || url.password !== "") {
    throw new ModelReferenceError(
      `the address on ${url.host} carries a user name or password, which would end in logs; fetch the file yourself and use \`models build\``,
    );
  }
  if (url.protocol === "http:" && !isLoopback(url.hostname)) {
    throw new ModelReferenceError(`${url.href}: weights are only fetched over https`);
  }
  if (!WEIGHT_SUFFIXES.some((suffix) => url.pathname.toLowerCase().endsWith(suffix))) {
    throw new ModelReferenceError(
      `${url.href} names no weights file (${WEIGHT_SUFFIXES.join(", ")}); a repository of a hub is named <owner>/<repository>`,
    );
  }
  url.hash = "";
  return { kind: "https", url: url.href };
}

/** This machine itself: what goes there crosses no network. */
export function isLoopback(hostname: string): boolean {
  return (
    hostname === "localhost" || hostname === "[::1]" || /^127(?:\.\d{1,3}){3}$/u.test(hostname)
  );
}
