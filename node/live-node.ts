import type { Logger } from "pino";
import type { DiscoveryTelemetry } from "./adapters/discovery/live-discovery.ts";
import { EventRing } from "./adapters/events/event-ring.ts";
import { EventTelemetry } from "./adapters/events/event-telemetry.ts";
import { HttpServer } from "./adapters/http/http-server.ts";
import { type BodyOf, ChainIndex, INDEXED_COUNT_MAX } from "./adapters/index/chain-index.ts";
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
import { SERVED_ROUTES } from "./all-routes.ts";
import { APPLICATIONS, labelsOf } from "./apps/applications.ts";
import type { NodeSettings } from "./config.ts";
import { Protocol } from "./core/machine/protocol.ts";
import { BlockTree } from "./core/state/block-tree.ts";
import { Prng } from "./core/support/prng.ts";
import { DamageLog } from "./damage-log.ts";
import { type HeldFolder, holdFolder } from "./hold-folder.ts";
import { Host } from "./host/host.ts";
import { HostPort } from "./host/host-port.ts";
import { TelemetryFanOut } from "./host/telemetry-fan-out.ts";
import { logTelemetry } from "./log-telemetry.ts";
import { type NodeFolder, openFolder, readChain, readLinks, restoreBlocks } from "./node-files.ts";
import { openKeys } from "./node-keys.ts";
import { readinessOf } from "./node-readiness.ts";
import { NodeSampler } from "./node-sampler.ts";
import { NODE_KNOWN_COUNT_MAX, ProcessDiscovery } from "./process-discovery.ts";
import { blockListOf } from "./schemas/network.ts";
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

/** Bytes of a batch besides a block of the largest size: what others gather for one, with the largest transaction on top, and frames. */
const BATCH_BYTES_BESIDES_BLOCK = 512 * 1024;

/** After which a start is over, ms: what is asked of a new node first is answered by then. */
const SETTLED_AFTER_MS = 3_000;

/** Composes a node: settings to adapters to host. Throws `StartError` or `StorageError` for people when it cannot be. */
export async function startNode(settings: NodeSettings, process: NodeProcess): Promise<LiveNode> {
  const crypto = new NodeCrypto();
  const tree = makeTree(settings, crypto);
  const held = holdFolder(settings);
  const { name } = held;
  const metrics = new MetricRegistry(name);
  metrics.startAtZero();
  const transport = makeTransport(settings, name, tree, metrics, process.log, crypto);
  const damages = new DamageLog(process.log, metrics);
  const keysIn = (path: string) => openKeys(path, settings, process.log);
  const folder = openFolder(held, tree, keysIn, (damage) => damages.note(damage));
  const feed = new EventRing(systemNowUs());
  const counts = new MetricsTelemetry(metrics);
  const alarm = new TimerAlarm();
  const lateMiner = new LateMiner();
  const events = new EventTelemetry((type, fields) => feed.add(type, fields));
  const queries = makeIndex(tree, (block) => host.bodyOf(block, systemNowUs()));
  const ports = {
    transport,
    alarm,
    store: folder.store,
    miner: lateMiner,
    telemetry: new TelemetryFanOut([counts, events, queries, logTelemetry(process.log)]),
  };
  const protocol = new Protocol(tree, new HostPort(ports), {
    relay: settings.relay,
    mempoolBytesMax: settings.mempoolBytes,
    freeBytesPerSec: settings.freeRelay,
  });
  const host = new Host(protocol, ports, { view: VIEW, minerAccount: folder.keys.signer.publicKey });
  alarm.onWake = (nowUs) => host.wake(nowUs);
  const start = damages.restored(restoreBlocks(host, folder.store, systemNowUs(), counts));
  // Nobody was told of what was restored.
  queries.tipChanged(VIEW, host.machine.tip);
  const mining = makeMiner(host, settings, name, process.fatal);
  lateMiner.current = mining;
  const discovery = makeDiscovery(settings, held, { links: transport, metrics }, process);
  const sampled = { name, host, mining, transport, metrics, counts, feed, damages, nowUs: systemNowUs };
  const sampler = new NodeSampler({ ...sampled, knownCounts: () => discovery.knownCounts() });
  let url = "";
  const server = new HttpServer({
    host,
    ...SERVED_ROUTES,
    ownUrl: () => url,
    ...folder.keys,
    verifyLater: crypto.verifyLater,
    queries,
    peers: transport,
    inbox: transport,
    directory: discovery.directory,
    feed,
    mining,
    metrics: httpMetrics(metrics, sampler, process.log),
    nowUs: systemNowUs,
    status: () => sampler.status(),
    readiness: () => readinessOf(host.machine, transport, queries, systemNowUs()),
    controlToken: settings.controlToken,
    controlFrom: settings.controlFrom,
    clientRatePerSec: settings.clientRate,
    shutdown: process.shutdown,
    fatal: process.fatal,
  });
  url = await listen(server, settings, folder);
  transport.start(host, url, (work) => folder.store.atOnce(work));
  for (const peer of settings.peer ?? []) void transport.add(peer, null);
  discovery.start(url);
  sampler.start();
  host.start();
  const genesis = tree.genesis.hash;
  const restoredCount = counts.heldCount;
  process.log.info({ name, url, genesis, dir: folder.path, restoredCount, ...start }, "started");
  setTimeout(settleDown, SETTLED_AFTER_MS).unref();
  const close = () => closeAll([discovery, sampler, alarm, queries], [server, transport, mining], folder);
  return { name, url, genesis, close };
}

