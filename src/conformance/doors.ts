import type { Client } from '@grpc/grpc-js';
import type { Entrance, EntranceName } from './entrance.ts';
import { authFormEntrance, authGetEntrance, authJsonEntrance } from './entrances/auth.ts';
import { connectJsonEntrance } from './entrances/connect-json.ts';
import { connectEntrance, grpcOnHttpEntrance, grpcWebEntrance } from './entrances/connect-transports.ts';
import { grpcEntrance, openGrpcClient } from './entrances/grpc.ts';
import { HttpClient } from './http-client.ts';
import { Patience } from './patience.ts';
import type { Target } from './target.ts';

/** Every connection of a run. */
export interface Doors {
  /** In the order of the table. */
  readonly entrances: readonly Entrance[];
  readonly http: HttpClient;
  /** The gRPC port; null when it is not asked. */
  readonly grpc: Client | null;
  close(): void;
}

/** Prepares the connections; each is made when it is first used. `entrances` names those to prepare, null all. */
export function openDoors(target: Target & { readonly entrances: readonly EntranceName[] | null }): Doors {
  const isAsked = (name: EntranceName): boolean => target.entrances?.includes(name) ?? true;
  const patience = new Patience();
  const http = new HttpClient(target, patience);
  const { grpcAddress } = target;
  const grpc = grpcAddress !== null && isAsked('grpc') ? openGrpcClient(target, grpcAddress) : null;
  const openers: Readonly<Record<EntranceName, () => Entrance | null>> = {
    'auth-get': () => authGetEntrance(http),
    'auth-json': () => authJsonEntrance(http),
    'auth-form': () => authFormEntrance(http),
    'connect-json': () => connectJsonEntrance(http, patience),
    connect: () => connectEntrance(target, patience),
    'grpc-web': () => grpcWebEntrance(target, patience),
    'grpc-on-http': () => grpcOnHttpEntrance(target, patience),
    grpc: () => (grpc === null ? null : grpcEntrance(grpc, patience)),
  };
  const entrances = Object.entries(openers).flatMap(([name, open]) => {
    const entrance = isAsked(name as EntranceName) ? open() : null;
    return entrance === null ? [] : [entrance];
  });
  return {
    entrances,
    http,
    grpc,
    close() {
      for (const entrance of entrances) {
        entrance.close();
      }
      grpc?.close();
      http.close();
    },
  };
}
