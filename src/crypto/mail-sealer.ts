import type { CallerClass } from '../domain/caller.ts';
import type { RateLimit } from '../domain/limits/rate-limit.ts';
import type { Mail, MailRequest } from '../domain/mail/mail.ts';
import type { MailRequestRecord, NewMail, NewMailRequest, OutboxMail } from '../domain/mail/storage.ts';
import type { IdSource, MailOpener, MailSealer, Unopened } from '../domain/ports.ts';
import { type SealedBox, SealedBoxError, type SealedBoxFault, type SealedPlace } from './sealed-box.ts';

export interface BoxMailSealerOptions {
  readonly box: SealedBox;
  readonly ids: IdSource;
  /** Mails of each class of callers of an organization; null where they are not limited. */
  readonly limit: RateLimit | null;
}

/** Seals mails and requests for them as JSON in boxes, and opens these again. */
export class BoxMailSealer implements MailSealer, MailOpener {
  readonly #box: SealedBox;
  readonly #ids: IdSource;
  readonly #limit: RateLimit | null;

  constructor({ box, ids, limit }: BoxMailSealerOptions) {
    this.#box = box;
    this.#ids = ids;
    this.#limit = limit;
  }

  sealRequest(request: MailRequest, at: number): NewMailRequest {
    const { orgId, kind, email, callerClass } = request;
    const requestKey = this.#box.digest(['mail request', orgId, kind, callerClass, email]);
    const sealedRequest = this.#box.seal(requestPlace({ orgId, requestKey }), Buffer.from(JSON.stringify(request)));
    return { orgId, requestKey, callerClass, sealedRequest, at };
  }

  seal(mail: Mail, callerClass: CallerClass, at: number): NewMail {
    const { orgId, userId, kind, to } = mail;
    const mailId = this.#ids.uuidV7(at);
    const digest = (who: 'user' | 'address', id: string) =>
      this.#box.digest(['mail budget', orgId, kind, callerClass, who, id]);
    return {
      mailId,
      orgId,
      userId,
      kind,
      callerClass,
      sealedMail: this.#box.seal(mailPlace({ orgId, mailId }), Buffer.from(JSON.stringify(mail))),
      budget: { recipients: [digest('user', userId), digest('address', to)], organization: this.#limit },
      at,
    };
  }

  openRequest(record: MailRequestRecord): MailRequest | Unopened {
    return this.#opened(requestPlace(record), record.sealedRequest);
  }

  open(row: Pick<OutboxMail, 'orgId' | 'mailId' | 'sealedMail'>): Mail | Unopened {
    return this.#opened(mailPlace(row), row.sealedMail);
  }

  #opened<T>(place: SealedPlace, sealed: Uint8Array): T | Unopened {
    try {
      return JSON.parse(this.#box.open(place, sealed).toString());
    } catch (error) {
      if (!(error instanceof SealedBoxError)) {
        throw error;
      }
      return { unopened: FOR_NOW.has(error.fault) ? 'for_now' : 'for_good' };
    }
  }
}

/** What a process that knows another secret, or is of another release, may open. */
const FOR_NOW: ReadonlySet<SealedBoxFault> = new Set<SealedBoxFault>([
  'other_secret',
  'half_rotated',
  'unknown_version',
]);

/** Where a sealed mail belongs. */
export function mailPlace({ orgId, mailId }: { readonly orgId: string; readonly mailId: string }): SealedPlace {
  return { purpose: 'mail', orgId, rowId: mailId };
}

function requestPlace({ orgId, requestKey }: { readonly orgId: string; readonly requestKey: string }): SealedPlace {
  return { purpose: 'mail-request', orgId, rowId: requestKey };
}
