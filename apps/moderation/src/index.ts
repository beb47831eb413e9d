export { runModeration } from "./wire.ts";
