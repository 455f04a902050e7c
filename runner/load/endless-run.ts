import { setTimeout as sleep } from "node:timers/promises";
import { MICROS_PER_SEC, type Micros } from "../../node/core/support/micros.ts";
import { AccountKeys } from "./account-keys.ts";
import { EndlessLoad } from "./endless-load.ts";
import type { LoadClient } from "./load-client.ts";
import type { LoadOptions } from "./load-command.ts";
import { LATE_MAX_US, type LoadPort, LoadRunner } from "./load-runner.ts";
import { LoadTally } from "./load-tally.ts";
import type { FoundNodes, NodeFinder } from "./node-finder.ts";

/**
 * The accounts are dealt to so many lanes, and the lanes to the nodes that there are. So nodes may come and go, and an account still has one
 * node at a time, which knows its sequence number.
 */
const LANE_COUNT_MAX = 32;

const LINE_INTERVAL_MS = 5_000;
const FIND_INTERVAL_MS = 5_000;
const FIRST_FIND_INTERVAL_MS = 1_000;

/** For answers that are under way when the load ends: a node answers in milliseconds, and whoever stops a container waits for two seconds. */
const LAST_ANSWERS_MS_MAX = 1_000;

/** A load on whatever nodes there are, from when the first is found until it is aborted or its time is over. */
export class EndlessRun {
  readonly #options: LoadOptions;
  readonly #client: LoadClient;
  readonly #finder: NodeFinder;
  readonly #say: (line: string) => void;
  readonly #tally = new LoadTally();
  #urls: readonly string[] = [];

  constructor(options: LoadOptions, client: LoadClient, finder: NodeFinder, say: (line: string) => void) {
    this.#options = options;
    this.#client = client;
    this.#finder = finder;
    this.#say = say;
  }

  /** Resolves when it is over; the answers that came by then are counted. */
  async run(signal: AbortSignal): Promise<void> {
    const found = await this.#firstNodes(signal);
    if (found === null) return;
    const { durationMs } = this.#options;
    const ending = durationMs === null ? signal : AbortSignal.any([signal, AbortSignal.timeout(durationMs)]);
    const load = this.#loadFor(found);
    const watch = setInterval(() => void this.#look(load), FIND_INTERVAL_MS);
    const tell = setInterval(
      () => this.#say(this.#tally.line(LINE_INTERVAL_MS / 1_000, load.shedCount, this.#urls.length)),
      LINE_INTERVAL_MS,
    );
    await this.#submitUntil(ending, load);
    clearInterval(watch);
    clearInterval(tell);
    const deadlineMs = performance.now() + LAST_ANSWERS_MS_MAX;
    while (this.#tally.inFlight > 0 && performance.now() < deadlineMs) await sleep(10);
    this.#say(this.#tally.summary(load.shedCount));
  }

  async #firstNodes(signal: AbortSignal): Promise<FoundNodes | null> {
    const { nodeUrls, registryUrl } = this.#options;
    for (let tries = 0; !signal.aborted; tries += 1) {
      const found = await this.#finder.find();
      if (found !== null) {
        this.#say(`found ${found.urls.length} nodes of the chain ${found.genesisHash}`);
        return found;
      }
      if (tries === 0)
        this.#say(`waiting for ${nodeUrls.length > 0 ? nodeUrls.join(", ") : `nodes of ${registryUrl}`}`);
      await pause(FIRST_FIND_INTERVAL_MS, signal);
    }
    return null;
  }

  #loadFor({ urls, genesisHash }: FoundNodes): LoadRunner {
    this.#urls = urls;
    const { accountCount, seed } = this.#options;
    const lanes = Array.from({ length: Math.min(LANE_COUNT_MAX, accountCount) }, (_, lane) => lane);
    const accounts = loadAccountSeeds(seed, accountCount).map((keySeed, index) => ({
      keySeed,
      balance: 0n,
      node: index % lanes.length,
    }));
    const keys = new AccountKeys(accounts);
    const load = new LoadRunner({ accounts, nodes: lanes }, this.#port(), { genesisHash, keys }, (event) =>
      this.#tally.add(event),
    );
    // A load before this one may have used its accounts.
    for (const lane of lanes) load.nodeForgot(lane);
    return load;
  }

  #port(): LoadPort {
    return {
      nowUs,
      submit: (lane, tx, onAnswer) => void this.#client.submit(this.#urlOf(lane), tx).then(onAnswer),
      askSequence: (lane, account, onAnswer) =>
        void this.#client.nextSequence(this.#urlOf(lane), account).then(onAnswer),
    };
  }

  #urlOf(lane: number): string {
    return this.#urls[lane % this.#urls.length] ?? "";
  }

  /** Nodes that came or went: every account that has another node now asks it where it stands. */
  async #look(load: LoadRunner): Promise<void> {
    const found = await this.#finder.find();
    if (found === null) return;
    const lanes = Array.from(
      { length: Math.min(LANE_COUNT_MAX, this.#options.accountCount) },
      (_, lane) => lane,
    );
    const before = lanes.map((lane) => this.#urlOf(lane));
    this.#urls = found.urls;
    for (const lane of lanes) if (this.#urlOf(lane) !== before[lane]) load.nodeForgot(lane);
  }

  async #submitUntil(ending: AbortSignal, load: LoadRunner): Promise<void> {
    const endless = new EndlessLoad(this.#options, nowUs());
    while (!ending.aborted) {
      await pause(Math.max(0, (endless.nextUs - nowUs()) / 1_000), ending);
      if (ending.aborted) return;
      for (const planned of endless.dueBy(nowUs(), LATE_MAX_US)) load.due(planned);
    }
  }
}

/** The texts that the accounts' keys are made from, in the order of the accounts. */
export function loadAccountSeeds(seed: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${seed} account ${index}`);
}

function nowUs(): Micros {
  return Math.floor((performance.now() / 1_000) * MICROS_PER_SEC);
}

/** Ends early, and quietly, when aborted. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    if (signal.aborted) return resolve();
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener("abort", end);
  });
}
