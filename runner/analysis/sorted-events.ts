import type {
  BlockMined,
  BlockRefused,
  FaultApplied,
  NodeChanged,
  NodeSampled,
  RunEvent,
  TransactionSettled,
  TransactionSubmitted,
} from "../record/run-event.ts";

/** The rarer events of a run, each kind in the order of the journal. */
export interface SortedEvents {
  readonly mined: BlockMined[];
  readonly refused: BlockRefused[];
  readonly submitted: TransactionSubmitted[];
  readonly settled: TransactionSettled[];
  readonly changes: NodeChanged[];
  readonly samples: NodeSampled[];
  readonly faults: FaultApplied[];
}

/**
 * One walk over the journal, each event to its list. Arrivals of blocks and changes of tip, of which there are as many
 * as blocks times nodes, stay where they are; who wants them walks again.
 */
export function sortEvents(events: Iterable<RunEvent>): SortedEvents {
  const lists: SortedEvents = {
    mined: [],
    refused: [],
    submitted: [],
    settled: [],
    changes: [],
    samples: [],
    faults: [],
  };
  for (const event of events) {
    if (event.type === "block-mined") lists.mined.push(event);
    else if (event.type === "block-refused") lists.refused.push(event);
    else if (event.type === "transaction-submitted") lists.submitted.push(event);
    else if (event.type === "transaction-settled") lists.settled.push(event);
    else if (event.type === "node-changed") lists.changes.push(event);
    else if (event.type === "node-sampled") lists.samples.push(event);
    else if (event.type === "fault-applied") lists.faults.push(event);
  }
  return lists;
}
