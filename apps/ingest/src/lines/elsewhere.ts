import { ConfigError, type SourceConfig } from "@sluice/config";

/** The root of a source is no folder of this host. */
export function elsewhere({ name, root }: SourceConfig): ConfigError {
  return new ConfigError("this host", [
    `sources "${name}": its root "${root}" is no folder here; ingest must run where the folder is`,
  ]);
}
