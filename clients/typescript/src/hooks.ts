/** Tells a hook of the caller's. Nothing that it throws or rejects with comes of it, and it is not waited for. */
export function tell<About>(hook: ((about: About) => unknown) | undefined, about: About): void {
  const telling = async () => hook?.(about);
  telling().catch(() => {});
}
