import type Docker from "dockerode";
import type { Labels } from "./labels.ts";
import { NODE_PORT } from "./node-container.ts";

/** A node takes about 100 MB; one that takes five times that leaks, and is to end before the machine does. */
const MEMORY_BYTES_MAX = 512 * 1024 * 1024;

/** A node has a dozen threads, and a probe that runs in its container as many again. */
const PROCESSES_MAX = 128;

/** One node may fill one core and no more: it has one thread that matters, and others have theirs. */
const NANO_CPUS_MAX = 1_000_000_000;

/** The engine's own copy of the output, for people who look at a container that was left over. */
const LOG_SIZE = { "max-size": "1m", "max-file": "1" };

export interface ContainerShape {
  readonly containerName: string;
  readonly image: string;
  readonly labels: Labels;
  readonly volume: string;
  readonly network: NetworkShape;
  readonly flags: readonly string[];
  readonly controlToken: string;
}

/** How a container is on the network. */
export type NetworkShape =
  | {
      readonly kind: "own";
      /** Over which this machine reaches it. */
      readonly network: string;
      /** Lines `name:address`. */
      readonly hosts: readonly string[];
    }
  /** It is in the namespace of another container, where all of this is said. */
  | { readonly kind: "of"; readonly container: string };

/** The container of a node: unprivileged, with nothing to write on but its volume and a small `/tmp`, and reached from this machine alone. */
export function containerOptions(shape: ContainerShape): Docker.ContainerCreateOptions {
  const { HostConfig: ofNetwork, ...network } = networkOptions(shape.network);
  return {
    name: shape.containerName,
    Image: shape.image,
    Labels: { ...shape.labels },
    Cmd: [...shape.flags],
    Env: [`FORKLAB_CONTROL_TOKEN=${shape.controlToken}`],
    User: "1000:1000",
    ...network,
    // The runner sees whether a node answers; thirty nodes that ask themselves too would be load.
    Healthcheck: { Test: ["NONE"] },
    HostConfig: {
      ...ofNetwork,
      Mounts: [{ Type: "volume", Source: shape.volume, Target: "/data" }],
      Tmpfs: { "/tmp": "rw,nosuid,nodev,noexec,size=64m" },
      ReadonlyRootfs: true,
      CapDrop: ["ALL"],
      SecurityOpt: ["no-new-privileges"],
      Memory: MEMORY_BYTES_MAX,
      MemorySwap: MEMORY_BYTES_MAX,
      PidsLimit: PROCESSES_MAX,
      NanoCpus: NANO_CPUS_MAX,
      LogConfig: { Type: "json-file", Config: LOG_SIZE },
    },
  };
}

/** What of a container's options says how it is on the network: the port of a node published on this machine, and its peers' names. */
export function networkOptions(shape: NetworkShape) {
  if (shape.kind === "of") return { HostConfig: { NetworkMode: `container:${shape.container}` } };
  const port = `${NODE_PORT}/tcp`;
  return {
    ExposedPorts: { [port]: {} },
    HostConfig: {
      NetworkMode: shape.network,
      PortBindings: { [port]: [{ HostIp: "127.0.0.1", HostPort: "" }] },
      ExtraHosts: [...shape.hosts],
    },
  } satisfies Docker.ContainerCreateOptions;
}
