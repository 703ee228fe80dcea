import type { OpenStore } from './engine.ts';
import { type AppliedMigration, type KnownSchema, refuseUnfit } from './migrator.ts';
import { type Runner, storageOver } from './operations.ts';

/** A store that is open, over what runs its operations. */
export function openStore(runner: Runner, place: string, known: KnownSchema): OpenStore {
  return {
    ...storageOver(runner),
    write: (name, args, origin) => runner.write(name, args, origin),
    async checkSchema() {
      refuseUnfit(place, (await runner.read('appliedMigrations', [])) as readonly AppliedMigration[], known);
    },
  };
}
