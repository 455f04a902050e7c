import { type Figure, figure } from "./figure.ts";

/** A quantile of waiting that was not reached is later than all that was watched. */
const longestWatched: Figure["above"] = (a) => a.transactions.confirmationUs.watchedUsMax;

/** What became of the load, and whether it was handed over as asked. */
export const TRANSACTION_FIGURES: readonly Figure[] = [
  figure(
    "transactions_submitted",
    "count",
    "transactions",
    "Transactions handed to nodes.",
    (a) => a.transactions.fates.length,
  ),
  figure(
    "transactions_confirmed",
    "count",
    "transactions",
    "Of these, as deep on the final chain as `confirmations` asks.",
    (a) => a.transactions.confirmedCount,
  ),
  figure(
    "transactions_censored",
    "count",
    "transactions",
    "Of these, neither refused nor deep enough when the run ended.",
    (a) => a.transactions.censoredCount,
  ),
  figure(
    "transactions_refused",
    "count",
    "transactions",
    "Of these, refused by the node.",
    (a) => a.transactions.refusedCount,
    "refused",
  ),
  figure(
    "confirmed_ratio",
    "ratio",
    null,
    "Confirmed over submitted transactions.",
    (a) =>
      a.transactions.fates.length === 0 ? null : a.transactions.confirmedCount / a.transactions.fates.length,
    "confirmedRatio",
  ),
  figure(
    "confirmation_ms_p50",
    "us",
    "ms",
    "Time from submission until half the transactions were deep enough, the censored counted as waiting (Kaplan-Meier); of those submitted after the warm-up.",
    (a) => a.transactions.confirmationUs.p50,
    "confirmationP50",
    longestWatched,
  ),
  figure(
    "confirmation_ms_p90",
    "us",
    "ms",
    "The same, 90 %; empty if the run was too short to see it.",
    (a) => a.transactions.confirmationUs.p90,
    "confirmationP90",
    longestWatched,
  ),
  figure(
    "confirmation_ms_p99",
    "us",
    "ms",
    "The same, 99 %.",
    (a) => a.transactions.confirmationUs.p99,
    "confirmationP99",
    longestWatched,
  ),
  figure(
    "transactions_per_s_asked",
    "number",
    "transactions/s",
    "Transactions due by the end of the recording, over its length.",
    (a) => a.load.perSec.asked,
  ),
  figure(
    "transactions_per_s_achieved",
    "number",
    "transactions/s",
    "Transactions handed to nodes, over the same.",
    (a) => a.load.perSec.achieved,
  ),
  figure(
    "load_lateness_ms_p99",
    "us",
    "ms",
    "How late transactions were handed over, 99 %.",
    (a) => a.load.latenessUs.p99,
  ),
  figure("load_lateness_ms_max", "us", "ms", "How late the latest was.", (a) => a.load.latenessUsMax),
  figure(
    "fault_lateness_ms_max",
    "us",
    "ms",
    "How late the latest fault was applied.",
    (a) => a.faultLatenessUsMax,
  ),
];
