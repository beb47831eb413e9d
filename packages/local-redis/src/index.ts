export { RedisMissingError, RedisStartError } from "./errors.ts";
export { findOnPath, findOrInstallRedis, type FindOptions } from "./find-redis.ts";
export { startLocalRedis, type LocalRedis, type LocalRedisOptions } from "./local-redis.ts";
export { findRunningRedis } from "./running-redis.ts";
