/** Who waits, by group: groups in turn, within one the first that came. Holds nothing of groups of whom nobody waits. */
export class Turns<Item> {
  /** In the order of their turns. */
  readonly #groups = new Map<string | null, Item[]>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push(group: string | null, item: Item): void {
    const items = this.#groups.get(group);
    if (items === undefined) {
      this.#groups.set(group, [item]);
    } else {
      items.push(item);
    }
    this.#size += 1;
  }

  remove(group: string | null, item: Item): void {
    const items = this.#groups.get(group) ?? [];
    const index = items.indexOf(item);
    if (index >= 0) {
      items.splice(index, 1);
      this.#size -= 1;
      if (items.length === 0) {
        this.#groups.delete(group);
      }
    }
  }

  /** Takes out whose turn it is of the groups that may go; undefined where none of them waits. */
  next(mayGo: (group: string | null) => boolean): Item | undefined {
    for (const [group, items] of this.#groups) {
      const [item] = items;
      if (item === undefined || !mayGo(group)) {
        continue;
      }
      items.shift();
      this.#size -= 1;
      // To the end.
      this.#groups.delete(group);
      if (items.length > 0) {
        this.#groups.set(group, items);
      }
      return item;
    }
    return undefined;
  }

  /** Takes all out. */
  drain(): readonly Item[] {
    const items = [...this.#groups.values()].flat();
    this.#groups.clear();
    this.#size = 0;
    return items;
  }

  /** How many would go if each group had so much room. */
  count(roomOf: (group: string | null) => number): number {
    let count = 0;
    for (const [group, { length }] of this.#groups) {
      count += Math.min(length, roomOf(group));
    }
    return count;
  }
}
