export {
  startChunkConsumer,
  type ChunkConsumerOptions,
  type ChunkContext,
} from "./chunk-consumer.ts";
export { openChunkSender, type ChunkSender } from "./chunk-sender.ts";
export {
  assertRedisReachable,
  hideCredentials,
  type QueueOptions,
  type RedisReport,
} from "./connection.ts";
export type { Consumer, ConsumerEvents, JobContext } from "./consumer.ts";
export { openEnsembleDirectory, type EnsembleDirectory } from "./ensembles.ts";
export { QueueUnavailableError, RedisUnavailableError } from "./errors.ts";
export { readQueueStatus, type QueueCounts } from "./queue-status.ts";
export {
  openSettledSender,
  startSettledConsumer,
  type SettledConsumerOptions,
  type SettledSender,
} from "./settled.ts";
export { startVerdictConsumer, type VerdictConsumerOptions } from "./verdict-consumer.ts";
