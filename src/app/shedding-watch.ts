import { systemOrigin } from '../domain/audit/audit-event.ts';
import type { Clock } from '../domain/ports.ts';
import type { Logger } from '../observability/logger.ts';
import type { AuditTrail } from './audit-trail.ts';

const LOOK_EVERY_MS = 1_000;

/** So many refusals in a second are no crowd that came at once and was told to come again, but more than the server answers. */
const BEGAN_AT = 10;

/** So many looks without a refusal end it: a flood that comes back every few seconds is one. */
const ENDED_AFTER = 60;

export interface SheddingWatchOptions {
  readonly trail: Pick<AuditTrail, 'add'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Notices when the server begins to refuse calls for want of room (OVERLOADED), and when that is over: in log and audit log. */
export class SheddingWatch {
  readonly #options: SheddingWatchOptions;
  readonly #timer: NodeJS.Timeout;
  #refused = 0;
  #refusedInAll = 0;
  #quietLooks = 0;
  #isShedding = false;

  constructor(options: SheddingWatchOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS).unref();
  }

  /** A call was told OVERLOADED. */
  refused(): void {
    this.#refused += 1;
  }

  /** Tells of what has not ended. */
  stop(): void {
    clearInterval(this.#timer);
    if (this.#isShedding) {
      this.#end();
    }
  }

  #look(): void {
    const refused = this.#refused;
    this.#refused = 0;
    if (!this.#isShedding && refused >= BEGAN_AT) {
      this.#isShedding = true;
      this.#options.logger.warn('shedding_began', { refused });
      this.#tell('shedding.began', refused);
    }
    if (!this.#isShedding) {
      return;
    }
    this.#refusedInAll += refused;
    this.#quietLooks = refused > 0 ? 0 : this.#quietLooks + 1;
    if (this.#quietLooks >= ENDED_AFTER) {
      this.#end();
    }
  }

  #end(): void {
    const refused = this.#refusedInAll + this.#refused;
    this.#options.logger.info('shedding_ended', { refused });
    this.#tell('shedding.ended', refused);
    this.#isShedding = false;
    this.#refusedInAll = 0;
    this.#quietLooks = 0;
  }

  #tell(type: 'shedding.began' | 'shedding.ended', refused: number): void {
    const { trail, clock } = this.#options;
    trail.add({ type, orgId: null, details: { refused } }, systemOrigin(clock.now()));
  }
}
