import type { Logger } from "pino";
import { EventRing } from "./adapters/events/event-ring.ts";
import { EventTelemetry } from "./adapters/events/event-telemetry.ts";
import { HttpServer } from "./adapters/http/http-server.ts";
import { MetricRegistry } from "./adapters/metrics/metric-registry.ts";
import { MetricsTelemetry } from "./adapters/metrics/metrics-telemetry.ts";
import { DrawnMiner } from "./adapters/mining/drawn-miner.ts";
import { HashMiner } from "./adapters/mining/hash-miner.ts";
import { LateMiner } from "./adapters/mining/late-miner.ts";
import { NodeCrypto } from "./adapters/node-crypto.ts";
import { LINK_COUNT_MAX } from "./adapters/peers/peer-table.ts";
import { UndiciTransport } from "./adapters/peers/undici-transport.ts";
import { settleDown } from "./adapters/system/settle-down.ts";
import { systemNowUs } from "./adapters/system/system-clock.ts";
import { TimerAlarm } from "./adapters/system/timer-alarm.ts";
import { urlOf } from "./adapters/system/url-of.ts";
import type { NodeSettings } from "./config.ts";
import { Protocol } from "./core/machine/protocol.ts";
import { BlockTree } from "./core/state/block-tree.ts";
import { Prng } from "./core/support/prng.ts";
import { DamageLog } from "./damage-log.ts";
import { type HeldFolder, holdFolder } from "./hold-folder.ts";
import { Host } from "./host/host.ts";
import { HostPort } from "./host/host-port.ts";
import { TelemetryFanOut } from "./host/telemetry-fan-out.ts";
import { type NodeFolder, openFolder, readChain, readLinks, restoreBlocks } from "./node-files.ts";
import { NodeSampler } from "./node-sampler.ts";
import { NODE_KNOWN_COUNT_MAX, ProcessDiscovery } from "./process-discovery.ts";
import { listenError } from "./start-error.ts";

/** A node that listens, links and mines. */
export interface LiveNode {
  readonly name: string;
  readonly url: string;
  readonly genesis: string;
  close(): Promise<void>;
}

/** The process that a node lives in. */
export interface NodeProcess {
  readonly log: Logger;
  readonly fatal: (error: unknown) => void;
  readonly shutdown: () => void;
}

/** The one column of beliefs that a live node has. */
const VIEW = 0;

/** Bytes of a batch besides a block of the largest size: a greeting of a thousand transactions, and frames. */
const BATCH_BYTES_BESIDES_BLOCK = 8 * 1024 * 1024;

/** After which a start is over, ms: what is asked of a new node first is answered by then. */
const SETTLED_AFTER_MS = 3_000;

/** Composes a node: settings to adapters to host. Throws `StartError` or `StorageError` for people when it cannot be. */
export async function startNode(settings: NodeSettings, process: NodeProcess): Promise<LiveNode> {
  const tree = makeTree(settings);
  const held = holdFolder(settings);
  const { name } = held;
  const metrics = new MetricRegistry(name);
  metrics.startAtZero();
  const transport = makeTransport(settings, name, tree, metrics, process.log);
  const damages = new DamageLog(process.log, metrics);
  const folder = openFolder(held, tree, settings.keySeed, (damage) => damages.note(damage));
  const feed = new EventRing();
  const counts = new MetricsTelemetry(metrics);
  const alarm = new TimerAlarm();
  const lateMiner = new LateMiner();
  const events = new EventTelemetry((type, fields) => feed.add(type, fields));
  const ports = {
    transport,
    alarm,
    store: folder.store,
    miner: lateMiner,
    telemetry: new TelemetryFanOut([counts, events]),
  };
  const protocol = new Protocol(tree, new HostPort(ports), {
    relay: settings.relay,
    mempoolBytesMax: settings.mempoolBytes,
  });
  const host = new Host(protocol, ports, { view: VIEW, minerAccount: folder.signer.publicKey });
  alarm.onWake = (nowUs) => host.wake(nowUs);
  const start = damages.restored(restoreBlocks(host, folder.store, systemNowUs(), counts));
  const mining = makeMiner(host, settings, name, process.fatal);
  lateMiner.current = mining;
  const sampler = new NodeSampler({
    name,
    host,
    mining,
    transport,
    metrics,
    counts,
    feed,
    damages,
    nowUs: systemNowUs,
  });
  const discovery = makeDiscovery(settings, held, transport, process);
  const server = new HttpServer({
    host,
    peers: transport,
    inbox: transport,
    directory: discovery.directory,
    feed,
    mining,
    metrics: httpMetrics(metrics, sampler),
    nowUs: systemNowUs,
    status: () => sampler.status(),
    controlToken: settings.controlToken,
    controlFrom: settings.controlFrom,
    shutdown: process.shutdown,
    fatal: process.fatal,
  });
  const url = await listen(server, settings, folder);
  transport.start(host, url);
  for (const peer of settings.peer ?? []) void transport.add(peer);
  discovery.start(url);
  sampler.start();
  host.start();
  const genesis = tree.genesis.hash;
  process.log.info(
    { name, url, genesis, dir: folder.path, restoredCount: counts.heldCount, ...start },
    "started",
  );
  setTimeout(settleDown, SETTLED_AFTER_MS).unref();
  const close = async () => {
    discovery.close();
    sampler.close();
    alarm.close();
    await Promise.all([server.close(), transport.close(), mining.close()]);
    folder.close();
  };
  return { name, url, genesis, close };
}

