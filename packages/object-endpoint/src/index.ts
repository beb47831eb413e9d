export {
  createEndpointReader,
  type EndpointReaderEvents,
  type EndpointReaderOptions,
} from "./client/endpoint-reader.ts";
export {
  ObjectServerError,
  startObjectServer,
  type ObjectServer,
  type ObjectServerEvents,
  type ObjectServerOptions,
  type RefusalReason,
} from "./server/object-server.ts";
export { objectKeySchema, type ObjectKey } from "./signing/object-key.ts";
