import { AuthFlowClient } from '@authflow/client';
import type { Interceptor } from '@connectrpc/connect';
import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';

const tracing: Interceptor = (next) => (request) => {
  const name = `${request.service.typeName}/${request.method.name}`;
  return trace.getTracer('authflow').startActiveSpan(name, { kind: SpanKind.CLIENT }, async (span) => {
    propagation.inject(context.active(), request.header, { set: (header, key, value) => header.set(key, value) });
    try {
      return await next(request);
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  });
};

export const auth = new AuthFlowClient({ interceptors: [tracing] });
