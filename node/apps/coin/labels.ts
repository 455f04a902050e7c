import { decodeCoinTransfer } from "./payload.ts";

/** What a name paid and was paid is found under this label. */
export function nameLabel(name: string): string {
  return `coin/name/${name}`;
}

export function coinLabels(payload: string): readonly string[] {
  const { value } = decodeCoinTransfer(payload);
  return value === null ? [] : [nameLabel(value.from), nameLabel(value.to)];
}
