export {
  ClamdListenError,
  startClamdServer,
  type ClamdAddress,
  type ClamdServer,
} from "./clamd-server.ts";
export type {
  ClamdEvents,
  ClamdLimits,
  NamedFile,
  NamedFiles,
  RefusedPath,
  Scanner,
} from "./ports.ts";
export { toScanResult, type ScanResult } from "./scan-result.ts";
