import type { Decoded } from "../../core/chain/bytes.ts";

/** The fields of a payload that is a flat JSON object: values are scalars, or lists of them. */
export type Fields = Readonly<Record<string, unknown>>;

/** Decodes one field; what is wrong goes to `Faults`, and then the value is of no use. */
type FieldOf<T> = (value: unknown) => T | null;

/**
 * Decodes a payload whose fields `decoders` name, all of them and no others. The first problem is the fault, with the field's name. A field whose
 * decoder takes undefined may be left out. Pure, because the rules of a chain depend on it.
 */
export function decodePayload<T extends object>(
  payload: string,
  decoders: { readonly [K in keyof T]: Field<T[K]> },
): Decoded<T> {
  const fields = fieldsOf(payload);
  if (fields === null) return { value: null, fault: "the text of one flat JSON object expected" };
  const names = Object.keys(decoders);
  const stranger = Object.keys(fields).find((name) => !names.includes(name));
  if (stranger !== undefined) return { value: null, fault: `${stranger.slice(0, 40)}: no such field` };
  const decoded: Record<string, unknown> = {};
  for (const name of names) {
    const { decode, expected } = decoders[name as keyof T];
    const value = decode(Object.hasOwn(fields, name) ? fields[name] : undefined);
    if (value === null) return { value: null, fault: `${name}: ${expected}` };
    if (value !== undefined) decoded[name] = value;
  }
  return { value: decoded as T, fault: null };
}

/** How a field is decoded: null is a fault. */
export interface Field<T> {
  readonly decode: FieldOf<T>;
  /** In words, for the fault. */
  readonly expected: string;
}

/** The fields, or null: no JSON, no object, objects in it, or a name twice, which readers take in different ways. */
export function fieldsOf(payload: string): Fields | null {
  let value: unknown;
  try {
    value = JSON.parse(payload);
  } catch {
    // Whatever the parser says, to the rules it is all one.
    return null;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  const isFlat = Object.values(value).every(
    (each) => isScalar(each) || (Array.isArray(each) && each.every(isScalar)),
  );
  return isFlat && colonsOf(payload) === Object.keys(value).length ? (value as Fields) : null;
}

function isScalar(value: unknown): boolean {
  return value === null || typeof value !== "object";
}

/** Colons outside of texts: in a flat object as many as names. */
function colonsOf(json: string): number {
  return json.replaceAll(/"(?:[^"\\]|\\.)*"/gs, "").split(":").length - 1;
}

/** Text of 1 to so many characters. */
export function text(lengthMax: number): Field<string> {
  const decode = (value: unknown) => (isText(value, lengthMax) ? value : null);
  return { decode, expected: `a text of 1 to ${lengthMax} characters expected` };
}

/** The same, or a whole number from 0 on, which stays one. */
export function textOrNumber(lengthMax: number): Field<string | number> {
  const { decode, expected } = text(lengthMax);
  return {
    decode: (value) => (Number.isSafeInteger(value) && Number(value) >= 0 ? Number(value) : decode(value)),
    expected: `${expected}, or a whole number`,
  };
}

/** A whole number from 0 to `max`. */
export function wholeNumber(max: number): Field<number> {
  return {
    decode: (value) =>
      Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= max ? Number(value) : null,
    expected: `a whole number from 0 to ${max} expected`,
  };
}

/** One of these texts. */
export function oneOf<const T extends string>(...texts: readonly T[]): Field<T> {
  return {
    decode: (value) => texts.find((each) => each === value) ?? null,
    expected: `${texts.join(" or ")} expected`,
  };
}

/** Smallest units of the coin as decimal text, from 1 to 2^64 - 1. */
export function amount(): Field<bigint> {
  return {
    decode: (value) => (typeof value === "string" && /^[1-9]\d{0,19}$/.test(value) ? amountIn(value) : null),
    expected: "an amount from 1 to 2^64 - 1 as decimal text expected",
  };
}

/** May be left out. */
export function optional<T>({ decode, expected }: Field<T>): Field<T | undefined> {
  return { decode: (value) => (value === undefined ? undefined : decode(value)), expected };
}

function amountIn(digits: string): bigint | null {
  const value = BigInt(digits);
  return value < 2n ** 64n ? value : null;
}

/** Characters are code points, so that one is one in whatever script. */
function isText(value: unknown, lengthMax: number): value is string {
  if (typeof value !== "string" || value === "" || value.length > 2 * lengthMax || !value.isWellFormed())
    return false;
  return value.length <= lengthMax || [...value].length <= lengthMax;
}
