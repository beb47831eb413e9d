export {
  SluiceClient,
  type ClassifyOptions,
  type ClientOptions,
  type Picture,
} from "./sluice-client.ts";
export { SluiceError } from "./sluice-error.ts";
export type { Answer, Decision, LabelScore, Report, UploadResult } from "./upload-result.ts";
