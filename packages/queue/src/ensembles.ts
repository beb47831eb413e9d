import { ensembleInfoSchema, type EnsembleInfo, type Sha256 } from "@sluice/contracts";
import { connectPatient, type QueueOptions } from "./connection.ts";

/** Where workers tell which labels an ensemble digest stands for, and moderation looks them up. */
export interface EnsembleDirectory extends AsyncDisposable {
  publish(info: EnsembleInfo): Promise<void>;
  read(digest: Sha256): Promise<EnsembleInfo | null>;
}

export function openEnsembleDirectory(options: QueueOptions): EnsembleDirectory {
  const redis = connectPatient(options);
  const key = `${options.prefix}:ensembles`;
  return {
    async publish(info) {
      await redis.hset(key, info.digest, JSON.stringify(ensembleInfoSchema.parse(info)));
    },
    async read(digest) {
      const text = await redis.hget(key, digest);
      return text === null ? null : ensembleInfoSchema.parse(JSON.parse(text));
    },
    async [Symbol.asyncDispose]() {
      redis.close();
      await Promise.resolve();
    },
  };
}
