export { runIngest } from "./wire.ts";