/** What makes others work first, then what answers them, the folder last. */
async function closeAll(
  starters: readonly { close(): void }[],
  answerers: readonly { close(): Promise<void> | void }[],
  folder: NodeFolder,
): Promise<void> {
  for (const part of starters) part.close();
  await Promise.all(answerers.map((part) => part.close()));
  folder.close();
}

function makeTree(settings: NodeSettings, crypto: NodeCrypto): BlockTree {
  return new BlockTree(
    readChain(settings.chain),
    { viewCount: 1, linkCountMax: LINK_COUNT_MAX },
    {
      sha256: (bytes) => crypto.sha256(bytes),
      verify: (publicKey, message, signature) => crypto.verify(publicKey, message, signature),
      applications: APPLICATIONS,
    },
  );
}

function makeIndex(tree: BlockTree, bodyOf: BodyOf): ChainIndex {
  return new ChainIndex(
    tree.genesis,
    (block) => block.transactions ?? bodyOf(block),
    INDEXED_COUNT_MAX,
    labelsOf,
  );
}

function makeTransport(
  settings: NodeSettings,
  name: string,
  tree: BlockTree,
  metrics: MetricRegistry,
  log: Logger,
  crypto: NodeCrypto,
): UndiciTransport {
  return new UndiciTransport({
    name,
    tree,
    networks: blockListOf(settings.discoverIn),
    conditions: readLinks(settings.links),
    batchBytesMax: tree.parameters.blockBytesMax + BATCH_BYTES_BESIDES_BLOCK,
    verifyLater: crypto.verifyLater,
    jitter: new Prng(settings.seed).stream(`${name} reconnect`),
    nowUs: systemNowUs,
    lateness: (lateUs) => metrics.observe("forklab_shaper_lateness_seconds", Math.max(0, lateUs) / 1e6),
    banned: (code) => metrics.add("forklab_peer_bans_total", 1, { reason: code }),
    released: (code) => metrics.add("forklab_peer_releases_total", 1, { reason: code }),
    log: (level, event, facts) => log[level](facts, event),
  });
}

function makeDiscovery(
  settings: NodeSettings,
  { name, path }: HeldFolder,
  { links, metrics }: { readonly links: UndiciTransport; readonly metrics: MetricRegistry },
  { log, fatal }: NodeProcess,
): ProcessDiscovery {
  const draws = new Prng(settings.seed).stream(`${name} discovery`);
  const telemetry: DiscoveryTelemetry = {
    refreshed: (outcome) => metrics.add("forklab_discovery_refreshes_total", 1, { outcome }),
    askFailed: (ask) => metrics.add("forklab_discovery_failures_total", 1, { ask }),
  };
  return new ProcessDiscovery(
    { ...settings, countMax: NODE_KNOWN_COUNT_MAX, draws },
    { folder: path, links, telemetry, log, fatal },
  );
}

function makeMiner(host: Host, settings: NodeSettings, name: string, fatal: (error: unknown) => void) {
  const { mine: mode, hashRate: hashesPerSec } = settings;
  const { tree, tip } = host.machine;
  if (tree.parameters.seal === "hash")
    return new HashMiner(host, {
      mode,
      hashesPerSec,
      threadCount: settings.miners,
      nowUs: systemNowUs,
      onFailure: fatal,
    });
  // A node that comes back must not draw again what it drew before.
  const life = tip.header.height === 0 ? "" : ` from height ${tip.header.height}`;
  const draws = new Prng(settings.seed).stream(`${name} mining${life}`);
  return new DrawnMiner(host, { mode, hashesPerSec, draws, nowUs: systemNowUs });
}

function httpMetrics(metrics: MetricRegistry, sampler: NodeSampler, log: Logger) {
  const isTold = log.isLevelEnabled("debug");
  return {
    contentType: metrics.contentType,
    text: () => {
      sampler.updateGauges();
      return metrics.text();
    },
    served: (route: string, method: string, status: number, seconds: number) => {
      metrics.add("forklab_http_requests_total", 1, { route, method, status: String(status) });
      metrics.observe("forklab_http_request_seconds", seconds, { route, method });
      // The pattern and never the address or a header, where secrets may stand.
      if (isTold) log.debug({ method, route, status, ms: seconds * 1_000 }, "served");
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
