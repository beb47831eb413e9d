import type { CommandContext } from "../command-context.ts";
import type { Terminal } from "../terminal/terminal.ts";
import type { Input } from "./list-inputs.ts";
import type { LocalEngine } from "./local-engine.ts";
import type { ResultFormat } from "./result-format.ts";

/** Time between two changes of the progress line. */
const PROGRESS_EVERY_MS = 200;

/** Prints each result as soon as its turn has come. @returns how many could not be classified */
export async function classifyInputs(
  engine: LocalEngine,
  request: { inputs: readonly Input[]; format: ResultFormat; context: CommandContext },
): Promise<number> {
  const { inputs, format, context } = request;
  const { terminal, signal } = context;
  if (inputs.length === 0) terminal.say("there is no file in what was named");
  const progress = new Progress(terminal, inputs.length);
  if (format.heading !== null) terminal.print(format.heading);
  let failed = 0;
  for await (const result of engine.classify(inputs, signal)) {
    if (result.classification.kind !== "classified") failed += 1;
    terminal.print(format.line(result));
    progress.advance();
  }
  terminal.clearProgress();
  return failed;
}

class Progress {
  readonly #terminal: Terminal;
  readonly #total: number;
  readonly #startedAt = performance.now();
  #done = 0;
  #shownAt = 0;

  constructor(terminal: Terminal, total: number) {
    this.#terminal = terminal;
    this.#total = total;
  }

  advance(): void {
    this.#done += 1;
    const now = performance.now();
    if (now - this.#shownAt < PROGRESS_EVERY_MS) return;
    this.#shownAt = now;
    const perSecond = this.#done / ((now - this.#startedAt) / 1000);
    const left = (this.#total - this.#done) / perSecond;
    const share = this.#done / this.#total;
    this.#terminal.showProgress(
      `${drawBar(share)} ${this.#done} of ${this.#total} (${Math.floor(100 * share)} %), ${perSecond.toFixed(1)} images/s, ${Math.ceil(left)} s left`,
    );
  }
}

const BAR_WIDTH = 16;

function drawBar(share: number): string {
  return `[${"#".repeat(Math.floor(share * BAR_WIDTH)).padEnd(BAR_WIDTH, ".")}]`;
}
