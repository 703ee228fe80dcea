import type { Register } from './command.ts';

/** One group of commands, loaded when it is named or when help is asked for. */
export interface CommandGroup {
  readonly name: string;
  readonly load: () => Promise<{ readonly register: Register }>;
}

/** Every group, in the order of the help text. */
export const COMMAND_GROUPS: readonly CommandGroup[] = [
  { name: 'serve', load: () => import('./serve.ts') },
  { name: 'org', load: () => import('./org.ts') },
  { name: 'key', load: () => import('./key.ts') },
  { name: 'user', load: () => import('./user.ts') },
  { name: 'session', load: () => import('./session.ts') },
  { name: 'mail', load: () => import('./mail.ts') },
  { name: 'signing-key', load: () => import('./signing-key.ts') },
  { name: 'secret', load: () => import('./secret.ts') },
  { name: 'audit', load: () => import('./audit.ts') },
  { name: 'admin-token', load: () => import('./admin-token.ts') },
  { name: 'migrate', load: () => import('./migrate.ts') },
  { name: 'backup', load: () => import('./backup.ts') },
  { name: 'restore', load: () => import('./restore.ts') },
  { name: 'copy', load: () => import('./copy.ts') },
  { name: 'doctor', load: () => import('./doctor.ts') },
  { name: 'health', load: () => import('./health.ts') },
  { name: 'conformance', load: () => import('./conformance.ts') },
  { name: 'config', load: () => import('./config.ts') },
  { name: 'version', load: () => import('./version.ts') },
];
