import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';

/**
 * Reads until its standard input ends. That is when this process is gone, however it went, or has no more need of it. What works
 * in the folder is ended then, and the folder is removed; where it was removed before, nothing is left to do.
 */
const SCRIPT = `
cat > /dev/null
[ -d "$1" ] || exit 0
inside() {
  for process in /proc/[0-9]*; do
    case "$(readlink "$process/cwd" 2> /dev/null)/" in "$1"/*) echo "\${process#/proc/}" ;; esac
  done
}
kill -QUIT $(inside "$1") 2> /dev/null
kill -CONT $(inside "$1") 2> /dev/null
for second in 1 2 3 4 5; do
  [ -z "$(inside "$1")" ] && break
  sleep 1
done
kill -KILL $(inside "$1") 2> /dev/null
rm -rf "$1"
`;

/**
 * Ends servers with this process, even where it is killed: all whose working folder is this one or below. The folder is
 * removed. Gives the function that calls it off, for when they have ended and the folder is removed.
 */
export function endWithUs(folder: string): () => void {
  // In a session of its own, so that Ctrl-C does not reach it.
  const watchdog = spawn('sh', ['-c', SCRIPT, 'sh', folder], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    cwd: '/',
  });
  const input = watchdog.stdin as Socket;
  watchdog.unref();
  input.unref();
  return () => input.end();
}
