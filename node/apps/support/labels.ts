/** Characters of a name: of an author, a player, an account, a match. */
export const NAME_LENGTH_MAX = 100;
