import { z } from "zod";

/** Lower-case hexadecimal SHA-256, 64 characters. Minted by hashing bytes or by parsing a payload. */
export const sha256Schema = z
  .string()
  .regex(/^[0-9a-f]{64}$/u, "expected 64 lower-case hexadecimal digits (SHA-256)")
  .brand<"Sha256">();
export type Sha256 = z.infer<typeof sha256Schema>;

const nameSchema = z
  .string()
  .regex(
    /^[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?$/u,
    "expected 1 to 64 of a-z, 0-9, - and _, beginning and ending with a letter or digit",
  );

/** Name of a root: a place that holds objects; each process resolves it by its own configuration. */
export const rootNameSchema = nameSchema.brand<"RootName">();
export type RootName = z.infer<typeof rootNameSchema>;

/** Name of a source: where objects are found. */
export const sourceNameSchema = nameSchema.brand<"SourceName">();
export type SourceName = z.infer<typeof sourceNameSchema>;

/** Name of a policy: a site's rules. */
export const policyNameSchema = nameSchema.brand<"PolicyName">();
export type PolicyName = z.infer<typeof policyNameSchema>;

/** Name of an ensemble as configured; which weights stand behind it is told by its digest. */
export const ensembleNameSchema = nameSchema.brand<"EnsembleName">();
export type EnsembleName = z.infer<typeof ensembleNameSchema>;
