import type { Random } from '../random.ts';
import { EMAILS, FULLNAMES, NOBODYS_ID, type Org, PASSWORDS, PROTECTED_ROLE, type User } from './model.ts';

/** Of so many of the newest one is chosen. */
const NEWEST = 24;

/** What is drawn by chance for a call. */
export class Choices {
  readonly random: Random;
  readonly orgs: Org[] = [];
  /** Whether the next call makes no mistakes: without such calls no story gets on. */
  isCareful = false;

  constructor(random: Random) {
    this.random = random;
  }

  /** One of the newest, and of those that are good where nothing is mistaken. */
  newest<T>(items: readonly T[], isGood: (item: T) => boolean = () => true): T {
    const good = this.isCareful || this.chance(2) ? items.filter(isGood) : [];
    return this.random.pick((good.length > 0 ? good : items).slice(-NEWEST));
  }

  /** The same as {@link chance}, where this call makes mistakes at all. */
  mistake(oneIn: number): boolean {
    return !this.isCareful && this.chance(oneIn);
  }

  chance(oneIn: number): boolean {
    return this.random.below(oneIn) === 0;
  }

  anyEmail(): string {
    return this.random.pick(EMAILS);
  }

  anyFullname(): string {
    return this.random.pick(FULLNAMES);
  }

  /** For somebody new: at times too weak for anybody. */
  anyNewPassword(): string {
    return this.mistake(5) ? 'weak' : this.random.pick(this.isCareful ? PASSWORDS.slice(0, 2) : PASSWORDS);
  }

  /** That of a user more often than not. */
  anyPasswordOf(user: User | null): string {
    return this.mistake(2) ? this.random.pick(PASSWORDS) : (user?.password ?? PASSWORDS[0]);
  }

  anyRoles(): readonly string[] {
    return this.random.pick([[], ['editor'], ['editor', 'viewer'], ['viewer'], [PROTECTED_ROLE]]);
  }

  anyOrgId(own: Org | null): string {
    const others = [...this.orgs.map(({ orgId }) => orgId), NOBODYS_ID];
    return own === null || this.mistake(4) ? this.random.pick(others) : own.orgId;
  }
}