function makeTree(settings: NodeSettings): BlockTree {
  const crypto = new NodeCrypto();
  return new BlockTree(
    readChain(settings.chain),
    { viewCount: 1, linkCountMax: LINK_COUNT_MAX },
    {
      sha256: (bytes) => crypto.sha256(bytes),
      verify: (publicKey, message, signature) => crypto.verify(publicKey, message, signature),
    },
  );
}

function makeTransport(
  settings: NodeSettings,
  name: string,
  tree: BlockTree,
  metrics: MetricRegistry,
  log: Logger,
): UndiciTransport {
  return new UndiciTransport({
    name,
    tree,
    conditions: readLinks(settings.links),
    batchBytesMax: tree.parameters.blockBytesMax + BATCH_BYTES_BESIDES_BLOCK,
    jitter: new Prng(settings.seed).stream(`${name} reconnect`),
    nowUs: systemNowUs,
    lateness: (lateUs) => metrics.observe("forklab_shaper_lateness_seconds", Math.max(0, lateUs) / 1e6),
    log: (level, event, facts) => log[level](facts, event),
  });
}

function makeDiscovery(
  settings: NodeSettings,
  { name, path }: HeldFolder,
  links: UndiciTransport,
  { log, fatal }: NodeProcess,
): ProcessDiscovery {
  const draws = new Prng(settings.seed).stream(`${name} discovery`);
  return new ProcessDiscovery(
    { ...settings, countMax: NODE_KNOWN_COUNT_MAX, draws },
    { folder: path, links, log, fatal },
  );
}

function makeMiner(host: Host, settings: NodeSettings, name: string, fatal: (error: unknown) => void) {
  const { mine: mode, hashRate: hashesPerSec } = settings;
  const { tree, tip } = host.machine;
  if (tree.parameters.seal === "hash")
    return new HashMiner(host, { mode, hashesPerSec, nowUs: systemNowUs, onFailure: fatal });
  // A node that comes back must not draw again what it drew before.
  const life = tip.header.height === 0 ? "" : ` from height ${tip.header.height}`;
  const draws = new Prng(settings.seed).stream(`${name} mining${life}`);
  return new DrawnMiner(host, { mode, hashesPerSec, draws, nowUs: systemNowUs });
}

function httpMetrics(metrics: MetricRegistry, sampler: NodeSampler) {
  return {
    contentType: metrics.contentType,
    text: () => {
      sampler.updateGauges();
      return metrics.text();
    },
    served: (route: string, method: string, status: number, seconds: number) => {
      metrics.add("forklab_http_requests_total", 1, { route, method, status: String(status) });
      metrics.observe("forklab_http_request_seconds", seconds, { route, method });
    },
    routeAdded: (route: string, method: string) => {
      for (const status of ["200", "500"])
        metrics.add("forklab_http_requests_total", 0, { route, method, status });
    },
  };
}

/** The address under which peers reach this node. */
async function listen(server: HttpServer, settings: NodeSettings, folder: NodeFolder): Promise<string> {
  const { host, port } = settings;
  try {
    const actualPort = await server.listen(host, port);
    return settings.url ?? urlOf(host, actualPort);
  } catch (error) {
    folder.close();
    throw listenError(error, host, port);
  }
}
