import type { Descriptor } from "./descriptor.ts";

interface Flushing {
  readonly running: Promise<void>;
  /** Begins when `running` has ended; shared by all who ask meanwhile. */
  next: Promise<void> | null;
}

/** Makes names in folders durable, with one flush for all who changed the same folder in the meantime. */
export class FolderSync {
  /** By device and inode; has an entry exactly while a flush of that folder is running or waiting. */
  readonly #flushing = new Map<string, Flushing>();

  /** The folder must stay open until the promise settles. */
  async sync(folder: Descriptor): Promise<void> {
    const { dev, ino } = folder.stat();
    const key = `${dev}:${ino}`;
    const known = this.#flushing.get(key);
    if (known === undefined) return this.#start(key, folder);
    // The one that runs may have begun before our change, so it does not count for us.
    known.next ??= known.running.catch(() => undefined).then(() => this.#start(key, folder));
    return known.next;
  }

  #start(key: string, folder: Descriptor): Promise<void> {
    const running = folder.sync().finally(() => {
      if (this.#flushing.get(key)?.next === null) this.#flushing.delete(key);
    });
    this.#flushing.set(key, { running, next: null });
    return running;
  }
}
