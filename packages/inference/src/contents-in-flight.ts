import type { Lane, Sha256 } from "@sluice/contracts";
import type { EngineItem } from "./ports.ts";

/** Contents that are being classified, and further items with the same bytes that wait for the same answer. */
export class ContentsInFlight {
  readonly #leaders = new Map<Sha256, { readonly lane: Lane; readonly followers: number[] }>();

  /**
   * An item's content is known.
   *
   * @returns true when it waits for an item with the same content; false when it must be classified itself. A live item never
   *   waits for a bulk one, which may stand behind many others.
   */
  join(sha256: Sha256, { id, lane }: Pick<EngineItem, "id" | "lane">): boolean {
    const leader = this.#leaders.get(sha256);
    if (leader === undefined) {
      this.#leaders.set(sha256, { lane, followers: [] });
      return false;
    }
    if (lane === "live" && leader.lane === "bulk") return false;
    leader.followers.push(id);
    return true;
  }

  /** The content has its outcome. @returns ids of the items that waited for it */
  finish(sha256: Sha256): readonly number[] {
    const followers = this.#leaders.get(sha256)?.followers ?? [];
    this.#leaders.delete(sha256);
    return followers;
  }
}
