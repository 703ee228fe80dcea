// Fills the store of the environment (AUTHFLOW_DATA_DIR, AUTHFLOW_DATABASE_URL …), which must be new, with users, organizations and
// live sessions: `npm run generate:store -- [users] [organizations] [sessions] [seed] [instant]`. The same seed and instant are the
// same rows. One hash of one password serves all users: "correct horse battery staple".
import { fillStore } from './store/make-store.js';
import { LARGE } from './store/rows.js';

const [users, organizations, sessions, seed = 'AuthFlow', at] = process.argv.slice(2);
const shape = {
  users: Number(users ?? LARGE.users),
  organizations: Number(organizations ?? LARGE.organizations),
  sessions: Number(sessions ?? LARGE.sessions),
  seed,
  at: at === undefined ? Date.now() : Date.parse(at),
};
const startedAt = performance.now();
await fillStore(process.env, shape);
console.log(
  `${shape.users} users, ${shape.organizations} organizations, ${shape.sessions} live sessions, seed "${seed}", for ` +
    `${new Date(shape.at).toISOString()}, in ${((performance.now() - startedAt) / 1_000).toFixed(1)} s`,
);
