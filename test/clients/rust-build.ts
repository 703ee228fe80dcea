import { ROOT } from '../support/readme-blocks.ts';

/**
 * One folder and one profile for all that Cargo builds here, so that crates which two of them share are compiled once:
 * another value of any of these compiles every crate anew. Without what only debuggers read they are under half the size.
 */
export const RUST_BUILD = {
  CARGO_TARGET_DIR: `${ROOT}clients/rust/target`,
  CARGO_PROFILE_DEV_DEBUG: '0',
  CARGO_INCREMENTAL: '0',
};
