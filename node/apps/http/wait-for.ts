import type { NodeContext } from "../../adapters/http/node-context.ts";

/** How long a node that is behind is waited for until it has caught up, ms. */
const CATCH_UP_MS_MAX = 30_000;

/** How long a peer may take to say what follows the tip on its chain, ms: those that have news have told already, and this is for what is on its way. */
const NEWS_MS = 250;

/** Waits for a condition, which is looked at after each event of the node; the last look at the deadline. */
export function waitFor(node: NodeContext, holds: () => boolean, deadlineMs: number): Promise<boolean> {
  if (holds()) return Promise.resolve(true);
  return new Promise((resolve) => {
    const finish = (outcome: boolean) => {
      clearTimeout(timer);
      end();
      resolve(outcome);
    };
    const look = () => {
      if (holds()) finish(true);
    };
    const timer = setTimeout(() => finish(holds()), deadlineMs);
    const end = node.feed.subscribe(node.feed.lastId, { event: look, gap: look });
  });
}

function isInSync({ host }: NodeContext): boolean {
  const { tip, target, unfinished } = host.machine;
  return target.chainWork <= tip.chainWork && unfinished.inFlightCount === 0 && unfinished.waitingCount === 0;
}

/** Makes sure that this node's chain is the best that its peers have: asks them, and waits until what they name is here. False: it is not, yet. */
export async function catchUp(node: NodeContext): Promise<boolean> {
  if (node.peers.list().some(({ up }) => up)) {
    const { tip } = node.host.machine;
    node.host.machine.askForNews();
    await waitFor(node, () => node.host.machine.tip !== tip || !isInSync(node), NEWS_MS);
  }
  return await waitFor(node, () => isInSync(node), CATCH_UP_MS_MAX);
}
