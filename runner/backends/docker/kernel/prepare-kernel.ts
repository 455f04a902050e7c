import type { RunPlan } from "../../../plan.ts";
import type { DockerEngine } from "../docker-engine.ts";
import type { BuildOptions } from "../image-build.ts";
import { tryKernel } from "./kernel-trial.ts";
import { tcImage } from "./tc-image.ts";

export type KernelPreparation =
  /** `image`: of the containers that shape links; null where the nodes do. */
  { readonly ok: true; readonly image: string | null } | { readonly ok: false; readonly reason: string };

/** Makes what a plan needs whose links the kernel is to shape, and tries whether it can. Throws an `EngineError`. */
export async function prepareKernel(
  engine: DockerEngine,
  plan: RunPlan,
  options: BuildOptions,
): Promise<KernelPreparation> {
  if (plan.enforce === "node") return { ok: true, image: null };
  const image = await tcImage(engine, options);
  const lack = await tryKernel(engine, image, plan);
  return lack === null ? { ok: true, image } : { ok: false, reason: lack };
}
