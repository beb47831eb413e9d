export {
  SCOPES,
  type ApiKey,
  type HttpEvents,
  type HttpLimits,
  type HttpServerOptions,
  type References,
  type Scope,
} from "./http-options.ts";
export { HttpListenError, startHttpServer, type HttpServer } from "./http-server.ts";
