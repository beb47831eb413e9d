/** What it means for a watcher to fail like this, and what to do. Meanwhile the regular listing finds everything, only later. */
export function describeFailure(code: string): string {
  const advice = ADVICE[code] ?? `the watcher failed (${code})`;
  return `${advice}; until then new files are found by the regular listing (reconcileEveryMs)`;
}

const ADVICE: Readonly<Record<string, string>> = {
  ENOSPC:
    "the folder has more directories than this user may watch: raise fs.inotify.max_user_watches, for example sysctl -w fs.inotify.max_user_watches=1048576, and put it into /etc/sysctl.d",
  EMFILE:
    "this user has too many watchers or open files: raise fs.inotify.max_user_instances, for example sysctl -w fs.inotify.max_user_instances=512, or the limit of open files (ulimit -n)",
  ENFILE: "the system has too many open files: raise fs.file-max",
  ENOMEM: "the kernel has no memory for watches",
  THREAD_STOPPED: "the folder's thread has stopped and will be started again",
};
