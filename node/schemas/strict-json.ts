import { isUtf8 } from "node:buffer";
import type { DecodedValue } from "./decode.ts";

/** Arrays and objects within one another: the deepest body of the API has 4, and what is deeper is an attack or a mistake. */
export const JSON_DEPTH_MAX = 16;

/** Keys that every object of JavaScript answers to: whoever sends one is after a program's prototypes. */
const PROTOTYPE_KEYS: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

/**
 * A body as JSON, without what JSON.parse lets pass and readers take in different ways: bytes that are no UTF-8, keys that come twice, keys of
 * prototypes, numbers that a double does not hold, and nesting without end. Source: RFC 8259, sections 4, 6, 8.1 and 9, and RFC 7493 (I-JSON).
 */
export function parseStrictJson(bytes: Uint8Array): DecodedValue<unknown> {
  if (!isUtf8(bytes)) return { ok: false, fault: "not JSON: the bytes are not UTF-8" };
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { ok: false, fault: `not JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
  const fault = faultIn(text);
  return fault === null ? { ok: true, value } : { ok: false, fault: `not JSON that is taken here: ${fault}` };
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** What is wrong with a text that JSON.parse has taken, so its grammar is known to be right. */
function faultIn(text: string): string | null {
  /** Of the objects and arrays around: the keys seen, null in an array. */
  const around: (Set<string> | null)[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      const end = endOfString(text, at);
      const keys = around.at(-1) ?? null;
      const fault = keys !== null && isKey(text, end) ? keyFault(text.slice(at, end), keys) : null;
      if (fault !== null) return fault;
      at = end - 1;
    } else if (code === 0x7b || code === 0x5b) {
      if (around.length === JSON_DEPTH_MAX) return `nested more than ${JSON_DEPTH_MAX} deep`;
      around.push(code === 0x7b ? new Set() : null);
    } else if (code === 0x7d || code === 0x5d) {
      around.pop();
    } else if (code === 0x2d || (code >= 0x30 && code <= 0x39)) {
      const end = endOfNumber(text, at);
      const number = text.slice(at, end);
      if (Math.abs(Number(number)) > Number.MAX_SAFE_INTEGER)
        return `a number beyond 2^53 - 1: ${number.slice(0, 40)}`;
      at = end - 1;
    }
  }
  return null;
}

/** `quoted`: with its quotes. */
function keyFault(quoted: string, keys: Set<string>): string | null {
  const key: unknown = quoted.includes("\\") ? JSON.parse(quoted) : quoted.slice(1, -1);
  const name = String(key);
  if (PROTOTYPE_KEYS.has(name)) return `the key ${name}`;
  if (keys.has(name)) return `the key ${JSON.stringify(name.slice(0, 40))} twice`;
  keys.add(name);
  return null;
}

/** Behind the closing quote of the string that opens at `start`. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  for (; isEscaped(text, end); end = text.indexOf('"', end + 1));
  return end + 1;
}

function isEscaped(text: string, at: number): boolean {
  let first = at;
  while (text.charCodeAt(first - 1) === BACKSLASH) first -= 1;
  return (at - first) % 2 === 1;
}

function isKey(text: string, behind: number): boolean {
  let at = behind;
  while (text.charCodeAt(at) <= 0x20) at += 1;
  return text[at] === ":";
}

function endOfNumber(text: string, start: number): number {
  let end = start + 1;
  while (end < text.length && "0123456789+-.eE".includes(text.charAt(end))) end += 1;
  return end;
}
