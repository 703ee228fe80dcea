import { AuthFlowClient } from '@authflow/client';
import type { Interceptor } from '@connectrpc/connect';
import { context, propagation, ROOT_CONTEXT } from '@opentelemetry/api';
import { expect, onTestFinished, test } from 'vitest';
import { newOrganization, newSession } from './support/organization.ts';
import { rejection } from './support/rejection.ts';
import { GRPC } from './support/stand.ts';

test('interceptors see every request, in their order, and not the API key', async () => {
  const { apiKey } = await newOrganization();
  const seen: string[] = [];
  const named =
    (name: string): Interceptor =>
    (next) =>
    async (request) => {
      seen.push(`${name} ${request.method.name} ${request.header.get('x-api-key')}`);
      return next(request);
    };
  const client = new AuthFlowClient({ address: GRPC, apiKey, interceptors: [named('outer'), named('inner')] });
  await client.fooBar({ identity: 'ada@example.com' });
  expect(seen).toEqual(['outer FooBar null', 'inner FooBar null']);
  client.close();
});

test("an interceptor's own failure is the call's", async () => {
  const { apiKey } = await newOrganization();
  const failing: Interceptor = () => () => Promise.reject(new TypeError('no span'));
  const client = new AuthFlowClient({ address: GRPC, apiKey, interceptors: [failing] });
  expect(await rejection(client.fooBar({ identity: 'ada@example.com' }))).toMatchObject({ message: 'no span' });
  client.close();
});

test("OpenTelemetry's context goes along as a header", async () => {
  propagation.setGlobalPropagator({
    inject: (_, carrier, setter) => setter.set(carrier, 'traceparent', '00-trace-span-01'),
    extract: () => ROOT_CONTEXT,
    fields: () => ['traceparent'],
  });
  onTestFinished(() => propagation.disable());
  const { apiKey } = await newOrganization();
  const sent: (string | null)[] = [];
  const tracing: Interceptor = (next) => (request) => {
    propagation.inject(context.active(), request.header, { set: (header, name, value) => header.set(name, value) });
    return next(request);
  };
  const last: Interceptor = (next) => (request) => {
    sent.push(request.header.get('traceparent'));
    return next(request);
  };
  const client = new AuthFlowClient({ address: GRPC, apiKey, interceptors: [tracing, last] });
  await newSession(client);
  expect(sent).toEqual(Array.from({ length: 4 }, () => '00-trace-span-01'));
  client.close();
});
