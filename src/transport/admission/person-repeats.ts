import { type Manner, Repeats } from './repeats.ts';

/** So many persons of one connection are remembered, those who were told last. */
const MOST_PERSONS = 32;

interface Person {
  readonly repeats: Repeats;
  readonly toldAt: number;
}

/** A refusal; in milliseconds that never go back, but for `random`, from 0 to 1. */
export interface RefusedCall {
  readonly arrivedAt: number;
  readonly now: number;
  readonly waitMs: number;
  readonly random: number;
}

/**
 * Persons who were told to wait on one connection, as by ACCOUNT_LOCKED. A backend's carries the calls of many, and whose a call is is
 * known only when it is answered: so each person is counted apart, and what one repeats slows no other's answer.
 */
export class PersonRepeats {
  /** The last told last. */
  readonly #persons = new Map<string, Person>();

  /** One person's call was refused; whether it had come before its time, and how that is to be told. */
  refuse(
    name: string,
    { arrivedAt, now, waitMs, random }: RefusedCall,
  ): { readonly isEarly: boolean; readonly manner: Manner } {
    const { repeats, toldAt } = this.#persons.get(name) ?? this.#newPerson();
    // What was on its way before the person was told could not know of it.
    const isEarly = arrivedAt >= toldAt && repeats.arrive(arrivedAt);
    const manner = repeats.refuse(now, waitMs, random);
    this.#persons.delete(name);
    this.#persons.set(name, { repeats, toldAt: now + manner.holdMs });
    return { isEarly, manner };
  }

  /** A call was served. */
  serve(): void {
    this.#persons.clear();
  }

  #newPerson(): Person {
    const oldest = this.#persons.keys().next();
    if (this.#persons.size >= MOST_PERSONS && !oldest.done) {
      this.#persons.delete(oldest.value);
    }
    return { repeats: new Repeats({ isKnown: false, isShared: false }), toldAt: Number.NEGATIVE_INFINITY };
  }
}
