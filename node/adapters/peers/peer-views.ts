import type { PeerView } from "../../ports/peer-directory.ts";
import type { Address } from "./dialer.ts";
import type { PeerLink } from "./peer-link.ts";

/** Every peer with a link, then the addresses that are tried and lead to none of them. */
export function viewAll(peers: Iterable<PeerLink>, addresses: Iterable<Address>): PeerView[] {
  const views = Array.from(peers, viewOf);
  const urls = new Set(views.map((view) => view.url));
  const names = new Set(views.map((view) => view.name));
  for (const address of addresses)
    if (!urls.has(address.url) && !names.has(address.name)) views.push(viewOfAddress(address));
  return views;
}

export function viewOf({ name, url, phase, link, sender, toldTip, passedOver }: PeerLink): PeerView {
  const { sentMessages, sentBytes } = sender;
  const up = phase === "up";
  const told = { link: up ? link : null, tip: up ? toldTip : null };
  return { name, url, up, ...told, sentMessages, sentBytes, passedOver, lastFailure: null, lastStatus: null };
}

export function viewOfAddress({ name, url, lastFailure, lastStatus }: Address): PeerView {
  const nothing = { up: false, link: null, tip: null, sentMessages: 0, sentBytes: 0, passedOver: 0 };
  return { name, url, ...nothing, lastFailure, lastStatus };
}
