import { homedir } from "node:os";
import { join } from "node:path";
import { HubSettingsError } from "./model-hub-error.ts";
import { isLoopback } from "./model-reference.ts";

/** Where models come from and where they are kept, as the environment says. */
export interface HubSettings {
  /** Address of the hub, without a slash at the end; `HF_ENDPOINT`. */
  readonly endpoint: string;
  /** `HF_TOKEN`; sent to the endpoint's origin only. */
  readonly token: string | null;
  /** `HF_HUB_OFFLINE`: only the cache is used, no connection is made. */
  readonly isOffline: boolean;
  /** Python huggingface_hub's cache, shared with it; `HF_HUB_CACHE`, or `hub` below `HF_HOME`. */
  readonly hubCache: string;
  /** Folder with a slash at the end that holds torchvision's files; `SLUICE_TORCHVISION_URL`. */
  readonly torchvisionUrl: string;
  /** PyTorch's cache, shared with it; `hub/checkpoints` below `TORCH_HOME`. */
  readonly torchvisionCache: string;
  /** Where files of other addresses are kept. */
  readonly downloadCache: string;
  /** Hosts beside the hub's own that it may send us to, `name`, `name:port` or `.suffix`; `SLUICE_HUB_REDIRECT_HOSTS`. */
  readonly redirectHosts: readonly string[];
}

type Environment = Readonly<Record<string, string | undefined>>;

const HUB = "https://huggingface.co";
const TORCHVISION = "https://download.pytorch.org/models/";

/**
 * Reads what huggingface_hub and PyTorch read under the same names, and two of our own.
 *
 * @throws HubSettingsError
 */
export function readHubSettings(env: Environment): HubSettings {
  const given = (name: string): string | null => env[name]?.trim() || null;
  const caches = given("XDG_CACHE_HOME") ?? join(given("HOME") ?? homedir(), ".cache");
  const huggingface = given("HF_HOME") ?? join(caches, "huggingface");
  const endpoint = readAddress("HF_ENDPOINT", given("HF_ENDPOINT") ?? HUB);
  const torchvision = readAddress(
    "SLUICE_TORCHVISION_URL",
    given("SLUICE_TORCHVISION_URL") ?? TORCHVISION,
  );
  const token = given("HF_TOKEN");
  if (token !== null) requireSafeToken(token, new URL(endpoint));
  return {
    endpoint,
    token,
    isOffline: /^(?:1|on|yes|true)$/iu.test(given("HF_HUB_OFFLINE") ?? ""),
    hubCache: given("HF_HUB_CACHE") ?? given("HUGGINGFACE_HUB_CACHE") ?? join(huggingface, "hub"),
    torchvisionUrl: `${torchvision}/`,
    torchvisionCache: join(given("TORCH_HOME") ?? join(caches, "torch"), "hub", "checkpoints"),
    downloadCache: join(caches, "sluice", "downloads"),
    redirectHosts:
      (given("SLUICE_HUB_REDIRECT_HOSTS") ?? "").toLowerCase().match(/[^\s,]+/gu) ?? [],
  };
}

function readAddress(name: string, value: string): string {
  const url = URL.parse(value);
  const isPlain = url !== null && url.username === "" && url.search === "" && url.hash === "";
  if (isPlain && ["http:", "https:"].includes(url.protocol)) return url.href.replace(/\/+$/u, "");
  throw new HubSettingsError(
    `${name}: expected an address such as ${HUB}, without user name, "?" and "#"`,
  );
}

function requireSafeToken(token: string, endpoint: URL): void {
  if (!/^[\x21-\x7E]+$/u.test(token)) {
    throw new HubSettingsError("HF_TOKEN holds characters that no token has");
  }
  if (endpoint.protocol === "https:" || isLoopback(endpoint.hostname)) return;
  throw new HubSettingsError(
    `HF_TOKEN would be sent to ${endpoint.host} in clear text: make HF_ENDPOINT an https address, or unset HF_TOKEN`,
  );
}
