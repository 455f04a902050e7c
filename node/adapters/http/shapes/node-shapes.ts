import * as z from "zod";
import { RELEASE_REASONS } from "../../../core/discovery/link-keeper.ts";
import { MINING_MODES } from "../../../ports/mining-control.ts";
import { linkConditionsSchema } from "../../../schemas/link-conditions-schema.ts";
import { count, decimal, hash, height } from "./plain-shapes.ts";

export const statusShape = z
  .object({
    name: z.string(),
    version: z.string(),
    genesis: hash(),
    chain: z.object({ name: z.string(), seal: z.enum(["hash", "drawn"]), blockReward: decimal() }),
    height: height(),
    tip: hash(),
    work: decimal(),
    mempool: z.object({ count: count(), bytes: count() }),
    peers: z.object({ count: count(), up: count() }),
    storage: z.object({ damagedCount: count(), missingCount: count() }),
    mining: z.object({
      mode: z.enum(MINING_MODES),
      hashesPerSecAsked: z.number(),
      hashesPerSecAchieved: z.number().nullable(),
    }),
    eventLoopLagMs: z.object({ p50: z.number().nullable(), p99: z.number().nullable() }),
    notReady: z.array(z.object({ code: z.string(), text: z.string() })),
    uptimeSec: z.number(),
    minerAccount: hash(),
    coins: decimal(),
    coinsExpected: decimal(),
  })
  .meta({ id: "Status" });

export const readinessShape = z
  .object({
    ready: z.literal(true),
    height: height(),
    tipAgeSec: z.number(),
    peers: z.object({ count: count(), up: count() }),
  })
  .meta({ id: "Readiness" });

export const peerShape = z
  .object({
    name: z.string().nullable(),
    url: z.string(),
    up: z.boolean(),
    link: count().nullable(),
    tip: z.object({ hash: hash(), height: height() }).nullable(),
    sentMessages: count(),
    sentBytes: count(),
    passedOver: count(),
    lastFailure: z.string().nullable(),
    lastStatus: count().nullable(),
  })
  .meta({ id: "Peer" });

const banShape = z
  .object({
    name: z.string(),
    url: z.string(),
    code: z.string(),
    reason: z.string(),
    bannedAtMs: z.number(),
    untilMs: z.number(),
    count: count(),
  })
  .meta({ id: "Ban" });

const releaseShape = z
  .object({
    name: z.string(),
    url: z.string(),
    code: z.enum(["removed", ...RELEASE_REASONS]),
    reason: z.string(),
    releasedAtMs: z.number(),
    untilMs: z.number(),
  })
  .meta({ id: "Release" });

export const peersShape = z
  .object({ peers: z.array(peerShape), bans: z.array(banShape), releases: z.array(releaseShape) })
  .meta({ id: "Peers" });

export const linkConditionsShape = linkConditionsSchema.meta({ id: "LinkConditions" });

export const miningShape = z
  .object({ mode: z.enum(MINING_MODES), hashesPerSec: z.number() })
  .meta({ id: "Mining" });

export const probeShape = z
  .object({ reached: z.boolean(), oneWayMs: z.number().nullable(), roundTripMs: z.number().nullable() })
  .meta({ id: "Probe" });

export const measureShape = z
  .object({
    sent: z.boolean(),
    oneWayMs: z.number().nullable(),
    spacingMs: z.number().nullable(),
    spacingBytes: z.number().nullable(),
  })
  .meta({ id: "Measure" });

/** `port` may come as a text of digits, and goes out as a number. */
export const nodeEntryShape = z
  .object({ ip_address: z.string(), port: z.int().min(1).max(65_535) })
  .meta({ id: "NodeEntry", description: "A node as registries tell of it." });
