export {
  startChunkConsumer,
  type ChunkConsumerOptions,
  type ChunkContext,
} from "./chunk-consumer.ts";
export { openChunkSender, type ChunkSender } from "./chunk-sender.ts";
export type { QueueOptions } from "./connection.ts";
export type { Consumer, ConsumerEvents, JobContext } from "./consumer.ts";
export { openEnsembleDirectory, type EnsembleDirectory } from "./ensembles.ts";
export { ConsumerStopError, QueueUnavailableError, RedisUnavailableError } from "./errors.ts";
export { hideCredentials } from "./hide-credentials.ts";
export { readQueueStatus, type QueueCounts } from "./queue-status.ts";
export { assertRedisReachable, type RedisReport } from "./redis-report.ts";
export { removeKeys } from "./remove-keys.ts";
export {
  openSettledSender,
  startSettledConsumer,
  type SettledConsumerOptions,
  type SettledSender,
} from "./settled.ts";
export { startVerdictConsumer, type VerdictConsumerOptions } from "./verdict-consumer.ts";
