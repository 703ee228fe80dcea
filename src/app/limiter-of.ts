import type { Settings } from '../config/settings.ts';
import { Budgets } from '../domain/limits/budgets.ts';
import type { Logger } from '../observability/logger.ts';
import type { Metrics } from '../observability/metrics.ts';
import { Limiter } from '../operations/limiter.ts';
import type { WorkerLink } from '../workers/worker-link.ts';

interface LimiterNeeds {
  readonly worker: WorkerLink | undefined;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

/** The limits of the settings, over buckets of this process or, of several on one machine, over those that they share. */
export function limiterOf({ limits, workers }: Settings, { worker, metrics, logger }: LimiterNeeds): Limiter {
  const now = () => performance.now();
  const onTurn = (isAlone: boolean) =>
    isAlone ? logger.warn('limits_kept_alone', { workers }) : logger.info('limits_shared_again');
  const budgets = worker?.budgets({ limits, workers, onTurn, now }) ?? new Budgets(limits, now);
  const limiter = new Limiter(budgets);
  metrics.watchLimits({ held: () => budgets.held(), refused: () => limiter.refused() });
  return limiter;
}
