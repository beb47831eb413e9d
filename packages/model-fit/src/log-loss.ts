import { softmaxRow } from "./softmax.ts";

export interface LogLossInput {
  /** `[rows, classes]` */
  readonly logits: Float64Array;
  readonly labels: Int32Array;
  /** Of one row of each class. */
  readonly weights: Float64Array;
}

/** Weighted mean negative log-likelihood, in nats, from logits, so that no probability is rounded to 0 first. */
export function logLoss({ logits, labels, weights }: LogLossInput): number {
  const classes = weights.length;
  const row = new Float64Array(classes);
  let loss = 0;
  let total = 0;
  for (let i = 0; i < labels.length; i++) {
    for (let c = 0; c < classes; c++) row[c] = logits[i * classes + c] ?? 0;
    const label = labels[i] ?? 0;
    const own = row[label] ?? 0;
    const weight = weights[label] ?? 0;
    loss += weight * (softmaxRow(row, 0, classes) - own);
    total += weight;
  }
  return loss / total;
}
