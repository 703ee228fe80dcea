import type { Operations } from '../../operations/pipeline.ts';
import type { Admission } from '../admission/admission.ts';
import type { HeldBytes } from '../net/held-bytes.ts';
import type { TrustedProxies } from '../trusted-proxies.ts';
import type { BrowserGuard } from './browser-guard.ts';

/** What all endpoints of calls share. */
export interface CallEndpointOptions {
  readonly operations: Operations;
  readonly guard: BrowserGuard;
  readonly admission: Admission;
  readonly proxies: TrustedProxies;
  /** Where bodies are counted while they wait for their end. */
  readonly heldBytes: HeldBytes;
  /** Whether the server is stopping: calls that arrive now are refused UNAVAILABLE. */
  isDraining(): boolean;
}
