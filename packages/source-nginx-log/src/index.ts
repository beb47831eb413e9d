// format: lines of access logs
export { directiveOf } from "./format/known-formats.ts";
export { compileLineFormat, type LineFormat } from "./format/line-format.ts";
export { LogFormatError } from "./format/log-format-error.ts";
export type { LogRecord } from "./format/log-record.ts";
// explain: what a source would make of lines
export { explainLine, type Explanation } from "./explain/explain-line.ts";
export { readLog } from "./explain/read-log.ts";
export { openLogRules, type LogRules, type LogSettings } from "./log-rules.ts";
// follow: what is done with the names
export type { NameFollower, NamingLine } from "./follow/name-follower.ts";
export { ObjectFollower, type ObjectFollowerOptions } from "./follow/object-follower.ts";
export { UrlFollower, type UploadSink, type UrlFollowerOptions } from "./follow/url-follower.ts";
export { createUrlJudge, type UrlRules } from "./upload/url-judge.ts";
// source: tails logs and follows what they name
export type { FollowResult, NginxLogEvents } from "./nginx-log-events.ts";
export {
  NginxLogSource,
  type NginxLogSourceOptions,
  type NginxLogStatus,
} from "./nginx-log-source.ts";
// upload: what a line means
export { createPathMap, type PathMap, type PathRule } from "./upload/path-map.ts";
export type { NameRefusal } from "./upload/request-path.ts";
export {
  judgeUpload,
  type Finding,
  type UploadRule,
  type UploadRules,
} from "./upload/upload-judge.ts";
