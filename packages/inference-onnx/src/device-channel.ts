import { Worker } from "node:worker_threads";
import {
  deviceReplySchema,
  type DeviceReply,
  type DeviceRequest,
  type DeviceSettings,
} from "./device-messages.ts";
import { DeviceLostError } from "./errors.ts";

/**
 * A device thread, seen from the engine. It answers one request at a time, and speaks once unasked: when it has loaded.
 *
 * States: waiting (from the start until the first answer, and from `ask` to its answer), idle, and gone, which is final: whoever
 * waits then, or asks later, hears why.
 */
export class DeviceChannel implements AsyncDisposable {
  readonly #thread: Worker;
  /** Not null while an answer is due. */
  #waiting: PromiseWithResolvers<DeviceReply> | null;
  /** Of the thread; null while it runs. */
  #end: unknown = null;
  readonly started: Promise<DeviceReply>;

  constructor(settings: DeviceSettings) {
    this.#waiting = Promise.withResolvers();
    this.started = this.#waiting.promise;
    this.#thread = new Worker(threadFile(), { workerData: settings });
    this.#thread.on("message", (message: unknown) => this.#receive(message));
    this.#thread.on("error", (error) => this.#lose(error));
    this.#thread.on("exit", () => this.#lose(new DeviceLostError("the device thread ended")));
  }

  async ask(request: DeviceRequest): Promise<DeviceReply> {
    if (this.#end !== null) throw this.#end;
    this.#waiting = Promise.withResolvers();
    this.#thread.postMessage(request);
    return await this.#waiting.promise;
  }

  /** Ends after the answer that is due: a thread that is ended inside ONNX Runtime takes the whole process with it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#waiting?.promise.catch(() => undefined); // Whoever asked hears of it.
    await this.#thread.terminate();
  }

  #receive(message: unknown): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    const reply = deviceReplySchema.safeParse(message);
    if (reply.success) waiting?.resolve(reply.data);
    else waiting?.reject(reply.error);
  }

  #lose(error: unknown): void {
    this.#end ??= error;
    this.#waiting?.reject(this.#end);
    this.#waiting = null;
  }
}

/** Sources run as TypeScript in tests and as JavaScript when built. */
function threadFile(): URL {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  return new URL(`./device-thread.${extension}`, import.meta.url);
}
