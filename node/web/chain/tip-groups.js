/** @import { Peer, TreeBlock } from "../types.js" */

/** Colours of the stylesheet, `tip-0` to `tip-7`; groups beyond share the last. */
const COLOUR_COUNT = 8;

/**
 * @typedef {object} TipGroup Nodes whose chains end in the same block.
 * @property {string} letter
 * @property {number} colour
 * @property {string} hash
 * @property {number} height
 * @property {string} relation To this node's chain.
 * @property {boolean} isHere This node's own.
 * @property {boolean} isKnown This node holds the block.
 * @property {readonly string[]} names
 */

/**
 * Nodes by their tips: this node's first, then the highest. A letter stays with a colour, so that neither is needed alone.
 * @param {{ readonly name: string, readonly tip: string, readonly height: number }} self
 * @param {readonly Pick<Peer, "name" | "url" | "up" | "tip">[]} peers
 * @param {readonly TreeBlock[]} blocks The newest of the tree, height ascending.
 * @returns {TipGroup[]}
 */
export function tipGroups(self, peers, blocks) {
  const told = peers.flatMap(({ name, url, up, tip }) =>
    up && tip !== null ? [{ name: name ?? url, ...tip }] : [],
  );
  const byHash = Map.groupBy(told, ({ hash }) => hash);
  const others = [...byHash]
    .filter(([hash]) => hash !== self.tip)
    .map(([hash, nodes]) => ({ hash, height: nodes[0]?.height ?? 0, names: nodes.map(({ name }) => name) }))
    .sort((a, b) => b.height - a.height || (a.hash < b.hash ? -1 : 1));
  const own = {
    hash: self.tip,
    height: self.height,
    names: [self.name, ...(byHash.get(self.tip) ?? []).map(({ name }) => name)],
  };
  const held = new Map(blocks.map((block) => [block.hash, block]));
  return [own, ...others].map((group, index) => ({
    ...group,
    letter: String.fromCharCode(65 + Math.min(index, 25)),
    colour: Math.min(index, COLOUR_COUNT - 1),
    isHere: index === 0,
    isKnown: held.has(group.hash),
    relation:
      index === 0
        ? "this node’s tip"
        : relationOf(held.get(group.hash), group.height, self.height, blocks[0]?.height ?? 0),
  }));
}

/**
 * @param {TreeBlock | undefined} block Undefined: this node does not hold it.
 * @param {number} height
 * @param {number} heightHere
 * @param {number} heightMin Of the blocks that were looked at.
 */
function relationOf(block, height, heightHere, heightMin) {
  if (block?.isBest) return `on this node’s chain, ${heightHere - height} behind`;
  if (block !== undefined) return "on a branch that this node holds and does not follow";
  if (height < heightMin) return "below what was looked at of this node’s tree";
  return height > heightHere ? "not here yet: ahead, or another branch" : "another branch, not here";
}
