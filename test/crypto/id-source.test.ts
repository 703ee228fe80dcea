import { describe, expect, test } from 'vitest';
import { RandomIdSource } from '../../src/crypto/id-source.ts';

describe('ids', () => {
  test('v4 are random UUIDs in lower case', () => {
    const ids = new RandomIdSource();
    const made = Array.from({ length: 1000 }, () => ids.uuidV4());
    expect(new Set(made).size).toBe(1000);
    for (const id of made) {
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    }
  });

  test('v7 begin with their instant and ascend within a millisecond', () => {
    const ids = new RandomIdSource();
    const made = Array.from({ length: 100_000 }, (_, index) =>
      ids.uuidV7(1_760_000_000_000 + Math.floor(index / 5000)),
    );
    expect(made[0]?.slice(0, 13)).toBe(`0${(1_760_000_000_000).toString(16)}`.replace(/^(.{8})(.{4})$/, '$1-$2'));
    expect(made.at(-1)?.replace('-', '').slice(0, 12)).toBe(`0${(1_760_000_000_019).toString(16)}`);
    expect([...made].sort()).toEqual(made);
    expect(new Set(made).size).toBe(made.length);
    for (const id of made.slice(0, 1000)) {
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    }
  });

  test('v7 of an earlier instant still sort after those made before', () => {
    const ids = new RandomIdSource();
    const later = ids.uuidV7(1_760_000_000_500);
    expect(ids.uuidV7(1_760_000_000_000) > later).toBe(true);
  });

  test('v7 of two sources at one instant differ', () => {
    const one = new RandomIdSource();
    const other = new RandomIdSource();
    const made = Array.from({ length: 1000 }, () => [one.uuidV7(1), other.uuidV7(1)]).flat();
    expect(new Set(made).size).toBe(2000);
  });
});
