/** How the command ended, as its exit code. Shown under every `--help`. */
export const EXIT = {
  ok: 0,
  refused: 1,
  usage: 2,
  store: 3,
  internal: 70,
} as const;

/** One of {@link EXIT}. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The part of every help text that explains the codes. */
export const EXIT_HELP = `
Exit codes:
  0   done
  1   refused by a rule (unknown organization, name taken …), a failed check of doctor (a database that it cannot
      reach, too), health or conformance, a stop that was cut short, a restore, copy or import that was stopped, a
      copy whose sides do not fit, or an import that refused lines
  2   wrong usage, as a command that is not for PostgreSQL, or wrong settings (every fault is named; "authflow config"
      shows the settings in force)
  3   the store is missing, moved, in use, cannot be reached, does not fit this release or secret, or is on a
      PostgreSQL that cannot hold one; or a port is in use
  70  a fault of AuthFlow itself, or server processes (AUTHFLOW_WORKERS) that ended three times within ten seconds
`;
