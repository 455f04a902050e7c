import type { BackendContext } from "../backend.ts";
import { CUT_BY_NODES } from "../live/link-cuts.ts";
import { SHAPED_BY_NODES } from "../live/link-shaping.ts";
import { LiveBackend } from "../live/live-backend.ts";
import type { ChainFile, LiveSystem } from "../live/live-system.ts";
import { ProcessPlace } from "./process-place.ts";
import { Watchdog } from "./watchdog.ts";

export interface ProcessesOptions {
  /** The file that is run as a node, for tests of how failures are told. */
  readonly main?: string;
}

/** One operating-system process for each node, on loopback. */
export class ProcessesBackend extends LiveBackend {
  constructor(context: BackendContext, options: ProcessesOptions = {}) {
    super(context, new ProcessSystem(context.folder, options));
  }
}

class ProcessSystem implements LiveSystem {
  readonly name = "processes";
  readonly cuts = CUT_BY_NODES;
  readonly shaping = SHAPED_BY_NODES;
  readonly place: ProcessPlace;
  readonly #watchdog = new Watchdog();

  constructor(folder: string, options: ProcessesOptions) {
    this.place = new ProcessPlace(folder, this.#watchdog, options.main);
  }

  async open(chain: ChainFile): Promise<null> {
    this.place.chainFile = chain.path;
    return null;
  }

  async close(): Promise<null> {
    this.#watchdog.end();
    return null;
  }
}
