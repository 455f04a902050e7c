import { randomBytes } from "node:crypto";

/** What `POST /p2p/hello` takes, of a peer that nobody will find, on the chain of `chainJson()` unless `change` says otherwise. */
export function strangerHello(genesis: string, change: Readonly<Record<string, unknown>> = {}) {
  return {
    version: 2,
    name: "stranger",
    url: "http://127.0.0.1:9",
    genesis,
    chain: { name: "test", seal: "drawn" },
    instance: randomBytes(16).toString("hex"),
    session: randomBytes(16).toString("hex"),
    ...change,
  };
}
