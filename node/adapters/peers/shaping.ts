import {
  conditionTowards,
  type LinkConditions,
  type LinkConditionsPatch,
  mergeLinkConditions,
} from "../../link/link-conditions.ts";
import { LinkShaper, Uplink } from "../../link/link-shaper.ts";
import type { PeerLink } from "./peer-link.ts";

/** What this node's links do to what it sends: the conditions in force, the uplink that all links share, a shaper for each. */
export class Shaping {
  readonly #source: string;
  readonly #uplink: Uplink;
  #conditions: LinkConditions;

  constructor(source: string, conditions: LinkConditions) {
    this.#source = source;
    this.#conditions = conditions;
    this.#uplink = new Uplink(conditions.uplinkBitsPerSec);
  }

  get conditions(): LinkConditions {
    return this.#conditions;
  }

  shaperTowards(target: string): LinkShaper {
    const condition = conditionTowards(this.#conditions, target);
    return new LinkShaper(this.#uplink, condition, this.#conditions.seed, this.#source, target);
  }

  /** Puts a change in force on these links; those of them that were cut and are open now. */
  change(patch: LinkConditionsPatch, peers: Iterable<PeerLink>): PeerLink[] {
    this.#conditions = mergeLinkConditions(this.#conditions, patch);
    this.#uplink.bitsPerSec = this.#conditions.uplinkBitsPerSec;
    const opened: PeerLink[] = [];
    for (const peer of peers) {
      const wasCut = peer.sender.shaper.condition.cut;
      const condition = conditionTowards(this.#conditions, peer.name);
      peer.sender.setCondition(condition);
      if (wasCut && !condition.cut) opened.push(peer);
    }
    return opened;
  }
}
